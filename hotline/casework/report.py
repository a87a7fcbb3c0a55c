"""Work on one report: read it, accept it, write a note, ask whoever reported, close it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import reports
from hotline.casework import access, questions
from hotline.casework.questions import Asked
from hotline.casework.queue import QueueLine, lines
from hotline.casework.timeline import Happening, timeline
from hotline.core import audit, vault
from hotline.core.vault import Vault
from hotline.escalation import Accepted, Escalation
from hotline.messaging import Page, PageState
from hotline.reports import ORIGINAL, Attachment, NewEntry, Opened, Outcome, Report, Status, Written, attachments
from hotline.staff import Officer

URGENT = 1  # the priority whose early closing needs a reason


class Result(StrEnum):
    """What became of a request to change a report."""

    DONE = "done"
    ABSENT = "absent"  # there is no such report for this officer
    REASON = "reason"  # a reason has to be given
    CLOSED = "closed"  # it was closed already
    OTHERS = "others"  # another officer has it, or nobody


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report, opened. `written` is None where its texts are gone or damaged; authors are names or "reporter"."""

    line: QueueLine
    written: list[Written] | None
    history: list[Happening]
    may_accept: bool
    may_ask: bool
    attachments: list[Attachment]
    may_originals: bool  # whether this officer may take the originals, with all that they hold


@dataclass(frozen=True, slots=True)
class Casework:
    """Work on one report at a time. `keys` must hold the console's; every method raises KeyMissing without."""

    keys: Vault
    escalation: Escalation

    def read(
        self, tx: Session, officer: Officer, report_id: str, now: datetime, *, event: str = "read"
    ) -> ReportView | None:
        """Open a report, on record (as `event`: "read", or "printed"); None if it does not exist for this officer."""
        report = access.find(tx, officer, report_id, now)
        if report is None:
            return None
        written = self._open(tx, officer, report, now)
        audit.record(tx, event, at=now, actor=officer.id, report_id=report.id)
        return ReportView(
            lines(tx, officer, [report])[0],
            _signed(tx, written) if written is not None else None,
            timeline(tx, report.id),
            may_accept=_may_accept(tx, officer, report),
            may_ask=report.accepted_by == officer.id and questions.fault(tx, report, "") is None,
            attachments=attachments.of_report(tx, report.id),
            may_originals=self._may_originals(tx, officer, report),
        )

    def attachment(
        self, tx: Session, officer: Officer, report_id: str, attachment_id: str, part: str, now: datetime
    ) -> Opened | None:
        """Open the copy of an attachment, or its original, on record; None if it does not exist for this officer."""
        report = access.find(tx, officer, report_id, now)
        if report is None:
            return None
        if part == ORIGINAL and not self._may_originals(tx, officer, report):
            audit.record(tx, "denied", at=now, actor=officer.id, report_id=report.id)
            return None
        try:
            opened = attachments.open_part(tx, self.keys, report, attachment_id, part)
        except vault.Unopenable:
            audit.record(tx, "unopenable", at=now, actor=officer.id, report_id=report.id)
            return None
        if opened is not None:
            event = "original_read" if part == ORIGINAL else "attachment_read"
            audit.record(tx, event, at=now, actor=officer.id, report_id=report.id, attachment=attachment_id)
        return opened

    def _may_originals(self, tx: Session, officer: Officer, report: Report) -> bool:
        """Originals tell where and with which phone a picture was made: for who has the report, and for HQ."""
        top = access.at_the_top(tx, self.escalation.policy_of(tx, report), officer)
        return top or officer.integrity or report.accepted_by == officer.id

    def _open(self, tx: Session, officer: Officer, report: Report, now: datetime) -> list[Written] | None:
        try:
            return reports.read_entries(tx, reports.pick_up(tx, self.keys, report))
        except vault.Unopenable:
            audit.record(tx, "unopenable", at=now, actor=officer.id, report_id=report.id)
            return None

    def accept(self, tx: Session, officer: Officer, report_id: str, now: datetime) -> Accepted | None:
        """Take a report; tells who has it if another was first. None if it does not exist for this officer."""
        # Ids only: the engine locks and loads the row, and a copy loaded before the lock would be what it looks at.
        if not access.exists(tx, officer, report_id, now):
            return None
        return self.escalation.accept(tx, report_id, officer.id, now, via="console")

    def note(self, tx: Session, officer: Officer, report_id: str, text: str, now: datetime) -> Result:
        """Write a note; it counts as something done."""
        report = access.find(tx, officer, report_id, now, lock=True)
        if report is None:
            return Result.ABSENT
        reports.note(tx, self.keys, report, officer.id, text, now)
        self.escalation.act(tx, report, now)
        return Result.DONE

    def ask(self, tx: Session, officer: Officer, report_id: str, text: str, now: datetime) -> Result | Asked:
        """Put a question to whoever reported; for the officer who has the report. It counts as something done."""
        report = access.find(tx, officer, report_id, now, lock=True)
        if report is None:
            return Result.ABSENT
        if report.accepted_by != officer.id or report.status == Status.CLOSED:
            return Result.OTHERS
        fault = questions.fault(tx, report, text)
        if fault is not None:
            return fault
        reports.note(tx, self.keys, report, officer.id, text, now, kind="question")
        questions.put(tx, self.escalation.outbox, report, text, now)
        self.escalation.act(tx, report, now)
        return Result.DONE

    def close(
        self, tx: Session, officer: Officer, report_id: str, outcome: Outcome, reason: str, now: datetime
    ) -> Result:
        """End a report. A reason is needed where the closing is early or somebody else's (`needs_reason`)."""
        report = access.find(tx, officer, report_id, now, lock=True)
        if report is None:
            return Result.ABSENT
        if report.status == Status.CLOSED:
            return Result.CLOSED
        if not reason and self.needs_reason(tx, officer, report, now):
            return Result.REASON
        if reason:
            pen = reports.pick_up(tx, self.keys, report)
            reports.write(tx, pen, NewEntry("closing", reason, author=officer.id), now)
        self.escalation.close(tx, report, outcome, officer.id, now)
        return Result.DONE

    def needs_reason(self, tx: Session, officer: Officer, report: Report, now: datetime) -> bool:
        """Not accepted, accepted by another, or urgent and closed within the time that is given for a first action."""
        if report.accepted_by != officer.id or report.accepted_at is None:
            return True
        limit = self.escalation.waits(tx, report).first_action
        return report.priority == URGENT and now - report.accepted_at < limit


def _may_accept(tx: Session, officer: Officer, report: Report) -> bool:
    """Whether accepting would do something: nobody has it, or it is overdue and offered to this officer."""
    if report.status != Status.ACCEPTED:
        return report.status == Status.OPEN
    offered = sa.select(Page.id).where(
        Page.report_id == report.id, Page.officer_id == officer.id, Page.generation == report.generation,
        Page.overdue, Page.state == PageState.OPEN,
    )  # fmt: skip
    return report.accepted_by != officer.id and tx.execute(offered).first() is not None


def _signed(tx: Session, written: list[Written]) -> list[Written]:
    names = access.names(tx, (entry.author for entry in written))
    return [
        Written(
            entry.at,
            entry.kind,
            entry.field,
            entry.value,
            names.get(entry.author, entry.author),
            entry.truncated,
            entry.text,
        )
        for entry in written
    ]
