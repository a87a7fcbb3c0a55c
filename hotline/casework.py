"""What officers do in the console: see their queue, read a report, accept, note, close. Who sees what is decided here.

An officer sees a report of the own circle, one that was paged to them in its current generation, and one that they
have accepted; a tip about an official only as an integrity officer. Every other report does not exist for them, and
asking for it is put on record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import audit, reports, vault
from hotline.escalation import Accepted, Escalation
from hotline.paging import Page, PageState
from hotline.reports import Outcome, Report, Status, Words, Written
from hotline.roster import Officer
from hotline.vault import Vault

SHOWN_OPEN, SHOWN_ACCEPTED = 50, 30  # lines of a queue; the most urgent come first
SHOWN_CLOSED = 50
ALIAS = 6  # characters of an id that name a report which was never paged to the reader
URGENT = 1  # the priority whose early closing needs a reason


class Result(StrEnum):
    """What became of a request to change a report."""

    DONE = "done"
    ABSENT = "absent"  # there is no such report for this officer
    REASON = "reason"  # a reason has to be given
    CLOSED = "closed"  # it was closed already


@dataclass(frozen=True, slots=True)
class Line:
    """A report in the queue: ids, enums and times."""

    report: Report
    alias: str  # the number of the officer's page, so that it is found again; else the start of the id
    accepted_by: str | None  # a name


@dataclass(frozen=True, slots=True)
class Queue:
    """What an officer sees first. `more`: how many waiting reports are left out."""

    lines: list[Line]
    more: int


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a report's history. `times`: in a row, by the same actor, counted as one; `at` is the last."""

    at: datetime
    event: str
    actor: str  # an officer's name, or "intake", "engine", "worker", "operator"
    data: dict[str, Any]
    times: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report, opened. `written` is None where its texts are gone or damaged; authors are names or "reporter"."""

    line: Line
    written: list[Written] | None
    history: list[Happening]
    may_accept: bool


def visible(officer: Officer) -> sa.ColumnElement[bool]:
    """The rule, as a condition on reports. There is no other."""
    paged = sa.exists().where(
        Page.report_id == Report.id, Page.officer_id == officer.id, Page.generation == Report.generation
    )
    theirs = sa.or_(Report.circle == officer.circle, Report.accepted_by == officer.id, paged)
    return theirs if officer.integrity else sa.and_(theirs, sa.not_(Report.integrity))


def queue(tx: Session, officer: Officer) -> Queue:
    """Open reports by urgency, then accepted ones by what is due, then those closed last."""
    seen = sa.select(Report).where(visible(officer))
    waiting = seen.where(Report.status == Status.OPEN.value)
    accepted = seen.where(Report.status == Status.ACCEPTED.value)
    closed = seen.where(Report.status == Status.CLOSED.value)
    first = tx.scalars(waiting.order_by(Report.priority, Report.due_at).limit(SHOWN_OPEN)).all()
    others = [
        *tx.scalars(accepted.order_by(Report.due_at).limit(SHOWN_ACCEPTED)),
        *tx.scalars(closed.order_by(Report.closed_at.desc()).limit(SHOWN_CLOSED)),
    ]
    count = tx.execute(sa.select(sa.func.count()).select_from(waiting.subquery())).scalar_one()
    return Queue(_lines(tx, officer, [*first, *others]), count - len(first))


@dataclass(frozen=True, slots=True)
class Casework:
    """Work on one report at a time. `keys` must hold the console's; every method raises KeyMissing without."""

    keys: Vault
    escalation: Escalation

    def read(self, tx: Session, officer: Officer, report_id: str, now: datetime) -> Sheet | None:
        """Open a report, on record; None if it does not exist for this officer."""
        report = _find(tx, officer, report_id, now)
        if report is None:
            return None
        written = self._open(tx, officer, report, now)
        audit.record(tx, "read", at=now, actor=officer.id, report_id=report.id)
        return Sheet(
            _lines(tx, officer, [report])[0],
            _signed(tx, written) if written is not None else None,
            _history(tx, report.id),
            may_accept=_may_accept(tx, officer, report),
        )

    def _open(self, tx: Session, officer: Officer, report: Report, now: datetime) -> list[Written] | None:
        try:
            return reports.entries(tx, reports.pick_up(tx, self.keys, report))
        except vault.Unopenable:
            audit.record(tx, "unopenable", at=now, actor=officer.id, report_id=report.id)
            return None

    def accept(self, tx: Session, officer: Officer, report_id: str, now: datetime) -> Accepted | None:
        """Take a report; tells who has it if another was first. None if it does not exist for this officer."""
        # Ids only: the engine locks and loads the row, and a copy loaded before the lock would be what it looks at.
        if not _exists(tx, officer, report_id, now):
            return None
        return self.escalation.accept(tx, report_id, officer.id, now, via="console")

    def note(self, tx: Session, officer: Officer, report_id: str, text: str, now: datetime) -> Result:
        """Write a note; it counts as something done."""
        report = _find(tx, officer, report_id, now, lock=True)
        if report is None:
            return Result.ABSENT
        reports.note(tx, self.keys, report, officer.id, text, now)
        self.escalation.act(tx, report, now)
        return Result.DONE

    def close(
        self, tx: Session, officer: Officer, report_id: str, outcome: Outcome, reason: str, now: datetime
    ) -> Result:
        """End a report. A reason is needed where the closing is early or somebody else's (`needs_reason`)."""
        report = _find(tx, officer, report_id, now, lock=True)
        if report is None:
            return Result.ABSENT
        if report.status == Status.CLOSED:
            return Result.CLOSED
        if not reason and self.needs_reason(tx, officer, report, now):
            return Result.REASON
        if reason:
            pen = reports.pick_up(tx, self.keys, report)
            reports.write(tx, pen, Words("closing", reason, author=officer.id), now)
        self.escalation.close(tx, report, outcome, officer.id, now)
        return Result.DONE

    def needs_reason(self, tx: Session, officer: Officer, report: Report, now: datetime) -> bool:
        """Not accepted, accepted by another, or urgent and closed within the time that is given for a first action."""
        if report.accepted_by != officer.id or report.accepted_at is None:
            return True
        limit = self.escalation.policy_of(tx, report).waits(report.priority).first_action
        return report.priority == URGENT and now - report.accepted_at < limit


def _exists(tx: Session, officer: Officer, report_id: str, now: datetime) -> bool:
    report_id = report_id if report_id.isalnum() else ""  # PostgreSQL takes no NUL
    if tx.execute(sa.select(Report.id).where(Report.id == report_id, visible(officer))).first() is not None:
        return True
    real = tx.execute(sa.select(Report.id).where(Report.id == report_id)).scalar()  # never what was typed
    audit.record(tx, "denied", at=now, actor=officer.id, report_id=real)
    return False


def _find(tx: Session, officer: Officer, report_id: str, now: datetime, *, lock: bool = False) -> Report | None:
    if not _exists(tx, officer, report_id, now):
        return None
    report = tx.get(Report, report_id, with_for_update=lock or None)
    # Transferred between the two statements? The row that is locked now decides.
    still = tx.execute(sa.select(Report.id).where(Report.id == report_id, visible(officer))).first() if lock else True
    return report if still else None


def _may_accept(tx: Session, officer: Officer, report: Report) -> bool:
    """Whether accepting would do something: nobody has it, or it is overdue and offered to this officer."""
    if report.status != Status.ACCEPTED:
        return report.status == Status.OPEN
    offered = sa.select(Page.id).where(
        Page.report_id == report.id, Page.officer_id == officer.id, Page.generation == report.generation,
        Page.overdue, Page.state == PageState.OPEN.value,
    )  # fmt: skip
    return report.accepted_by != officer.id and tx.execute(offered).first() is not None


def _lines(tx: Session, officer: Officer, found: Sequence[Report]) -> list[Line]:
    mine = sa.select(Page.report_id, Page.token).where(
        Page.officer_id == officer.id, Page.report_id.in_([report.id for report in found])
    )
    tokens = {row.report_id: row.token for row in tx.execute(mine.order_by(Page.created_at))}
    names = _names(tx, {report.accepted_by for report in found if report.accepted_by})
    return [
        Line(report, tokens.get(report.id, report.id[:ALIAS]), names.get(report.accepted_by or "")) for report in found
    ]


def _names(tx: Session, officer_ids: Iterable[str]) -> dict[str, str]:
    rows = tx.execute(sa.select(Officer.id, Officer.name).where(Officer.id.in_(set(officer_ids))))
    return {row.id: row.name for row in rows}


def _signed(tx: Session, written: list[Written]) -> list[Written]:
    names = _names(tx, (entry.author for entry in written))
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


def _history(tx: Session, report_id: str) -> list[Happening]:
    rows = audit.history(tx, report_id)
    names = _names(tx, {row.actor for row in rows} | {row.data["officer"] for row in rows if "officer" in row.data})
    found: list[Happening] = []
    for row in rows:
        data = {
            key: names.get(value, value) if key == "officer" else value
            for key, value in row.data.items()
            if key != "entry"  # which entry it was: a conversation of twenty messages is one line
        }
        actor, last = names.get(row.actor, row.actor), found[-1] if found else None
        if last is not None and (last.event, last.actor, last.data) == (row.event, actor, data):
            found[-1] = Happening(row.at, row.event, actor, data, last.times + 1)
        else:
            found.append(Happening(row.at, row.event, actor, data))
    return found
