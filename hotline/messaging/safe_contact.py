"""Safe contact: when a message to the public may leave. A late one waits for their next message or next safe hour.

Only what was held for being late: of what a gateway may have taken already, a person decides (`outbox.release`).
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.conversation import Hours
from hotline.core import audit, db
from hotline.core.localtime import LOCAL
from hotline.core.priority import Priority
from hotline.core.statements import CompiledStatement
from hotline.messaging.contacts import SAFE_WINDOW, Contact, Safety
from hotline.messaging.outbox import CLOSED, LATE, OutboxRow, OutboxState

_ROWS, _CONTACTS = db.table(OutboxRow), db.table(Contact)
_HELD = sa.text("outbox.state = 'held'")  # as the index has it
_WAITING = sa.and_(_HELD, _ROWS.c.reason == LATE)
_UNTIL_THEY_WRITE = sa.and_(_HELD, sa.or_(_ROWS.c.reason == LATE, _ROWS.c.reason == CLOSED))
_RELEASE = CompiledStatement(
    sa.update(_ROWS)
    .where(_UNTIL_THEY_WRITE, _ROWS.c.contact_id == sa.bindparam("of_contact"))
    # one urgency for all of them, the answer to the new message too, so that the oldest leaves first
    .values(state=OutboxState.QUEUED, reason=None, priority=sa.bindparam("urgency", type_=sa.Integer()))
)


class Verdict(StrEnum):
    """The decision about a message that is about to leave."""

    SEND = "send"
    HOLD = "hold"  # too late for now: it waits for their next message or their next safe hour
    DROP = "drop"


class Danger(StrEnum):
    """The reason to let a message leave although it may not be safe. There is one."""

    IMMINENT = "imminent_danger"


def release_waiting(tx: Session, contact: Contact, urgency: Priority) -> None:
    """Queue what waited until the person wrote; it leaves before the answer to what they wrote."""
    _RELEASE.run(tx, {"of_contact": contact.id, "urgency": urgency})


def release_due(tx: Session, now: datetime) -> int:
    """Let messages leave whose safe hour has come, and delete contacts that were erased: the clock's part, every minute.

    Returns how many messages were let go.
    """
    local = now.astimezone(LOCAL)
    minute, start, end = local.hour * 60 + local.minute, _CONTACTS.c.start_minute, _CONTACTS.c.end_minute
    within = sa.case((start < end, sa.and_(start <= minute, minute < end)), else_=sa.or_(start <= minute, minute < end))
    # as `contacts.word_wanted`: the hour alone does not say who reads
    given = sa.or_(_CONTACTS.c.check_word.is_(None), _CONTACTS.c.checked_at >= now - SAFE_WINDOW)
    safe = sa.select(_CONTACTS.c.id).where(_CONTACTS.c.safety == Safety.SAFE_HOURS, within, given)
    freed = {"state": OutboxState.QUEUED, "reason": None}
    found = db.run(tx, sa.update(_ROWS).where(_WAITING, _ROWS.c.contact_id.in_(safe)).values(freed))
    _forget(tx, now)
    return found.rowcount


def _forget(tx: Session, now: datetime) -> None:
    """Delete the rest of contacts that asked for it, once their last answer has left or may not leave any more."""
    erased = sa.select(_CONTACTS.c.id).where(_CONTACTS.c.erased_at < now - SAFE_WINDOW)
    db.run(tx, sa.delete(_ROWS).where(_ROWS.c.contact_id.in_(erased)))
    db.run(tx, sa.delete(_CONTACTS).where(_CONTACTS.c.erased_at < now - SAFE_WINDOW))


def override(
    tx: Session, row_id: str, officer_id: str, second_id: str, reason: Danger, now: datetime,
    *, report_id: str | None = None,
) -> bool:  # fmt: skip
    """Let a late message leave by the word of two officers, although it may not be safe; False if it is not held as late.

    It still does not leave to somebody who must hear nothing at all. Raises ValueError for one officer alone, or one
    who is not active.
    """
    members = staff.current_directory(tx).members
    if officer_id == second_id or not {officer_id, second_id} <= members.keys():
        raise ValueError("two different active officers decide")
    late = sa.and_(_ROWS.c.id == row_id, _WAITING)
    freed = {"state": OutboxState.QUEUED, "reason": None, "not_before": now, "override": True}
    if db.run(tx, sa.update(_ROWS).where(late).values(freed)).rowcount != 1:
        return False
    audit.record(
        tx, "contact_overridden", at=now, actor=officer_id, report_id=report_id, second=second_id, reason=reason,
        outbox=row_id,
    )  # fmt: skip
    return True


def tighten(contact: Contact, safety: Safety) -> None:
    """Keep what the person said is safe. It never loosens what was said before: numbers can be forged."""
    order = [*Safety]
    if order.index(safety) > order.index(Safety(contact.safety)):
        contact.safety = safety


def tighten_hours(contact: Contact, hours: Hours | None) -> None:
    """Keep the safe hours that the person named (None: not understood). Later ones may only be narrower, else there are none."""
    known = contact.hours
    if hours is None or (known is not None and not known.cover(hours)):
        tighten(contact, Safety.PULL_ONLY)
        return
    tighten(contact, Safety.SAFE_HOURS)
    contact.start_minute, contact.end_minute = hours.start, hours.end


def may_send(contact: Contact, now: datetime) -> Verdict:
    """Decide whether a message may leave to this contact now. Asked by the sender, for every message to the public."""
    if contact.safety in (Safety.NEVER, Safety.DURESS):
        return Verdict.DROP
    if now - contact.last_inbound_at <= SAFE_WINDOW:
        return Verdict.SEND
    hours = contact.hours if contact.safety == Safety.SAFE_HOURS else None
    return Verdict.SEND if hours is not None and hours.contain(now) else Verdict.HOLD
