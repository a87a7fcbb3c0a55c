"""Messages waiting to leave: put with the fact that caused them, sent and marked later by `dispatcher`."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.channels.contract import Choice
from hotline.core import audit, db, envelopes
from hotline.core.priority import Priority
from hotline.core.timers import DueColumn
from hotline.core.vault import Vault
from hotline.messaging import address_health
from hotline.messaging.contacts import Contact
from hotline.staff import Duty, Member

UNKNOWN_FATE = "unknown_fate"
LATE = "late"  # held until it is safe again: see `safe_contact`
CLEARS = "clear:"  # how the key of a row begins that says nothing and has messages deleted: see `intake/unsend.py`
CLOSED = "closed"  # held until they write, for the channel lets nothing else pass: see `receipts.close`
# Our own faults, which say nothing about the address.
OURS = frozenset({"no_channel", "no_address", "unopenable", "gave_up"})


class OutboxState(StrEnum):
    """The life of a row: forward only, but for queued <-> sending and queued <-> bundled."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    BUNDLED = "bundled"  # another page to the same address says that this one waits too


class OutboxRow(db.Base):
    """A message to the public (contact_id) or to an officer (address_id), sealed to the worker."""

    __tablename__ = "outbox"
    __table_args__ = (
        db.index_where("ix_outbox_due", "priority", "not_before", "created_at", where="state = 'queued'"),
        db.index_where("ix_outbox_leased", "lease_until", where="state = 'sending'"),
        db.index_where("ix_outbox_waiting", "address_id", where="state IN ('queued', 'sending') AND address_id IS NOT NULL"),
        db.index_where("ix_outbox_held", "contact_id", where="state = 'held'"),
        db.index_where("ix_outbox_sent", "address_id", "sent_at", where="address_id IS NOT NULL AND sent_at IS NOT NULL"),
        # a row has the one or the other: a page of an index that need not be written at each commit
        db.index_where("ix_outbox_contact_id", "contact_id"), db.index_where("ix_outbox_page_id", "page_id"),
        db.index_where("ix_outbox_report_id", "report_id"), db.index_where("ix_outbox_receipt_by", "receipt_by"),
        db.index_where("ix_outbox_failing_since", "failing_since"), db.index_where("ix_outbox_bundle_id", "bundle_id"),
        db.index_where("ix_outbox_provider_ref", "provider_ref"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    dedupe: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    contact_id: Mapped[str | None]
    address_id: Mapped[str | None]
    page_id: Mapped[str | None]
    report_id: Mapped[str | None]
    body: Mapped[bytes]  # text and choices (see `pack`) sealed to the worker, context `outbox <id>`
    priority: Mapped[Priority] = mapped_column(db.OneOf(Priority))  # 1 leaves first
    state: Mapped[OutboxState] = mapped_column(db.OneOf(OutboxState), default=OutboxState.QUEUED)
    reason: Mapped[str | None]  # why it is held, failed or withdrawn: an enum, never a text
    bundle_id: Mapped[str | None]  # the row that left in its place
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]  # its gateway has taken nothing at all since
    provider_ref: Mapped[str | None]
    sent_at: Mapped[datetime | None]  # of a bundled row: when the other one left
    receipt_by: Mapped[datetime | None]  # without a receipt by then the officer's next channel starts
    delivered_at: Mapped[datetime | None]
    override: Mapped[bool] = mapped_column(default=False)  # two officers let it leave although it is late


_UNDER_WAY = OutboxRow.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
DUE_COLUMNS = (
    DueColumn(OutboxRow.not_before, _UNDER_WAY), DueColumn(OutboxRow.lease_until, _UNDER_WAY),
    DueColumn(OutboxRow.receipt_by, OutboxRow.receipt_by.is_not(None)),
)  # fmt: skip


class Ring(Protocol):
    """Tells a worker that there is something to send. May do nothing: the worker also looks by itself."""

    def __call__(self, outbox_id: str, *, urgent: bool) -> None: ...


PageFailed = Callable[[Session, str, datetime], None]
BundleText = Callable[[Session, str, int], str]  # (page id, how many more) -> what the page says that speaks for them


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox, where messages are put. `ring` is called after the commit."""

    vault: Vault
    ring: Ring

    def reply(
        self, tx: Session, contact: Contact, text: str, *, dedupe: str, now: datetime, priority: Priority = Priority.P2,
        choices: Sequence[Choice] = (), opens: str = "", report_id: str | None = None, held: str | None = None,
        deletes: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Put a message to the public. `choices`: what its last lines offer, for channels that draw them; see Outbound.

        `report_id`: of a question by an officer. `held`: why it does not leave by itself.
        """
        row = {"dedupe": dedupe, "channel": contact.channel, "contact_id": contact.id, "priority": priority}
        row |= {"report_id": report_id} if report_id else {}
        row |= {"state": OutboxState.HELD, "reason": held} if held else {}
        self._put(tx, row, pack(text, choices, opens, deletes), now)

    def silence(self, tx: Session, contact: Contact, reason: str = "left") -> None:
        """Take back all words that have not left yet for a contact that wants, or must, hear nothing.

        What is being sent is marked: if that fails, it is not tried again (see `taken_back`).
        """
        mine = sa.and_(OutboxRow.contact_id == contact.id, ~OutboxRow.dedupe.startswith(CLEARS))
        sending = OutboxRow.state == OutboxState.SENDING
        waiting = sa.or_(sending, OutboxRow.state.in_((OutboxState.QUEUED, OutboxState.HELD)))
        tx.execute(
            sa.update(OutboxRow)
            .where(mine, waiting)
            .values(state=sa.case((sending, OutboxRow.state), else_=OutboxState.WITHDRAWN), reason=reason)
            .execution_options(synchronize_session=False)
        )

    def forget(self, tx: Session, contact: Contact) -> None:
        """Delete what was or is to be said to a contact that asked for it; what is being sent follows with the contact."""
        self.silence(tx, contact)
        goes_on = sa.and_(OutboxRow.state == OutboxState.QUEUED, OutboxRow.dedupe.startswith(CLEARS))
        gone = sa.and_(OutboxRow.contact_id == contact.id, OutboxRow.state != OutboxState.SENDING, ~goes_on)
        tx.execute(sa.delete(OutboxRow).where(gone).execution_options(synchronize_session=False))

    def page(
        self, tx: Session, address: tuple[str, str], text: str, *, page_id: str, dedupe: str, now: datetime,
        priority: Priority, report_id: str | None = None, not_before: datetime | None = None, choices: Sequence[Choice] = (),
    ) -> None:  # fmt: skip
        """Put a page to an officer's address, given as (address id, channel); it rings at `not_before`, or now.

        `choices`: buttons where the channel has them.
        """
        row = {"page_id": page_id, "report_id": report_id, "priority": priority}
        self._put(tx, row | _to(address, dedupe), pack(text, choices), now, not_before)

    def tell(
        self, tx: Session, officer: Duty | Member, text: str, key: str, *, now: datetime, priority: Priority,
        report_id: str | None = None, skip: Collection[str | None] = (),
    ) -> None:  # fmt: skip
        """Put one message, which is no page, to every address of an officer, except those in `skip`.

        `key` names the occasion: a second message of the same key to the same address is refused when it is written.
        """
        for address in officer.addresses:
            if address[0] not in skip:
                row = {"report_id": report_id, "priority": priority}
                self._put(tx, row | _to(address, f"{key}:{address[0]}"), pack(text), now)

    def answer(self, tx: Session, address: tuple[str, str], text: str, *, dedupe: str, now: datetime) -> None:
        """Put the answer to a message of an officer's phone, to one address: an officer who asked is waiting for it."""
        self._put(tx, {"priority": Priority.P1} | _to(address, dedupe), pack(text), now)

    def _put(
        self, tx: Session, row: dict[str, Any], body: bytes, now: datetime, not_before: datetime | None = None
    ) -> None:
        row_id, urgent = db.new_id(), row["priority"] == 1
        sealed = envelopes.seal_for_worker(tx, self.vault, body, f"outbox {row_id}")
        row |= {"id": row_id, "body": sealed, "created_at": now, "not_before": not_before or now}
        db.add(tx, OutboxRow.made(**row))
        db.after_commit(tx, lambda: self.ring(row_id, urgent=urgent))


def _to(address: tuple[str, str], dedupe: str) -> dict[str, Any]:
    return {"address_id": address[0], "channel": address[1], "dedupe": dedupe}


def pack(text: str, choices: Sequence[Choice] = (), opens: str = "", deletes: Sequence[str] = ()) -> bytes:
    """A text with its choices, or the names of messages to delete, to be sealed."""
    offered = [[choice.label, choice.answer] for choice in choices]
    return json.dumps([text, offered, opens, *deletes], ensure_ascii=False).encode()


def unpack(body: bytes) -> tuple[str, tuple[Choice, ...], str, tuple[str, ...]]:
    """Read what `pack` was given. Raises ValueError."""
    text, choices, opens, *deletes = json.loads(body)
    return text, tuple(Choice(label, answer) for label, answer in choices), opens, tuple(deletes)


def withdraw(tx: Session, report_id: str) -> None:
    """Take back the pages of a report that have not left yet."""
    tx.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.report_id == report_id,
            OutboxRow.address_id.is_not(None),
            OutboxRow.state == OutboxState.QUEUED,
        )
        .values(state=OutboxState.WITHDRAWN, reason="answered")
        .execution_options(synchronize_session=False)
    )


def bring_forward(tx: Session, page_id: str, now: datetime) -> bool:
    """Let the officer's next channel ring now, and those after it as much earlier; False if none waits for its time.

    What has been tried already keeps its own pace.
    """
    waiting = tx.execute(
        sa.select(OutboxRow.id, OutboxRow.not_before, OutboxRow.report_id)
        .where(OutboxRow.page_id == page_id, OutboxRow.state == OutboxState.QUEUED, OutboxRow.attempts == 0)
        .with_for_update()
    ).all()
    earlier = min((row.not_before for row in waiting), default=now) - now
    if earlier <= timedelta():
        return False
    for row in waiting:
        moved = sa.update(OutboxRow).where(OutboxRow.id == row.id)
        db.run(tx, moved.values(not_before=row.not_before - earlier))
    audit.record(tx, "next_channel", at=now, actor="worker", report_id=waiting[0].report_id, channels=len(waiting))
    return True


def stop(row: OutboxRow, state: OutboxState, reason: str) -> None:
    """End the way of a row, for now or for good; `reason` is an enum, never a text."""
    row.state, row.reason, row.lease_until, row.receipt_by, row.failing_since = state, reason, None, None, None


def fail(tx: Session, row: OutboxRow, reason: str, now: datetime, page_failed: PageFailed) -> None:
    """Mark a row as failed for good, with all that it spoke for, and let the pages they belong to move on."""
    if row.address_id is not None and reason not in OURS:
        address_health.failed(tx, row.address_id, now)
    for one in (row, *bundled(tx, row.id)):
        stop(one, OutboxState.FAILED, reason[:32])
        if one.page_id is not None:
            page_failed(tx, one.page_id, now)


def bundled(tx: Session, row_id: str) -> Sequence[OutboxRow]:
    """Load the rows that this one speaks for, ordered by report id to avoid deadlocks of lock order."""
    found = sa.select(OutboxRow).where(OutboxRow.bundle_id == row_id, OutboxRow.state == OutboxState.BUNDLED)
    return tx.scalars(found.order_by(OutboxRow.report_id, OutboxRow.id)).all()


def unbundle(tx: Session, row_id: str, now: datetime) -> None:
    """Free the rows that this one spoke for, as it did not leave: they wait by themselves again."""
    mine = sa.update(OutboxRow).where(OutboxRow.bundle_id == row_id, OutboxRow.state == OutboxState.BUNDLED)
    db.run(tx, mine.values(state=OutboxState.QUEUED, bundle_id=None, not_before=now))


def taken_back(row: OutboxRow) -> bool:
    """Return whether the person left while this row was being sent: if it did not leave, it never may."""
    return row.state == OutboxState.SENDING and row.reason is not None


def fate_unknown(row: OutboxRow) -> bool:
    """Return whether a row is held because the gateway may have taken it."""
    return row.state == OutboxState.HELD and row.reason == UNKNOWN_FATE


def is_late(tx: Session, row_id: str) -> bool:
    """Return whether a message is held because it would be late."""
    late = sa.and_(OutboxRow.state == OutboxState.HELD, OutboxRow.reason == LATE)
    return tx.execute(sa.select(OutboxRow.id).where(OutboxRow.id == row_id, late)).first() is not None


def gateway_trouble(tx: Session) -> dict[str, datetime]:
    """Return the channels whose gateway takes nothing, each with the moment since; only while something waits for it."""
    waiting = sa.and_(
        OutboxRow.failing_since.is_not(None), OutboxRow.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    )
    since = sa.select(OutboxRow.channel, sa.func.min(OutboxRow.failing_since)).where(waiting)
    return {channel: first for channel, first in tx.execute(since.group_by(OutboxRow.channel)) if first}


def release(tx: Session, row_id: str, now: datetime) -> bool:
    """Let a held message go after all; a person's decision, recorded by the caller.

    False for one that is late, too: the sender would hold it again, and only two officers let it go (`safe_contact`).
    """
    not_late = OutboxRow.reason.is_distinct_from(LATE)
    return _decide(tx, row_id, {"state": OutboxState.QUEUED, "not_before": now, "reason": None}, not_late)


def discard(tx: Session, row_id: str) -> bool:
    """Give a held message up; a person's decision, recorded by the caller."""
    return _decide(tx, row_id, {"state": OutboxState.WITHDRAWN, "reason": "discarded"})


def _decide(tx: Session, row_id: str, values: dict[str, object], *conditions: sa.ColumnElement[bool]) -> bool:
    held = sa.update(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.state == OutboxState.HELD, *conditions)
    result = db.run(tx, held.values(values))
    return result.rowcount == 1
