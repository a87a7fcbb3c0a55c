"""The sending side of the outbox, in the worker.

A row is claimed by compare-and-swap and leased; the sender asks once more whether it may leave, sends, marks.
To officers at least once: an expired lease is queued again. To the public at most once: an expired lease means that the
gateway may have taken it, so it is held and shown, and only a person may release it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import contacts, db, outbox
from hotline.channels.contract import Outbound, Sender, SendError
from hotline.contacts import Contact, Verdict
from hotline.outbox import OutboxRow, PageFailed, State
from hotline.roster import OfficerAddress
from hotline.vault import Unopenable, Vault

LEASE = timedelta(seconds=60)  # longer than any channel's time-out
RETRY = timedelta(seconds=5)  # first wait after a failed send; doubles
MAX_RETRY = timedelta(seconds=60)
MAX_ATTEMPTS = 6  # about two minutes of trying; then the page counts as undeliverable

PageOpen = Callable[[Session, str], bool]


@dataclass(frozen=True, slots=True)
class Post:
    """What sending takes: the only place where addresses and texts are opened."""

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
            message = self._opened(tx, row, now)
        if message is not None:
            self._send(row.id, message)
        return True

    def _opened(self, tx: Session, row: OutboxRow, now: datetime) -> Outbound | None:
        """As `_open`; a row that was tampered with, or sealed to another key, must not hold up those behind it."""
        try:
            return self._open(tx, row, now)
        except Unopenable:
            if row.contact_id is not None:
                outbox.stop(row, State.HELD, "unopenable")
            else:
                self._undeliverable(tx, row, "unopenable", now)
            return None

    def _open(self, tx: Session, row: OutboxRow, now: datetime) -> Outbound | None:
        """The opened message, or None if it may not leave any more (the row says why). Raises Unopenable."""
        if row.contact_id is not None:
            contact = tx.get(Contact, row.contact_id)
            if contact is None:
                self._undeliverable(tx, row, "no_address", now)
                return None
            verdict = contacts.verdict(contact, now)
            if verdict is not Verdict.SEND:
                held = verdict is Verdict.HOLD
                outbox.stop(row, State.HELD if held else State.WITHDRAWN, "late" if held else "contact")
                return None
            address = self.vault.open_as("worker", contact.address, f"contact {contact.channel} {contact.id}")
        else:
            if row.page_id is not None and not self.page_open(tx, row.page_id):
                outbox.stop(row, State.WITHDRAWN, "answered")
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
            if row.state == State.SENDING or outbox.fate_unknown(row):  # a delivery report may have overtaken us
                row.state, row.reason = State.SENT.value, None

    def _mark_error(self, row_id: str, error: SendError) -> None:
        now = self.database.now()
        with self.database.transaction() as tx:
            row = tx.get_one(OutboxRow, row_id, with_for_update=True)
            if row.state != State.SENDING:
                return
            row.lease_until = None
            if error.unknown and row.contact_id is not None:
                outbox.stop(row, State.HELD, outbox.UNKNOWN_FATE)
            elif error.retryable and row.attempts < MAX_ATTEMPTS:
                row.state = State.QUEUED.value
                row.not_before = now + min(RETRY * 2 ** (row.attempts - 1), MAX_RETRY)
            else:
                self._undeliverable(tx, row, error.code, now)

    def _undeliverable(self, tx: Session, row: OutboxRow, reason: str, now: datetime) -> None:
        outbox.fail(tx, row, reason, now, self.page_failed)

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
                    outbox.stop(row, State.HELD, outbox.UNKNOWN_FATE)
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
