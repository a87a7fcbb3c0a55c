"""Messages waiting to leave: put with the fact that caused them, claimed, sent and marked later.

A row is claimed by compare-and-swap and leased; the sender asks once more whether it may leave, sends, marks.
To officers at least once: an expired lease is queued again. To the public at most once: an expired lease means that the
gateway may have taken it, so it is held and shown, and only a person may release it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import contacts, db
from hotline.channels.contract import Delivery, Outbound, Sender, SendError
from hotline.contacts import Contact, Verdict
from hotline.roster import OfficerAddress
from hotline.vault import Vault

LEASE = timedelta(seconds=60)  # longer than any channel's time-out
RETRY = timedelta(seconds=5)  # first wait after a failed send; doubles
MAX_RETRY = timedelta(seconds=60)
MAX_ATTEMPTS = 6  # about two minutes of trying; then the page counts as undeliverable


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
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    dedupe: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    contact_id: Mapped[str | None] = mapped_column(index=True)
    address_id: Mapped[str | None]
    page_id: Mapped[str | None] = mapped_column(index=True)
    report_id: Mapped[str | None] = mapped_column(index=True)
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


PageOpen = Callable[[Session, str], bool]
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
        priority: int, page_id: str | None = None, report_id: str | None = None,
    ) -> OutboxRow:  # fmt: skip
        """Put a message to an officer's address, given as (address id, channel)."""
        row = OutboxRow(
            dedupe=dedupe,
            channel=address[1],
            address_id=address[0],
            page_id=page_id,
            report_id=report_id,
            priority=priority,
        )
        return self._put(tx, row, text, now)

    def _put(self, tx: Session, row: OutboxRow, text: str, now: datetime) -> OutboxRow:
        row.id = db.new_id()
        row.body = self.vault.seal_for("worker", text.encode(), f"outbox {row.id}")
        row.created_at = row.not_before = now
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


@dataclass(frozen=True, slots=True)
class Post:
    """The sending side, in the worker: the only place where addresses and texts are opened."""

    database: db.Database
    vault: Vault
    senders: Mapping[str, Sender]  # channel -> sender
    page_open: PageOpen
    page_failed: PageFailed

    def deliver_one(self) -> bool:
        """Claim the most urgent row that is due, send it, mark it; False when none is due."""
        now = self.database.now()
        with self.database.transaction() as tx:
            row = _claim(tx, now)
            if row is None:
                return False
            message = self._open(tx, row, now)
        if message is not None:
            self._send(row.id, message)
        return True

    def _open(self, tx: Session, row: OutboxRow, now: datetime) -> Outbound | None:
        """The opened message, or None if it may not leave any more (the row says why)."""
        if row.contact_id is not None:
            contact = tx.get_one(Contact, row.contact_id)
            verdict = contacts.verdict(contact, now)
            if verdict is not Verdict.SEND:
                held = verdict is Verdict.HOLD
                _stop(row, State.HELD if held else State.WITHDRAWN, "late" if held else "contact")
                return None
            address = self.vault.open_as("worker", contact.address, f"contact {contact.channel} {contact.id}")
        else:
            if row.page_id is not None and not self.page_open(tx, row.page_id):
                _stop(row, State.WITHDRAWN, "answered")
                return None
            target = tx.get(OfficerAddress, row.address_id)
            if target is None:
                self._undeliverable(tx, row, "no_address", now)
                return None
            address = self.vault.open_as("worker", target.address, f"officer {target.channel} {target.id}")
        if row.channel not in self.senders:
            self._undeliverable(tx, row, "no_channel", now)
            return None
        text = self.vault.open_as("worker", row.body, f"outbox {row.id}").decode()
        return Outbound(row.id, row.channel, address.decode(), text)

    def _send(self, row_id: str, message: Outbound) -> None:
        try:
            reference = self.senders[message.channel].send(message)
        except SendError as error:
            self._mark_error(row_id, error)
            return
        now = self.database.now()
        with self.database.transaction() as tx:
            row = tx.get_one(OutboxRow, row_id, with_for_update=True)
            row.provider_ref, row.sent_at, row.lease_until = reference, now, None
            if row.state == State.SENDING:  # a delivery report may have overtaken us
                row.state = State.SENT.value

    def _mark_error(self, row_id: str, error: SendError) -> None:
        now = self.database.now()
        with self.database.transaction() as tx:
            row = tx.get_one(OutboxRow, row_id, with_for_update=True)
            if row.state != State.SENDING:
                return
            row.lease_until = None
            if error.unknown and row.contact_id is not None:
                _stop(row, State.HELD, "unknown_fate")
            elif error.retryable and row.attempts < MAX_ATTEMPTS:
                row.state = State.QUEUED.value
                row.not_before = now + min(RETRY * 2 ** (row.attempts - 1), MAX_RETRY)
            else:
                self._undeliverable(tx, row, error.code, now)

    def _undeliverable(self, tx: Session, row: OutboxRow, reason: str, now: datetime) -> None:
        fail(tx, row, reason, now, self.page_failed)

    def waiting(self) -> bool:
        """Whether any row is due; a look without the write lock."""
        due = sa.select(OutboxRow.id).where(
            OutboxRow.state == State.QUEUED.value, OutboxRow.not_before <= self.database.now()
        )
        with self.database.reading() as tx:
            return tx.execute(due.limit(1)).first() is not None

    def recover(self) -> int:
        """Deal with rows whose sender died: officers' are queued again, the public's are held. Returns how many."""
        now = self.database.now()
        expired = sa.and_(OutboxRow.state == State.SENDING.value, OutboxRow.lease_until < now)
        with self.database.reading() as tx:
            if tx.execute(sa.select(OutboxRow.id).where(expired).limit(1)).first() is None:
                return 0
        with self.database.transaction() as tx:
            rows = tx.scalars(sa.select(OutboxRow).where(expired).with_for_update(skip_locked=True)).all()
            for row in rows:
                row.lease_until = None
                if row.contact_id is not None:
                    _stop(row, State.HELD, "unknown_fate")
                else:
                    row.state, row.not_before = State.QUEUED.value, now
        return len(rows)


def _claim(tx: Session, now: datetime) -> OutboxRow | None:
    row = tx.scalars(
        sa.select(OutboxRow)
        .where(OutboxRow.state == State.QUEUED.value, OutboxRow.not_before <= now)
        .order_by(OutboxRow.priority, OutboxRow.not_before)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is not None:
        row.state, row.lease_until, row.attempts = State.SENDING.value, now + LEASE, row.attempts + 1
    return row


def _stop(row: OutboxRow, state: State, reason: str) -> None:
    row.state, row.reason, row.lease_until = state.value, reason, None


def fail(tx: Session, row: OutboxRow, reason: str, now: datetime, page_failed: PageFailed) -> None:
    """Mark a row as failed for good, and let the page it belongs to move on."""
    _stop(row, State.FAILED, reason[:32])
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
    if row is None or row.state not in FORWARD[State(delivery.state)]:
        return
    if delivery.state == "failed":
        fail(tx, row, delivery.detail or "undelivered", now, page_failed)
        return
    row.state, row.lease_until = delivery.state, None
    if delivery.state == "delivered":
        row.delivered_at = now


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
