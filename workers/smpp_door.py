"""What becomes of each deliver_sm: taken in and committed first, answered then. Whatever fails is left with the SMSC."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from hotline import contacts, receipts, sms_parts
from hotline.channels import smpp, smpp_pdu, smpp_text
from hotline.channels.contract import Delivery, Hop, Inbound, Screen, clip
from hotline.channels.smpp_link import Link
from hotline.channels.smpp_pdu import USSD_OPERATION, USSD_SESSION, Deliver, Packet
from hotline.channels.smpp_receipts import Awaited
from hotline.channels.smpp_text import Text
from hotline.db import Database
from hotline.outbox import PageFailed
from hotline.sms_parts import NewPart
from hotline.vault import Vault
from workers import smpp_repeats
from workers.smpp_repeats import Repeats

log = logging.getLogger(__name__)

LANES = 4  # messages taken in at the same time; those of one sender one after the other
MAX_WAITING = 1000  # messages in memory that wait for a lane; what is more stays with the SMSC
BEGIN = 1  # ussd_service_op of a session that begins (PSSR indication)
SESSIONS = 10_000  # of USSD, whose beginnings are remembered

After = Callable[[], None]


class Way(Protocol):
    """The way in: `hotline.intake`."""

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """Take in; False if it was a repeat."""
        ...

    def show(self, inbound: Inbound, now: datetime) -> Screen:
        """Take in a hop of USSD; the screen that answers it."""
        ...


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A deliver_sm, the connection that it came on, and when (monotonic)."""

    link: Link
    packet: Packet
    deliver: Deliver
    at: float


class Door:
    """Takes in what the SMSC delivers."""

    def __init__(self, way: Way, database: Database, vault: Vault, page_failed: PageFailed, awaited: Awaited) -> None:
        self._way, self._database, self._vault, self._page_failed = way, database, vault, page_failed
        self._awaited = awaited
        self._texts, self._hops = (Repeats(partial(self._seen, channel)) for channel in ("sms", "ussd"))
        self._lanes = [ThreadPoolExecutor(1, thread_name_prefix="lane") for _ in range(LANES)]
        self._room, self._closed = threading.BoundedSemaphore(MAX_WAITING), threading.Event()
        self._sessions: OrderedDict[tuple[str, int], str] = OrderedDict()

    def heard(self, link: Link, packet: Packet) -> None:
        """A deliver_sm was read: it goes to the lane of its sender."""
        deliver = packet.deliver
        if deliver is None or self._closed.is_set() or not self._room.acquire(blocking=False):
            link.answer(packet, smpp_pdu.NOT_NOW)
            return
        arrived = _Arrived(link, packet, deliver, time.monotonic())
        try:
            self._lanes[hash(deliver.source.digits) % LANES].submit(self._in_turn, arrived)
        except RuntimeError:  # closed at this very moment
            link.answer(packet, smpp_pdu.NOT_NOW)

    def close(self) -> None:
        """Take in and answer what has come, and nothing more."""
        self._closed.set()
        for lane in self._lanes:
            lane.shutdown()

    def sweep(self) -> None:
        """Take in the long texts that are complete, or have waited long enough for their other parts."""
        now = self._database.now()
        with self._database.reading() as tx:
            messages = sms_parts.ready(tx, now)
        for message in messages:
            self._join(message)

    def _in_turn(self, arrived: _Arrived) -> None:
        try:
            self._take(arrived)
        finally:
            self._room.release()

    def _take(self, arrived: _Arrived) -> None:
        """Commit, then answer, then what can wait."""
        try:
            after = self._stored(arrived)
        except Exception as error:  # noqa: BLE001  # whatever it is: the SMSC keeps the message
            log.error("not stored", extra={"channel": "sms", "error": type(error).__name__})
            self._texts.doubt()
            self._hops.doubt()
            arrived.link.answer(arrived.packet, smpp_pdu.NOT_NOW)
            return
        arrived.link.answer(arrived.packet)
        try:
            after()
        except SQLAlchemyError as error:  # a long text that is complete: the next sweep joins it
            log.warning("not joined yet", extra={"error": type(error).__name__})

    def _stored(self, arrived: _Arrived) -> After:
        deliver = arrived.deliver
        if smpp_text.is_receipt(deliver):
            self._receipt(deliver)
            return _nothing
        text = smpp_text.read(deliver)
        if smpp.is_hop(deliver):
            return self._hop(arrived, text)
        return self._part(deliver, text) if text.part is not None else self._text(arrived, text)

    def _text(self, arrived: _Arrived, text: Text) -> After:
        now = self._database.now()
        like = smpp_repeats.content(arrived.deliver)
        provider_id = self._texts.name(like, arrived.link, now)
        if not self._way.receive(Inbound("sms", provider_id, text.peer, *clip(text.text)), now):
            log.info("delivered again", extra={"channel": "sms"})
        return lambda: _remember(self._texts, arrived, like, (provider_id, now))

    def _part(self, deliver: Deliver, text: Text) -> After:
        part = text.part
        assert part is not None  # noqa: S101  # asked by the caller
        text_of = "\0".join((text.peer, deliver.destination.digits, part.reference, str(part.total)))
        with self._database.transaction() as tx:
            new = NewPart(text_of, part.number, part.total, text.peer, text.text)
            complete = sms_parts.take(tx, self._vault, new, self._database.now())
        return self.sweep if complete else _nothing

    def _join(self, message: str) -> None:
        """Take a long text in under its own id: twice is once."""
        now = self._database.now()
        with self._database.reading() as tx:
            joined = sms_parts.join(tx, self._vault, message)
        if joined is not None:
            text, cut = clip(joined.text)
            self._way.receive(Inbound("sms", f"parts {message}", joined.peer, text, cut or not joined.whole), now)
        with self._database.transaction() as tx:
            sms_parts.taken(tx, message, now)

    def _hop(self, arrived: _Arrived, text: Text) -> After:
        now, deliver = self._database.now(), arrived.deliver
        like = smpp_repeats.content(deliver)
        provider_id = self._hops.name(like, arrived.link, now)
        number = deliver.number(USSD_SESSION)
        hop = self._session(text.peer, deliver.number(USSD_OPERATION) or 0, number, provider_id)
        screen = self._way.show(Inbound("ussd", provider_id, text.peer, *clip(text.text), hop=hop), now)

        def after() -> None:
            _remember(self._hops, arrived, like, (provider_id, now))
            if hop.kind != "end":
                smpp.show(arrived.link, deliver, screen)

        return after

    def _session(self, peer: str, operation: int, number: int | None, provider_id: str) -> Hop:
        """The session of a hop: named after the message that began it, as the network's own numbers come round again."""
        which = (peer, -1 if number is None else number >> 8)
        if operation == BEGIN or which not in self._sessions:
            self._sessions[which] = provider_id
            if len(self._sessions) > SESSIONS:
                self._sessions.popitem(last=False)
        over = number is not None and bool(number & smpp.LAST_OF_SESSION)
        return Hop(self._sessions[which], "begin" if operation == BEGIN else "end" if over else "answer")

    def _receipt(self, deliver: Deliver) -> None:
        """Forward only. By memory where the message left from here, else by the reference in the database."""
        receipt = smpp_text.receipt(deliver)
        if receipt is None:
            log.warning("receipt can't be read", extra={"channel": "sms"})
            return
        known, now = self._awaited.knows(receipt), self._database.now()
        delivery = self._awaited.take(receipt)
        if known and delivery is None:
            return
        with self._database.transaction() as tx:
            if delivery is None:
                row_id = receipts.by_reference(tx, "sms", smpp_text.spellings(receipt.message_id))
                delivery = Delivery(row_id or "", receipt.state, receipt.detail)
            receipts.delivered(tx, self._vault, delivery, now, self._page_failed)

    def _seen(self, channel: str, provider_ids: Iterable[str]) -> dict[str, datetime]:
        with self._database.reading() as tx:
            found = {name: contacts.seen(tx, self._vault, channel, name) for name in provider_ids}
        return {name: at for name, at in found.items() if at is not None}


def _remember(repeats: Repeats, arrived: _Arrived, like: str, taken: tuple[str, datetime]) -> None:
    """The answer has left."""
    repeats.answered(like, taken, arrived.link, (arrived.at, time.monotonic()))


def _nothing() -> None:
    """A part that waits for others, or a receipt: nothing follows."""
