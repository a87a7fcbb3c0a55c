"""One connection that is bound to the SMSC as a transceiver: reads packets until it ends, writes them from any thread."""

import logging
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from hotline.channels.smpp import pdu
from hotline.channels.smpp.pdu import HEADER, MAX_LENGTH, Packet, Unreadable

log = logging.getLogger(__name__)

TIMEOUT = 10.0  # seconds to connect, to bind, and for any answer of the SMSC's
ENQUIRE = 30.0  # seconds between two questions whether it is still there
TICK = 0.5  # seconds between two looks at what is due
CHUNK = 65536  # octets read at once
LAST_SEQUENCE = 0x7FFFFFFF

# At DEBUG the library logs packets, at WARNING what it does not know in them.
logging.getLogger("smpplib").setLevel(logging.CRITICAL)


class LinkError(Exception):
    """A connection that is gone or was never there; its word is for the log.

    `left`: the packet may have gone before it.
    """

    def __init__(self, code: str, *, left: bool = False) -> None:
        super().__init__(code)
        self.code, self.left = code, left


@dataclass(frozen=True, slots=True)
class BindAccount:
    """The account that the operator gave us.

    `window`: submits without an answer at the same time; `rate`: submits a second.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    sender: str = ""
    window: int = 10
    rate: float = 10.0


Heard = Callable[["Link", Packet], None]
Answered = Callable[[Packet], None]


class Link:
    """A connection from its bind to its end. Raises LinkError where it can't be made."""

    def __init__(self, account: BindAccount, enquire: float = ENQUIRE) -> None:
        self._enquire, self._pending, self._numbers = enquire, dict[int, Future[Packet]](), count(1)
        self._lock, self._writing, self._ended = threading.Lock(), threading.Lock(), threading.Event()
        self.confirmed = 0.0  # monotonic: whatever left before it is known to have arrived
        self._asked: tuple[float, Future[Packet]] | None = None
        self._next_question = time.monotonic() + enquire
        try:
            self._socket = socket.create_connection((account.host, account.port), TIMEOUT)
        except OSError as error:
            raise LinkError("unreachable") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._packets = self._read()
        self._bind(account)

    def _bind(self, account: BindAccount) -> None:
        bound = self.request(
            lambda sequence: pdu.write(
                "bind_transceiver", sequence, system_id=account.system_id, password=account.password,
                system_type=account.system_type,
            )
        )  # fmt: skip
        deadline = time.monotonic() + TIMEOUT
        for packet in self._packets:
            if packet is not None:
                self._settle(packet)
            if bound.done() or time.monotonic() > deadline:
                break
        if not bound.done() or bound.result().status != pdu.OK:
            self.close()
            raise LinkError(f"bind_{bound.result().status:x}" if not bound.exception() else "no_bind")

    def listen(self, heard: Heard) -> None:
        """Take what comes until the connection ends; `heard` gets each deliver_sm, which it answers."""
        try:
            for packet in self._packets:
                if packet is not None:
                    self._take(packet, heard)
                self._watch()
        except LinkError as error:
            log.warning("link ended", extra={"error": error.code})
        finally:
            self.close()

    def _take(self, packet: Packet, heard: Heard) -> None:
        match packet.name:
            case "deliver_sm":
                heard(self, packet)
            case "enquire_link":
                self.answer(packet)
            case "unbind":
                self.answer(packet)
                raise LinkError("unbound")
            case "alert_notification":
                pass  # nothing waits for a phone to be switched on
            case name if name.endswith("_resp") or name == "generic_nack":
                self._settle(packet)
            case _:
                self._write(pdu.write("generic_nack", packet.sequence, pdu.NO_SUCH_COMMAND))

    def request(self, build: Callable[[int], bytes], answered: Answered | None = None) -> Future[Packet]:
        """Write a packet; its answer, or a LinkError, comes in the future.

        `answered` is called before anything else is read.
        Raises LinkError if the packet has not left.
        """
        future: Future[Packet] = Future()
        if answered is not None:
            future.add_done_callback(lambda done: None if done.exception() else answered(done.result()))
        with self._lock:
            if self._ended.is_set():
                raise LinkError("ended")
            sequence = next(self._numbers) & LAST_SEQUENCE
            self._pending[sequence] = future
        self._write(build(sequence))
        return future

    def answer(self, packet: Packet, status: int = pdu.OK) -> None:
        """Answer a packet of the SMSC's. If the connection is gone the SMSC asks again."""
        self.answer_all([packet], status)

    def answer_all(self, packets: Iterable[Packet], status: int = pdu.OK) -> None:
        """Answer several packets as `answer` does; the answers leave as one."""
        self._write(b"".join(pdu.write(f"{one.name}_resp", one.sequence, status) for one in packets))

    def _write(self, raw: bytes) -> None:
        try:
            with self._writing:
                self._socket.sendall(raw)
        except OSError:  # half a packet may have left: nothing behind it could be read
            self.close()

    def _settle(self, packet: Packet) -> None:
        with self._lock:
            future = self._pending.pop(packet.sequence, None)
        if future is not None:  # else it comes too late: whoever waited has given up
            future.set_result(packet)

    def _watch(self) -> None:
        """Ask now and then whether the SMSC is there; without an answer the connection is dead."""
        ticks = time.monotonic()
        if self._asked is not None:
            asked, future = self._asked
            if future.done() and future.exception() is not None:  # it ended with the connection, and nobody answered
                raise LinkError("cut_off")
            if future.done():
                self.confirmed, self._asked = asked, None
            elif ticks - asked > TIMEOUT:
                raise LinkError("silent")
        elif ticks >= self._next_question:
            self._next_question = ticks + self._enquire
            self._asked = (ticks, self.request(lambda sequence: pdu.write("enquire_link", sequence)))

    def _read(self) -> Iterator[Packet | None]:
        """Yield packets as they come, and None when nothing came for a moment, until the connection ends.

        Raises LinkError.
        """
        buffer = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            while not self._ended.is_set():
                if not ready.select(TICK):
                    yield None
                    continue
                try:
                    chunk = self._socket.recv(CHUNK)
                except OSError:
                    chunk = b""
                if not chunk:
                    return
                buffer += chunk
                yield from self._whole(buffer)

    def _whole(self, buffer: bytearray) -> Iterator[Packet]:
        """Take the packets that are complete off the front of the buffer."""
        while len(buffer) >= HEADER:
            length, _, _, sequence = struct.unpack_from(">LLLL", buffer)
            if not HEADER <= length <= MAX_LENGTH:
                raise LinkError("no_smpp")
            if len(buffer) < length:
                return
            raw = bytes(buffer[:length])
            del buffer[:length]
            try:
                yield pdu.read(raw)
            except Unreadable:
                log.error("packet can't be read")
                self._write(pdu.write("deliver_sm_resp", sequence, pdu.REJECTED))

    def unbind(self) -> None:
        """Take leave; the SMSC may take TIMEOUT to answer. `listen` runs on until then."""
        with suppress(LinkError, TimeoutError):
            self.request(lambda sequence: pdu.write("unbind", sequence)).result(TIMEOUT)
        self.close()

    def close(self) -> None:
        """End the connection; nobody waits in vain for an answer."""
        with self._lock:
            self._ended.set()
            waiting, self._pending = list(self._pending.values()), {}
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for future in waiting:
            future.set_exception(LinkError("cut_off", left=True))
