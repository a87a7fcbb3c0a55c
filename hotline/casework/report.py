"""One report, opened for an officer: what it says, what happened to it, what came with it. Each reading is on record."""

from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import reports
from hotline.casework import access, questions
from hotline.casework.actions import Actor
from hotline.casework.queue import QueueLine, lines
from hotline.casework.timeline import Happening, timeline
from hotline.core import audit, vault
from hotline.messaging import Page, PageState
from hotline.reports import ORIGINAL, Attachment, Opened, Report, Status, Written, attachments
from hotline.staff import Member, Officer


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


def read_report(who: Actor, report_id: str, *, event: str = "read") -> ReportView | None:
    """Open a report, on record (as `event`: "read", or "printed"); None if it does not exist for this officer."""
    tx, officer = who.tx, who.officer
    report = access.find(tx, officer, report_id, who.now)
    if report is None:
        return None
    written = _open(who, report)
    audit.record(tx, event, at=who.now, actor=officer.id, report_id=report.id)
    return ReportView(
        lines(tx, officer, [report])[0],
        _signed(tx, written) if written is not None else None,
        timeline(tx, report.id),
        may_accept=_may_accept(tx, officer, report),
        may_ask=report.accepted_by == officer.id and questions.fault(tx, report, "") is None,
        attachments=attachments.of_report(tx, report.id),
        may_originals=_may_originals(who, report),
    )


def open_attachment(who: Actor, report_id: str, attachment_id: str, part: str) -> Opened | None:
    """Open the copy of an attachment, or its original, on record; None if it does not exist for this officer."""
    report = access.find(who.tx, who.officer, report_id, who.now)
    if report is None:
        return None
    record = partial(audit.record, who.tx, at=who.now, actor=who.officer.id, report_id=report.id)
    if part == ORIGINAL and not _may_originals(who, report):
        record("denied")
        return None
    try:
        opened = attachments.open_part(who.tx, who.keys, report, attachment_id, part)
    except vault.Unopenable:
        record("unopenable")
        return None
    if opened is not None:
        record("original_read" if part == ORIGINAL else "attachment_read", attachment=attachment_id)
    return opened


def _may_originals(who: Actor, report: Report) -> bool:
    """Return whether this officer may take originals: whoever has the report, and HQ. They tell where and with what they were made."""
    top = access.at_the_top(who.tx, who.escalation.policy_of(who.tx, report), who.officer)
    return top or who.officer.integrity or report.accepted_by == who.officer.id


def _open(who: Actor, report: Report) -> list[Written] | None:
    try:
        return reports.read_entries(who.tx, reports.pick_up(who.tx, who.keys, report))
    except vault.Unopenable:
        audit.record(who.tx, "unopenable", at=who.now, actor=who.officer.id, report_id=report.id)
        return None


def _may_accept(tx: Session, officer: Officer | Member, report: Report) -> bool:
    """Return whether accepting would do something: nobody has the report, or it is overdue and offered to this officer."""
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
