"""The way of each deliver_sm: taken in and committed first, answered then. Whatever fails is left with the SMSC."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from hotline.channels.contract import Delivery, Hop, Inbound, clip
from hotline.channels.smpp import bind, pdu
from hotline.channels.smpp import text as smpp_text
from hotline.channels.smpp.link import Link
from hotline.channels.smpp.pdu import USSD_OPERATION, USSD_SESSION, Deliver, Packet
from hotline.channels.smpp.receipts import Awaited
from hotline.channels.smpp.text import SmppText
from hotline.core.vault import Vault
from hotline.intake import Intake, NewPart, sms_parts
from hotline.messaging import PageFailed, inbox, receipts
from workers import smpp_repeats
from workers.lane import Lane
from workers.smpp_repeats import Repeats

log = logging.getLogger(__name__)

TOGETHER = 16  # texts taken in by one transaction
MAX_WAITING = 1000  # messages in memory that wait for the lane; what is more stays with the SMSC
BEGIN = 1  # ussd_service_op of a session that begins (PSSR indication)
SESSIONS = 10_000  # of USSD, whose beginnings are remembered

After = Callable[[], None]


@dataclass(frozen=True)
class _Arrived:
    """A deliver_sm, the connection that it came on, and when (monotonic)."""

    link: Link
    packet: Packet
    deliver: Deliver
    at: float

    @cached_property
    def text(self) -> SmppText:
        """The text that it carries."""
        return smpp_text.read(self.deliver)

    @cached_property
    def plain(self) -> bool:
        """Tell whether it is a whole text, and no receipt, hop or part."""
        return not (smpp_text.is_receipt(self.deliver) or bind.is_hop(self.deliver)) and self.text.part is None


class Door:
    """Takes in what the SMSC delivers."""

    def __init__(self, intake: Intake, vault: Vault, page_failed: PageFailed, awaited: Awaited) -> None:
        self._intake, self._database, self._vault, self._page_failed = intake, intake.database, vault, page_failed
        self._awaited = awaited
        self._texts, self._hops = (Repeats(partial(self._seen, channel)) for channel in ("sms", "ussd"))
        self._lane = Lane(self._in_turn, TOGETHER)
        self._room, self._closed = threading.BoundedSemaphore(MAX_WAITING), threading.Event()
        self._sessions: OrderedDict[tuple[str, int], str] = OrderedDict()

    def heard(self, link: Link, packet: Packet) -> None:
        """A deliver_sm was read: it is taken in after those before it."""
        deliver = packet.deliver
        if deliver is None or self._closed.is_set() or not self._room.acquire(blocking=False):
            link.answer(packet, pdu.NOT_NOW)
            return
        self._lane.put(_Arrived(link, packet, deliver, time.monotonic()))

    def close(self) -> None:
        """Take in and answer what has come, and nothing more."""
        self._closed.set()
        self._lane.close()

    def sweep(self) -> None:
        """Take in the long texts that are complete, or have waited long enough for their other parts."""
        now = self._database.now()
        with self._database.reading() as tx:
            messages = sms_parts.ready(tx, now)
        for message in messages:
            try:
                self._join(message)
            except Exception as error:  # noqa: BLE001  # whatever it is: it is tried again, and holds up no other
                log.error("not joined yet", extra={"channel": "sms", "error": type(error).__name__})

    def _in_turn(self, waiting: list[_Arrived]) -> None:
        """Texts that wait one behind the other share a transaction, one of each sender; where that fails, each has its own."""
        try:
            runs = list(_runs(waiting))
        except Exception:  # noqa: BLE001  # what can't even be read is refused by itself
            runs = [[arrived] for arrived in waiting]
        for together in runs:
            try:
                if len(together) == 1 or not self._take_all(together):
                    for arrived in together:
                        self._take(arrived)
            finally:
                self._room.release(len(together))

    def _take_all(self, together: list[_Arrived]) -> bool:
        try:
            now = self._database.now()
            texts = self._inbound(together, now)
            taken = self._intake.receive_all([inbound for inbound, _ in texts], now)
        except Exception as error:  # noqa: BLE001  # whatever it is: nothing was stored, or it is a repeat now
            log.warning("not stored together", extra={"channel": "sms", "error": type(error).__name__})
            self._doubt()
            return False
        for link in {arrived.link for arrived in together}:
            link.answer_all(arrived.packet for arrived in together if arrived.link is link)
        for arrived, (inbound, like), new in zip(together, texts, taken, strict=True):
            self._taken(arrived, inbound, like, now, new=new)
        return True

    def _doubt(self) -> None:
        self._texts.doubt()
        self._hops.doubt()

    def _take(self, arrived: _Arrived) -> None:
        """Commit, then answer, then what can wait."""
        try:
            after = self._stored(arrived)
        except Exception as error:  # noqa: BLE001  # whatever it is: the SMSC keeps the message
            log.error("not stored", extra={"channel": "sms", "error": type(error).__name__})
            self._doubt()
            arrived.link.answer(arrived.packet, pdu.NOT_NOW)
            return
        arrived.link.answer(arrived.packet)
        try:
            after()
        except Exception as error:  # noqa: BLE001  # a long text that is complete: the next sweep joins it
            log.warning("not joined yet", extra={"error": type(error).__name__})

    def _stored(self, arrived: _Arrived) -> After:
        deliver = arrived.deliver
        if smpp_text.is_receipt(deliver):
            self._receipt(deliver)
            return _nothing
        if bind.is_hop(deliver):
            return self._hop(arrived, arrived.text)
        return self._text(arrived) if arrived.plain else self._part(deliver, arrived.text)

    def _text(self, arrived: _Arrived) -> After:
        now = self._database.now()
        [(inbound, like)] = self._inbound([arrived], now)
        new = self._intake.receive(inbound, now)
        return lambda: self._taken(arrived, inbound, like, now, new=new)

    def _inbound(self, together: list[_Arrived], now: datetime) -> list[tuple[Inbound, str]]:
        """Texts as the intake takes them, each with the digest of its content."""
        alike = [smpp_repeats.content(arrived.deliver) for arrived in together]
        names = self._texts.names([(like, arrived.link) for like, arrived in zip(alike, together, strict=True)], now)
        return [
            (Inbound("sms", name, arrived.text.peer, *clip(arrived.text.text)), like)
            for arrived, name, like in zip(together, names, alike, strict=True)
        ]

    def _taken(self, arrived: _Arrived, inbound: Inbound, like: str, now: datetime, *, new: bool) -> None:
        """The answer has left."""
        if not new:
            log.info("delivered again", extra={"channel": "sms"})
        _remember(self._texts, arrived, like, (inbound.provider_id, now))

    def _part(self, deliver: Deliver, text: SmppText) -> After:
        part = text.part
        assert part is not None  # noqa: S101  # asked by the caller
        text_of = "\0".join((text.peer, deliver.destination.digits, part.reference, str(part.total)))
        with self._database.transaction() as tx:
            new = NewPart(text_of, part.number, part.total, text.peer, text.text)
            complete = sms_parts.take(tx, self._vault, new, self._database.now())
        return self.sweep if complete else _nothing

    def _join(self, message: str) -> None:
        """Take a long text in under an id of its parts: twice is once, and a part that comes later is another text."""
        now = self._database.now()
        with self._database.reading() as tx:
            joined = sms_parts.join(tx, self._vault, message)
        if joined is None:
            return
        text, cut = clip(joined.text)
        name = f"parts {message} {','.join(map(str, joined.numbers))}"
        self._intake.receive(Inbound("sms", name, joined.peer, text, cut or not joined.whole), now)
        with self._database.transaction() as tx:
            sms_parts.taken(tx, joined.rows, now)

    def _hop(self, arrived: _Arrived, text: SmppText) -> After:
        now, deliver = self._database.now(), arrived.deliver
        like = smpp_repeats.content(deliver)
        provider_id = self._hops.name(like, arrived.link, now)
        number = deliver.number(USSD_SESSION)
        hop = self._session(text.peer, deliver.number(USSD_OPERATION) or 0, number, provider_id)
        screen = self._intake.show(Inbound("ussd", provider_id, text.peer, *clip(text.text), hop=hop), now)

        def after() -> None:
            _remember(self._hops, arrived, like, (provider_id, now))
            if hop.kind != "end":
                bind.show(arrived.link, deliver, screen)

        return after

    def _session(self, peer: str, operation: int, number: int | None, provider_id: str) -> Hop:
        """The session of a hop: named after the message that began it, as the network's own numbers come round again."""
        which = (peer, -1 if number is None else number >> 8)
        if operation == BEGIN or which not in self._sessions:
            self._sessions[which] = provider_id
            if len(self._sessions) > SESSIONS:
                self._sessions.popitem(last=False)
        over = number is not None and bool(number & bind.LAST_OF_SESSION)
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
            return inbox.seen(tx, self._vault, channel, provider_ids)


def _runs(waiting: Iterable[_Arrived]) -> Iterator[list[_Arrived]]:
    """In order: texts as long as each is another sender's, anything else by itself."""
    run: list[_Arrived] = []
    for arrived in waiting:
        senders = {other.deliver.source.digits for other in run}
        if run and not (run[-1].plain and arrived.plain and arrived.deliver.source.digits not in senders):
            yield run
            run = []
        run.append(arrived)
    if run:
        yield run


def _remember(repeats: Repeats, arrived: _Arrived, like: str, taken: tuple[str, datetime]) -> None:
    """The answer has left."""
    repeats.answered(like, taken, arrived.link, (arrived.at, time.monotonic()))


def _nothing() -> None:
    """A part that waits for others, or a receipt: nothing follows."""
