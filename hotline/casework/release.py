"""Release of a late message by two officers, for imminent danger only: one asks and says why, another confirms.

1. `held` lists the messages to whoever reported that wait because they would be late: kinds and times, never a text.
2. `ask` seals the reason into the report. The request itself is the event `override_asked` on record, and it lapses.
3. `confirm`, by another officer and while both see the report, lets the message leave (`safe_contact.override`). The
   sender still drops it for somebody who must hear nothing at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from hotline import reports
from hotline.casework import access
from hotline.casework.actions import Actor
from hotline.casework.results import DONE, Fault, Result
from hotline.core import audit
from hotline.core.audit import AuditRow
from hotline.messaging import LATE, OutboxRow, OutboxState, safe_contact
from hotline.reports import NewEntry, Report
from hotline.staff import Officer

REQUEST_LIFE = timedelta(minutes=15)  # what was danger then may be another matter now
ASKED = "override_asked"
ENTRY = "release"  # kind of the entry that holds the reason


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """An officer's request to release a message, which another officer may confirm until it lapses."""

    officer_id: str
    at: datetime  # of the entry with the reason too

    @property
    def until(self) -> datetime:
        """Return when it lapses."""
        return self.at + REQUEST_LIFE


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message to whoever reported that is held for being late; its text is sealed to the worker."""

    id: str
    since: datetime
    question: bool  # an officer's, else an answer of the hotline
    request: ReleaseRequest | None


def held(who: Actor, report: Report) -> list[HeldMessage]:
    """List what is held for being late of the conversation that this report comes from, oldest first.

    One contact may have reports in several circles and lanes: an answer belongs to the last one that was opened before
    it, so that no sheet tells of another report.
    """
    later = aliased(Report)
    newer = sa.exists().where(
        later.contact_id == report.contact_id, later.opened_at > report.opened_at,
        later.opened_at <= OutboxRow.created_at,
    )  # fmt: skip
    answer = sa.and_(OutboxRow.report_id.is_(None), OutboxRow.created_at >= report.opened_at, ~newer)
    rows = who.tx.execute(
        sa.select(OutboxRow.id, OutboxRow.created_at, OutboxRow.report_id)
        .where(OutboxRow.contact_id == report.contact_id, sa.or_(OutboxRow.report_id == report.id, answer))
        .where(OutboxRow.state == OutboxState.HELD, OutboxRow.reason == LATE)
        .order_by(OutboxRow.created_at, OutboxRow.id)
    ).all()
    asked = _requests(who, report) if rows else {}
    return [HeldMessage(row.id, row.created_at, row.report_id is not None, asked.get(row.id)) for row in rows]


def _requests(who: Actor, report: Report) -> dict[str, ReleaseRequest]:
    """Return the requests that still stand, by message."""
    found = [event for event in audit.history(who.tx, report.id) if event.event == ASKED and _stands(who, event)]
    return {event.data["outbox"]: ReleaseRequest(event.actor, event.at) for event in found}


def _stands(who: Actor, event: AuditRow) -> bool:
    """Return whether a request has not lapsed, and whoever asked is still active and still sees the report."""
    officer = who.tx.get(Officer, event.actor)
    active = officer is not None and officer.active and access.sees(who.tx, officer, event.report_id or "")
    return active and timedelta() <= who.now - event.at < REQUEST_LIFE


def ask(who: Actor, report: Report, message_id: str, reason: str) -> Result:
    """Ask for the release of a message; `reason` says why somebody is in danger now, and is kept in the report."""
    message = _of_id(who, report, message_id)
    if message is None or message.request is not None:
        return Result(Fault.ASKED if message is not None else Fault.GONE)
    pen = reports.pick_up(who.tx, who.keys, report)
    reports.write(who.tx, pen, NewEntry(ENTRY, reason, author=who.officer.id), who.now)
    danger = safe_contact.Danger.IMMINENT
    audit.record(who.tx, ASKED, at=who.now, actor=who.officer.id, report_id=report.id, outbox=message_id, reason=danger)
    return DONE


def confirm(who: Actor, report: Report, message_id: str) -> Result:
    """Let a message leave that another officer asked to release."""
    message = _of_id(who, report, message_id)
    if message is None:
        return Result(Fault.GONE)
    request = message.request
    if request is None or request.officer_id == who.officer.id:
        audit.record(who.tx, "denied", at=who.now, actor=who.officer.id, report_id=report.id)
        return Result(Fault.LAPSED if request is None else Fault.SAME)
    danger = safe_contact.Danger.IMMINENT
    gone = safe_contact.override(
        who.tx, message_id, request.officer_id, who.officer.id, danger, who.now, report_id=report.id
    )
    return DONE if gone else Result(Fault.GONE)


def _of_id(who: Actor, report: Report, message_id: str) -> HeldMessage | None:
    return next((message for message in held(who, report) if message.id == message_id), None)
