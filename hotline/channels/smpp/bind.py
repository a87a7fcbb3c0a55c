"""SMPP: the bind to an operator's SMSC, kept up for as long as the process lives, and the way out over it.

It belongs to `workers/smpp.py` alone; every other process leaves SMS to that one (`registry.elsewhere`).
"""

import logging
import secrets
import threading
import time
from itertools import count
from random import uniform

from hotline.channels import gsm7
from hotline.channels.contract import Outbound, Screen, SendError
from hotline.channels.pace import Pace
from hotline.channels.smpp import pdu, status, text
from hotline.channels.smpp.link import ENQUIRE, TIMEOUT, Answered, BindAccount, Heard, Link, LinkError
from hotline.channels.smpp.pdu import USSD_OPERATION, USSD_SESSION, Deliver, Packet, SmppAddress
from hotline.channels.smpp.receipts import Awaited
from hotline.channels.smpp.text import Segment

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two tries to connect; doubles
STEADY = 30.0  # seconds that a connection has to last for the next pause to be the first again
PART_TRIES = 5  # of a part behind others that were taken: the reader has half a message
# Minutes later the reader may be somewhere else, beside somebody else: what the SMSC could not pass on by then, it drops.
VALIDITY = "000000001500000R"  # fifteen minutes, as SMPP writes a length of time
RECEIPT_WANTED = 1
ASK, END = 2, 17  # ussd_service_op: a screen that waits for an answer (USSR), the last one (PSSR)
LAST_OF_SESSION = 1  # the lowest bit of its_session_info


class Bind:
    """A holder of the connection that sends over it. `heard` gets each deliver_sm; `enquire` is in seconds."""

    def __init__(self, account: BindAccount, heard: Heard, awaited: Awaited, enquire: float = ENQUIRE) -> None:
        self._account, self._heard, self._expected, self._enquire = account, heard, awaited, enquire
        self._sender, self._pace = text.sender(account.sender), Pace(account.rate)
        self._window = threading.BoundedSemaphore(account.window)
        self._references = count(secrets.randbelow(256))
        self._link: Link | None = None

    @property
    def bound(self) -> bool:
        """Tell whether there is a connection now."""
        return self._link is not None

    def run(self, stop: threading.Event) -> None:
        """Connect, listen, and connect again, until `stop`."""
        pause = FIRST_PAUSE
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._once(stop)
            except Exception:
                log.exception("bind failed")  # whatever it is: the next connection may do
                self._link = None
            lasted = time.monotonic() - began > STEADY
            pause = FIRST_PAUSE if lasted else pause
            stop.wait(uniform(pause / 2, pause))  # noqa: S311  # so that many do not come back at one moment
            pause = min(pause * 2, LONGEST_PAUSE)

    def _once(self, stop: threading.Event) -> None:
        try:
            link = Link(self._account, self._enquire)
        except LinkError as error:
            log.warning("no bind", extra={"error": error.code})
            return
        log.info("bound")
        self._link = link
        if stop.is_set():
            link.close()
        link.listen(self._heard)
        self._link = None

    def leave(self) -> None:
        """Unbind, after all that is under way."""
        link = self._link
        if link is not None:
            link.unbind()

    def send(self, message: Outbound) -> str:
        """Submit a text, part by part; returns the SMSC's id of the last one. Raises SendError."""
        link, to = self._link, text.receiver(message.address)
        parts = text.segments(message.text, next(self._references))
        if link is None:
            raise SendError("not_bound", retryable=True)
        reference = ""
        for number, segment in enumerate(parts):
            awaited = self._awaited(message.id, len(parts))
            packet = self._part(link, to, segment, awaited, begun=number > 0)
            reference = packet.message_id
        return reference

    def _awaited(self, outbox_id: str, parts: int) -> Answered:
        """Note the SMSC's id before its receipt can be read."""

        def note(packet: Packet) -> None:
            if packet.status == pdu.OK:
                self._expected.expect(packet.message_id, outbox_id, parts)

        return note

    def _part(self, link: Link, to: SmppAddress, segment: Segment, noted: Answered, *, begun: bool) -> Packet:
        """Submit a part; a later one is tried again here, as the message can't begin anew."""
        packet = self._submit(link, to, segment, noted, begun=begun)
        for _ in range(PART_TRIES if begun else 0):
            if packet.status not in status.SLOWER:
                break
            packet = self._submit(link, to, segment, noted, begun=begun)
        if packet.status != pdu.OK:
            raise status.refusal(packet.status, begun=begun)
        return packet

    def _submit(self, link: Link, to: SmppAddress, segment: Segment, noted: Answered, *, begun: bool) -> Packet:
        if not self._window.acquire(timeout=TIMEOUT):
            raise SendError("window_full", retryable=True, unknown=begun)
        try:
            self._pace.wait()
            packet = link.request(lambda sequence: self._packet(sequence, to, segment), noted).result(TIMEOUT)
        except TimeoutError:
            failure = SendError("timeout", retryable=True, unknown=True)
        except LinkError as error:
            failure = SendError("cut_off", retryable=True, unknown=begun or error.left)
        else:
            (self._pace.slower if packet.status in status.SLOWER else self._pace.faster)()
            return packet
        finally:
            self._window.release()
        raise failure

    def _packet(self, sequence: int, to: SmppAddress, segment: Segment) -> bytes:
        return pdu.submit(
            sequence, self._sender, to, segment.octets, data_coding=segment.data_coding, esm_class=segment.esm_class,
            registered_delivery=RECEIPT_WANTED, validity_period=VALIDITY,
        )  # fmt: skip


def show(link: Link, asked: Deliver, screen: Screen) -> None:
    """Put a screen on the phone whose hop of USSD this was; a session that is gone by then is the person's to redial."""
    octets = gsm7.encode(screen.text)
    coded = (octets, 0) if octets is not None else (screen.text.encode("utf-16-be", "replace"), 8)
    fields: dict[str, object] = {"ussd_service_op": ASK if screen.goes_on else END, "service_type": "USSD"}
    session = asked.number(USSD_SESSION)
    if session is not None:
        fields["its_session_info"] = session & ~LAST_OF_SESSION | (0 if screen.goes_on else LAST_OF_SESSION)
    try:
        link.request(
            lambda sequence: pdu.submit(
                sequence, asked.destination, asked.source, coded[0], data_coding=coded[1], **fields
            ),
            _shown,
        )
    except LinkError as error:
        log.warning("screen not shown", extra={"channel": "ussd", "error": error.code})


def _shown(packet: Packet) -> None:
    if packet.status != pdu.OK:
        log.warning("screen not shown", extra={"channel": "ussd", "status": packet.status})


def is_hop(deliver: Deliver) -> bool:
    """Tell whether this belongs to a session of USSD."""
    return USSD_OPERATION in deliver.tlvs
