"""Actions of officers on a report: accept, note, ask, close. Written once, for the console, the phone and paper.

Each takes the officer who acts and the report, which the caller has found for this officer and locked: by `access` at the
console, by the number of a page on the phone.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hotline import reports
from hotline.casework import questions
from hotline.casework.results import DONE, Fault, Result
from hotline.core.priority import Priority
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.reports import NewEntry, Outcome, Report, Status
from hotline.staff import Member, Officer

URGENT = Priority.P1  # whose early closing needs a reason
CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Actor:
    """An officer who acts, within one transaction.

    `keys`: at the console they must open reports, and what needs them raises KeyMissing without; a phone's only seal.
    """

    tx: Session
    escalation: Escalation
    keys: Vault
    officer: Officer | Member
    now: datetime
    via: str = CONSOLE  # else the channel of the phone

    @property
    def at_console(self) -> bool:
        """Return whether the officer has logged in; a phone's number can be forged, and its notes are sealed one-way."""
        return self.via == CONSOLE

    def has(self, report: Report) -> bool:
        """Return whether this officer is the one who works on a report."""
        return report.status == Status.ACCEPTED and report.accepted_by == self.officer.id


def accept(
    who: Actor, report: Report, *, holder: str = "", via: str = "", at: datetime | None = None,
    generation: int | None = None,
) -> Result:  # fmt: skip
    """Take a report; the first one wins, and closed is closed, whoever had it.

    `holder`, `via`, `at`: another officer takes it, who said so in this way at that time; `who` typed it.
    `generation`: what was answered is older than this if the report has moved.
    """
    if report.status == Status.CLOSED:
        return Result(Fault.CLOSED, report.accepted_by)
    if generation not in (None, report.generation):
        return Result(Fault.MOVED, report.accepted_by)
    typist = who.officer.id if holder else None
    accepted = who.escalation.accept(
        who.tx, report.id, holder or who.officer.id, who.now, via=via or who.via, actor=typist, at=at
    )
    return Result(None if accepted.won else Fault.TAKEN, accepted.officer_id, accepted.preferred)


def settled(report: Report) -> Result | None:
    """Return who has the report or had it when it was closed; None for one that still waits for somebody."""
    if report.status == Status.OPEN:
        return None
    return Result(Fault.CLOSED if report.status == Status.CLOSED else Fault.TAKEN, report.accepted_by)


def note(who: Actor, report: Report, text: str) -> Result:
    """Write a note; it counts as something done."""
    return _write(who, report, text, "note")


def ask_fault(who: Actor, report: Report, text: str) -> Fault | None:
    """Return why this officer can't ask whoever reported, if they can't."""
    return questions.fault(who.tx, report, text) if who.has(report) else Fault.OTHERS


def ask(who: Actor, report: Report, text: str) -> Result:
    """Put a question to whoever reported; it leaves when that is safe. It counts as something done."""
    fault = ask_fault(who, report, text)
    if fault is not None:
        return Result(fault)
    result = _write(who, report, text, "question")
    questions.put(who.tx, who.escalation.outbox, report, text, who.now)
    return result


def _write(who: Actor, report: Report, text: str, kind: str) -> Result:
    write = reports.note if who.at_console else reports.leave_note
    write(who.tx, who.keys, report, who.officer.id, text, who.now, kind=kind)
    who.escalation.act(who.tx, report, who.now)
    return DONE


def revive(who: Actor, report: Report) -> Result:
    """Make a report of what was set aside when it came in."""
    return DONE if who.escalation.revive(who.tx, report, who.officer.id, who.now) else Result(Fault.CLOSED)


def close_fault(who: Actor, report: Report, reason: str = "") -> Fault | None:
    """Return why this officer can't close the report, if they can't: a reason, or from a phone a note, has to be given."""
    if report.status == Status.CLOSED:
        return Fault.CLOSED
    if who.at_console:
        return Fault.REASON if not reason and _needs_reason(who, report) else None
    if not who.has(report):
        return Fault.OTHERS
    return None if reports.has_note(who.tx, report, who.officer.id) else Fault.NOTE


def close(who: Actor, report: Report, outcome: Outcome, reason: str = "") -> Result:
    """End a report, with a reason where one is needed (`close_fault`)."""
    fault = close_fault(who, report, reason)
    if fault is not None:
        return Result(fault)
    if reason:
        pen = reports.pick_up(who.tx, who.keys, report)
        reports.write(who.tx, pen, NewEntry("closing", reason, author=who.officer.id), who.now)
    who.escalation.close(who.tx, report, outcome, who.officer.id, who.now)
    return DONE


def _needs_reason(who: Actor, report: Report) -> bool:
    """Return True for a report of nobody or of another officer, and for an urgent one within its time for a first action."""
    if report.accepted_by != who.officer.id or report.accepted_at is None:
        return True
    limit = who.escalation.waits(who.tx, report).first_action
    return report.priority == URGENT and who.now - report.accepted_at < limit
