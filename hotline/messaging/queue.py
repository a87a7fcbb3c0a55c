"""The statements by which workers share the outbox: claim, lease, renew, mark. Each goes by an index of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels import traits
from hotline.core import db, statements
from hotline.core.priority import Priority
from hotline.core.statements import CompiledStatement
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import UNKNOWN_FATE, OutboxRow, OutboxState
from hotline.messaging.pages import Page
from hotline.staff import OfficerAddress

LEASE = timedelta(seconds=10)  # how long the rows of a worker that died wait; a living one renews
MAX_ATTEMPTS = 6  # about two minutes; then the address is at fault, if its gateway took others meanwhile

_ROWS, _CONTACTS, _ADDRESSES, _PAGES = map(db.table, (OutboxRow, Contact, OfficerAddress, Page))
_QUEUED, _SENDING = sa.text("outbox.state = 'queued'"), sa.text("outbox.state = 'sending'")  # as the indexes have it


@dataclass(frozen=True, slots=True)
class Capacity:
    """The capacity of a worker: at most `limit` rows, none of the `full` channels, of the `crowded` only officers'."""

    limit: int
    full: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row that is claimed, with what is needed to decide about it."""

    id: str
    channel: str
    contact_id: str | None
    address_id: str | None
    page_id: str | None
    body: bytes
    priority: Priority
    override: bool
    safety: str | None
    last_inbound_at: datetime | None
    start_minute: int | None
    end_minute: int | None
    contact_address: bytes | None
    officer_address: bytes | None
    page_state: str | None


def _among(names: str) -> sa.ColumnElement[bool]:
    """Tell whether the channel is one of those in the parameter, a string of words."""
    return sa.bindparam(names, type_=sa.String()).contains(" " + _ROWS.c.channel + " ")


_DUE = (
    sa.select(_ROWS)
    .where(
        _QUEUED, _ROWS.c.not_before <= sa.bindparam("now"), ~_among("full"),
        sa.or_(_ROWS.c.address_id.is_not(None), ~_among("crowded")),
    )
    .order_by(_ROWS.c.priority, _ROWS.c.not_before, _ROWS.c.created_at)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
    .with_for_update(skip_locked=True)
    .cte("due")
)  # fmt: skip
CLAIM = CompiledStatement(
    sa.select(
        *(_DUE.c[name] for name in ("id", "channel", "contact_id", "address_id", "page_id", "body", "priority", "override")),
        _CONTACTS.c.safety, _CONTACTS.c.last_inbound_at, _CONTACTS.c.start_minute, _CONTACTS.c.end_minute,
        _CONTACTS.c.address.label("contact_address"),
        _ADDRESSES.c.address.label("officer_address"), _PAGES.c.state.label("page_state"),
    )
    .outerjoin_from(_DUE, _CONTACTS, _CONTACTS.c.id == _DUE.c.contact_id)
    .outerjoin(_ADDRESSES, _ADDRESSES.c.id == _DUE.c.address_id)
    .outerjoin(_PAGES, _PAGES.c.id == _DUE.c.page_id)
    .order_by(_DUE.c.priority, _DUE.c.not_before, _DUE.c.created_at)
)  # fmt: skip
WAITING = CompiledStatement(sa.select(_ROWS.c.id).where(_QUEUED, _ROWS.c.not_before <= sa.bindparam("now")).limit(1))
EXPIRED = CompiledStatement(
    sa.select(_ROWS.c.id).where(_SENDING, _ROWS.c.lease_until < sa.bindparam("now")).with_for_update(skip_locked=True)
)
OVERDUE = CompiledStatement(
    sa.select(_ROWS.c.id).where(_ROWS.c.receipt_by <= sa.bindparam("now")).with_for_update(skip_locked=True)
)
_RENEW = CompiledStatement(
    sa.update(_ROWS).where(_ROWS.c.id == sa.bindparam("row"), _SENDING), columns=("lease_until",)
)
_TAKE = CompiledStatement(
    sa.update(_ROWS)
    .where(_ROWS.c.id == sa.bindparam("row"))
    .values(state=OutboxState.SENDING, lease_until=sa.bindparam("until"), attempts=_ROWS.c.attempts + 1)
)
_STOP = CompiledStatement(
    sa.update(_ROWS).where(_ROWS.c.id == sa.bindparam("row")), columns=("state", "reason", "failing_since")
)

# A delivery report may have overtaken us, and a lease that ended may have queued or held the row again.
_OPEN = sa.or_(
    *(_ROWS.c.state == state for state in (OutboxState.SENDING, OutboxState.QUEUED, OutboxState.SENT)),
    sa.and_(_ROWS.c.state == OutboxState.HELD, _ROWS.c.reason == UNKNOWN_FATE),
)


def _if_open(value: Any, column: sa.Column[Any]) -> sa.Case[Any]:
    return sa.case((_OPEN, sa.literal(value, column.type) if isinstance(value, OutboxState) else value), else_=column)


_SENT = CompiledStatement(
    sa.update(_ROWS)
    .where(_ROWS.c.id == sa.bindparam("row"))
    .values(
        state=_if_open(OutboxState.SENT, _ROWS.c.state), reason=_if_open(None, _ROWS.c.reason),
        receipt_by=_if_open(sa.bindparam("by", type_=db.Moment()), _ROWS.c.receipt_by),
        provider_ref=sa.bindparam("reference"), sent_at=sa.bindparam("now"), lease_until=None, failing_since=None,
    )
)  # fmt: skip
_SPOKEN_FOR = CompiledStatement(sa.update(_ROWS).where(_ROWS.c.bundle_id == sa.bindparam("row")), columns=("sent_at",))
_WORKS = CompiledStatement(
    sa.update(_ROWS)
    .where(_ROWS.c.failing_since.is_not(None), _ROWS.c.channel == sa.bindparam("of_channel"), _QUEUED)
    # what waited out a long outage has its tries before it again
    .values(failing_since=None, attempts=sa.case((_ROWS.c.attempts > MAX_ATTEMPTS, 1), else_=_ROWS.c.attempts))
)


def claim(tx: Session, now: datetime, room: Capacity) -> list[DueRow]:
    """Lock the most urgent rows that are due and that nobody else works on."""
    full, crowded = (f" {' '.join(sorted(names))} " for names in (room.full, room.crowded))
    values = {"now": now, "limit": room.limit, "full": full, "crowded": crowded}
    return [DueRow(**row) for row in CLAIM.rows(tx, values)]


def take(tx: Session, row_ids: Iterable[str], now: datetime) -> None:
    """Lease rows to this process: it is about to send them."""
    statements.run_all(tx, [(_TAKE, {"row": row_id, "until": now + LEASE}) for row_id in row_ids])


def stop(tx: Session, stopped: Iterable[tuple[str, OutboxState, str]]) -> None:
    """End the way of claimed rows, given as (id, state, reason)."""
    statements.run_all(
        tx,
        [
            (_STOP, {"row": row_id, "state": state, "reason": reason, "failing_since": None})
            for row_id, state, reason in stopped
        ],
    )


def renew(tx: Session, row_ids: Iterable[str], now: datetime) -> None:
    """Keep the leases of sends that are under way."""
    statements.run_all(tx, [(_RENEW, {"row": row_id, "lease_until": now + LEASE}) for row_id in row_ids])


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that its gateway took. `paged`: it belongs to a page, so its receipt is waited for."""

    id: str
    channel: str
    reference: str
    paged: bool
    bundle: bool


def mark(tx: Session, taken: Sequence[Taken], now: datetime) -> None:
    """Mark rows as sent, and their gateways as working."""
    for channel in sorted({one.channel for one in taken}):
        works(tx, channel)
    statements.run_all(tx, [(_SENT, _sent(one, now)) for one in taken])
    statements.run_all(tx, [(_SPOKEN_FOR, {"row": one.id, "sent_at": now}) for one in taken if one.bundle])


def _sent(one: Taken, now: datetime) -> dict[str, Any]:
    within = traits.of(one.channel).receipt_within if one.paged else None
    return {"row": one.id, "reference": one.reference, "now": now, "by": now + within if within else None}


def works(tx: Session, channel: str) -> None:
    """A gateway answered: what waits for it waits for other reasons."""
    _WORKS.run(tx, {"of_channel": channel})
