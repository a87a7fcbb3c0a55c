"""The sending side of the outbox, in the worker.

1. `turn` marks what was sent, claims the most urgent rows that are due, one for each sender that is free, and leases
   them: all in one transaction. It asks once more whether each may leave. Nothing is claimed that is not sent at once.
2. `send` hands one over, in a thread of its own; the next `turn` marks it. Meanwhile `renew` keeps the leases.
3. `recover` deals with leases that ended, whose worker is dead, and with receipts that did not come.

To officers at least once: such a row is queued again. To the public at most once: the gateway may have taken it, so it
is held and shown, and only a person may release it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline.channels.contract import Outbound, Sender, SendError
from hotline.core import audit, db
from hotline.core.priority import Priority
from hotline.core.vault import Unopenable, Vault
from hotline.messaging import bundling, outbox, queue, receipts, safe_contact
from hotline.messaging.bundling import Crowds
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import UNKNOWN_FATE, BundleText, OutboxRow, OutboxState, PageFailed
from hotline.messaging.pages import PageState
from hotline.messaging.queue import Capacity, DueRow, Taken
from hotline.messaging.safe_contact import Verdict

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=5)  # first wait after a failed send; doubles
MAX_RETRY = timedelta(seconds=60)
MAX_URGENT_RETRY = timedelta(seconds=15)  # of P1
GIVE_UP = timedelta(hours=24)  # a gateway that is down does not make its messages fail before this

NO_ROOM = Capacity(0)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A row that is leased to this process and must be sent now."""

    message: Outbound
    paged: bool  # it belongs to a page, so a receipt is waited for
    bundle: bool = False  # it speaks for others


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome of a send: the gateway's reference, or an error."""

    leaving: Leaving
    reference: str = ""
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """The find of a turn: how many rows were due, and those of them that leave."""

    found: int
    leaving: list[Leaving]


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """The sending side of a worker, and the only place where addresses and texts are opened."""

    database: db.Database
    vault: Vault
    senders: Mapping[str, Sender]  # channel -> sender
    page_failed: PageFailed
    bundle_text: BundleText

    def deliver_one(self) -> bool:
        """Send the most urgent row that is due; False when none is due."""
        turn = self.turn([], Capacity(1))
        self.turn([self.send(leaving) for leaving in turn.leaving], NO_ROOM)
        return turn.found > 0

    def turn(self, done: Sequence[Sent], room: Capacity) -> Pass:
        """Mark what is `done` and claim what fits in `room`. May be repeated with the same `done` after an error."""
        now = self.database.now()
        for sent in done:
            if sent.error is not None:
                self._failed(sent, sent.error, now)
        taken = [sent for sent in done if sent.error is None]
        if not taken and not room.limit:
            return Pass(0, [])
        with self.database.transaction() as tx:
            queue.mark(tx, [_taken(sent) for sent in taken], now)
            rows = queue.claim(tx, now, room) if room.limit else []
            begun = self._begin(tx, rows, now)
        for sent in begun:
            if sent.error is not None:
                self._failed(sent, sent.error, now)
        return Pass(len(rows), [sent.leaving for sent in begun if sent.error is None])

    def send(self, leaving: Leaving) -> Sent:
        """Hand a message to its gateway; takes as long as that does. A bug in a channel is a failure like others."""
        try:
            return Sent(leaving, self.senders[leaving.message.channel].send(leaving.message))
        except SendError as error:
            return Sent(leaving, error=error)
        except Exception:
            log.exception("send failed", extra={"outbox_id": leaving.message.id})
            return Sent(leaving, error=SendError("crashed", retryable=True, unknown=True))

    def _begin(self, tx: Session, rows: Sequence[DueRow], now: datetime) -> list[Sent]:
        """Lease the rows that may leave; those of officers that cannot be sent come back with an error."""
        crowds = Crowds(tx, {row.address_id or "" for row in rows if bundling.counts(row.priority, row.page_id)}, now)
        begun: list[Sent] = []
        stopped: list[tuple[str, OutboxState, str]] = []
        for row in rows:
            opened = self._opened(row, now)
            if isinstance(opened, tuple):
                stopped.append((row.id, *opened))
                continue
            if opened.error is None and bundling.counts(row.priority, row.page_id):
                more = crowds.admit(row.id, row.address_id or "", row.page_id or "")
                if more is None:
                    continue
                opened = self._speaking_for(tx, opened, row.page_id or "", more)
            begun.append(opened)
        queue.stop(tx, stopped)
        queue.take(tx, [sent.leaving.message.id for sent in begun], now)
        return begun

    def _opened(self, row: DueRow, now: datetime) -> Sent | tuple[OutboxState, str]:
        """Open the message as it leaves, or return what to do with the row instead, and why.

        A row that was tampered with, or sealed to another key, must not hold up those behind it.
        """
        verdict = _public(row, now) if row.contact_id is not None else _officer(row)
        if verdict is not None:
            return verdict
        code = self._lacks(row)
        if code is None:
            try:
                return Sent(Leaving(self._open(row), row.page_id is not None))
            except (Unopenable, ValueError):
                code = "unopenable"
        if row.contact_id is not None:
            return (OutboxState.HELD if code == "unopenable" else OutboxState.FAILED), code
        nothing = Leaving(Outbound(row.id, row.channel, "", ""), row.page_id is not None)
        return Sent(nothing, error=SendError(code, retryable=False))

    def _lacks(self, row: DueRow) -> str | None:
        if (row.contact_address or row.officer_address) is None:
            return "no_address"
        return None if row.channel in self.senders else "no_channel"

    def _open(self, row: DueRow) -> Outbound:
        if row.contact_id is not None:
            sealed, context = row.contact_address, f"contact {row.channel} {row.contact_id}"
        else:
            sealed, context = row.officer_address, f"officer {row.channel} {row.address_id}"
        address = self.vault.open_as("worker", sealed or b"", context).decode()
        return Outbound(
            row.id, row.channel, address, *outbox.unpack(self.vault.open_as("worker", row.body, f"outbox {row.id}"))
        )

    def _speaking_for(self, tx: Session, opened: Sent, page_id: str, more: int) -> Sent:
        if not more:
            return opened
        message = replace(opened.leaving.message, text=self.bundle_text(tx, page_id, more))
        return replace(opened, leaving=replace(opened.leaving, message=message, bundle=True))

    def _failed(self, sent: Sent, error: SendError, now: datetime) -> None:
        """Try again later, give up, or hold; in a transaction of its own, as the report's lock may have to be waited for."""
        with self.database.transaction() as tx:
            row = tx.get(OutboxRow, sent.leaving.message.id, with_for_update=True)
            if row is None or row.state != OutboxState.SENDING:
                return
            if row.contact_id is not None and (error.unknown or outbox.taken_back(row)):
                _give_back(row)
                return
            if row.contact_id is not None and error.closed:
                receipts.close(tx, self.vault, row, now)
                return
            if not error.retryable:
                if error.code not in outbox.OURS:
                    queue.works(tx, row.channel)
                outbox.fail(tx, row, error.code, now, self.page_failed)
            elif now - row.created_at >= GIVE_UP:
                outbox.fail(tx, row, "gave_up", now, self.page_failed)
            elif row.attempts >= queue.MAX_ATTEMPTS and row.failing_since is None:
                outbox.fail(tx, row, error.code, now, self.page_failed)
            else:
                _again(tx, row, now, error.wait)

    def waiting(self) -> bool:
        """Return whether any row is due; a look without the write lock."""
        with self.database.reading() as tx:
            return bool(queue.WAITING.rows(tx, {"now": self.database.now()}))

    def renew(self, row_ids: Sequence[str]) -> None:
        """Keep the leases of sends under way."""
        with self.database.transaction() as tx:
            queue.renew(tx, row_ids, self.database.now())

    def recover(self) -> int:
        """Deal with rows whose worker died: officers' are queued again, the public's are held. Returns how many.

        And with pages whose receipt is overdue: the officer's next channel starts.
        """
        now = self.database.now()
        with self.database.reading() as tx:
            if not queue.EXPIRED.rows(tx, {"now": now}) and not queue.OVERDUE.rows(tx, {"now": now}):
                return 0
        with self.database.transaction() as tx:
            expired = [row["id"] for row in queue.EXPIRED.rows(tx, {"now": now})]
            for row_id in expired:
                _free(tx, tx.get_one(OutboxRow, row_id), now)
            for found in queue.OVERDUE.rows(tx, {"now": now}):
                _not_received(tx, tx.get_one(OutboxRow, found["id"]), now)
        return len(expired)


def _taken(sent: Sent) -> Taken:
    message, leaving = sent.leaving.message, sent.leaving
    return Taken(message.id, message.channel, sent.reference, leaving.paged, leaving.bundle)


def _public(row: DueRow, now: datetime) -> tuple[OutboxState, str] | None:
    """Return why a message to the public may not leave, if it may not: asked when it leaves, not when it is written."""
    if row.safety is None or row.last_inbound_at is None:
        return OutboxState.FAILED, "no_address"
    told = {name: getattr(row, name) for name in ("safety", "last_inbound_at", "start_minute", "end_minute")}
    match safe_contact.may_send(Contact(**told), now):
        case Verdict.HOLD:
            return None if row.override else (OutboxState.HELD, outbox.LATE)
        case Verdict.DROP:
            return OutboxState.WITHDRAWN, "contact"
        case Verdict.SEND:
            return None


def _officer(row: DueRow) -> tuple[OutboxState, str] | None:
    answered = row.page_id is not None and row.page_state != PageState.OPEN
    return (OutboxState.WITHDRAWN, "answered") if answered else None


def _again(tx: Session, row: OutboxRow, now: datetime, wait: float) -> None:
    """Queue a row again, as the gateway may take it later; the officer's next channel starts, and what it spoke for is free."""
    slowest = MAX_URGENT_RETRY if row.priority == Priority.P1 else MAX_RETRY
    row.state, row.lease_until = OutboxState.QUEUED, None
    row.not_before = now + max(min(RETRY * 2 ** min(row.attempts - 1, 5), slowest), timedelta(seconds=wait))
    row.failing_since = row.failing_since or now
    outbox.unbundle(tx, row.id, row.not_before)
    if row.page_id is not None:
        outbox.bring_forward(tx, row.page_id, now)


def _give_back(row: OutboxRow) -> None:
    """Hold a message to the public, which is not tried again by itself: a person decides. Withdraw it if its reader has left."""
    if outbox.taken_back(row):
        outbox.stop(row, OutboxState.WITHDRAWN, row.reason or "")
    else:
        outbox.stop(row, OutboxState.HELD, UNKNOWN_FATE)


def _free(tx: Session, row: OutboxRow, now: datetime) -> None:
    if row.contact_id is not None:
        _give_back(row)
        return
    row.state, row.not_before, row.lease_until = OutboxState.QUEUED, now, None
    outbox.unbundle(tx, row.id, now)


def _not_received(tx: Session, row: OutboxRow, now: datetime) -> None:
    row.receipt_by = None
    audit.record(tx, "no_receipt", at=now, actor="worker", report_id=row.report_id, channel=row.channel)
    for one in (row, *outbox.bundled(tx, row.id)):
        if one.page_id is not None:
            outbox.bring_forward(tx, one.page_id, now)
