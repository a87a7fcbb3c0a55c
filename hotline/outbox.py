"""Messages waiting to leave: put with the fact that caused them, sent and marked later by `post`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import contacts, db
from hotline.channels.contract import Delivery
from hotline.contacts import Contact
from hotline.vault import Vault

UNKNOWN_FATE = "unknown_fate"


class State(StrEnum):
    """The life of a row: forward only, but for queued <-> sending."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class OutboxRow(db.Base):
    """A message to the public (contact_id) or to an officer (address_id), sealed to the worker."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_due", "priority", "not_before", sqlite_where=sa.text("state = 'queued'"),
                 postgresql_where=sa.text("state = 'queued'")),
        sa.Index("ix_outbox_leased", "lease_until", sqlite_where=sa.text("state = 'sending'"),
                 postgresql_where=sa.text("state = 'sending'")),
        # a row has the one or the other: a page of an index that need not be written at each commit
        db.index_of_some("outbox", "contact_id"), db.index_of_some("outbox", "page_id"),
        db.index_of_some("outbox", "report_id"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    dedupe: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    contact_id: Mapped[str | None]
    address_id: Mapped[str | None]
    page_id: Mapped[str | None]
    report_id: Mapped[str | None]
    body: Mapped[bytes]  # sealed to the worker, context `outbox <id>`
    priority: Mapped[int]  # 1 leaves first
    state: Mapped[str] = mapped_column(default=State.QUEUED.value)
    reason: Mapped[str | None]  # why it is held, failed or withdrawn: an enum, never a text
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    provider_ref: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class Ring(Protocol):
    """Tells a worker that there is something to send. May do nothing: the worker also looks by itself."""

    def __call__(self, outbox_id: str, *, urgent: bool) -> None: ...


PageFailed = Callable[[Session, str, datetime], None]


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where messages are put. `ring` is called after the commit."""

    vault: Vault
    ring: Ring

    def reply(
        self, tx: Session, contact: Contact, text: str, *, dedupe: str, now: datetime, priority: int = 2
    ) -> OutboxRow:
        """Put a message to the public."""
        row = OutboxRow(dedupe=dedupe, channel=contact.channel, contact_id=contact.id, priority=priority)
        return self._put(tx, row, text, now)

    def silence(self, tx: Session, contact: Contact) -> None:
        """Take back all that has not left yet for a contact that wants to hear nothing."""
        waiting = OutboxRow.state.in_((State.QUEUED.value, State.HELD.value))
        tx.execute(
            sa.update(OutboxRow)
            .where(OutboxRow.contact_id == contact.id, waiting)
            .values(state=State.WITHDRAWN.value, reason="left")
            .execution_options(synchronize_session=False)
        )

    def page(
        self, tx: Session, address: tuple[str, str], text: str, *, dedupe: str, now: datetime,
        priority: int, page_id: str | None = None, report_id: str | None = None, not_before: datetime | None = None,
    ) -> OutboxRow:  # fmt: skip
        """Put a message to an officer's address, given as (address id, channel); it rings at `not_before`, or now."""
        row = OutboxRow(
            dedupe=dedupe,
            channel=address[1],
            address_id=address[0],
            page_id=page_id,
            report_id=report_id,
            priority=priority,
        )
        return self._put(tx, row, text, now, not_before)

    def _put(
        self, tx: Session, row: OutboxRow, text: str, now: datetime, not_before: datetime | None = None
    ) -> OutboxRow:
        row.id = db.new_id()
        row.body = contacts.seal_for_worker(tx, self.vault, text.encode(), f"outbox {row.id}")
        row.created_at, row.not_before = now, not_before or now
        row.state = State.QUEUED.value
        db.insert(tx, row)
        db.after_commit(tx, lambda: self.ring(row.id, urgent=row.priority == 1))
        return row


def withdraw(tx: Session, report_id: str) -> None:
    """Take back the pages of a report that have not left yet."""
    tx.execute(
        sa.update(OutboxRow)
        .where(
            OutboxRow.report_id == report_id, OutboxRow.address_id.is_not(None), OutboxRow.state == State.QUEUED.value
        )
        .values(state=State.WITHDRAWN.value, reason="answered")
        .execution_options(synchronize_session=False)
    )


def stop(row: OutboxRow, state: State, reason: str) -> None:
    """End the way of a row, for now or for good; `reason` is an enum, never a text."""
    row.state, row.reason, row.lease_until = state.value, reason, None


def fail(tx: Session, row: OutboxRow, reason: str, now: datetime, page_failed: PageFailed) -> None:
    """Mark a row as failed for good, and let the page it belongs to move on."""
    stop(row, State.FAILED, reason[:32])
    if row.page_id is not None:
        db.flush(tx)
        page_failed(tx, row.page_id, now)


FORWARD = {
    State.SENT: (State.SENDING, State.QUEUED),
    State.DELIVERED: (State.SENDING, State.QUEUED, State.SENT),
    State.FAILED: (State.SENDING, State.QUEUED, State.SENT),
}


def delivered(tx: Session, delivery: Delivery, now: datetime, page_failed: PageFailed) -> None:
    """Take a provider's delivery report: forward only, repeats and unknown ids change nothing."""
    row = tx.get(OutboxRow, delivery.outbox_id, with_for_update=True)
    if row is None or not (row.state in FORWARD[State(delivery.state)] or fate_unknown(row)):
        return
    if delivery.state == "failed":
        fail(tx, row, delivery.detail or "undelivered", now, page_failed)
        return
    row.state, row.reason, row.lease_until = delivery.state, None, None
    if delivery.state == "delivered":
        row.delivered_at = now


def fate_unknown(row: OutboxRow) -> bool:
    """Whether a row is held because the gateway may have taken it."""
    return row.state == State.HELD and row.reason == UNKNOWN_FATE


def release(tx: Session, row_id: str, now: datetime) -> bool:
    """Let a held message go after all; a person's decision, recorded by the caller."""
    return _decide(tx, row_id, {"state": State.QUEUED.value, "not_before": now, "reason": None})


def discard(tx: Session, row_id: str) -> bool:
    """Give a held message up; a person's decision, recorded by the caller."""
    return _decide(tx, row_id, {"state": State.WITHDRAWN.value, "reason": "discarded"})


def _decide(tx: Session, row_id: str, values: dict[str, object]) -> bool:
    held = sa.update(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.state == State.HELD.value)
    result = db.run(tx, held.values(values))
    return result.rowcount == 1
