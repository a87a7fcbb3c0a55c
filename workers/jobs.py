"""The worker: sends what waits in the outbox.

One thread goes through the outbox, turn by turn; the sends themselves, which take as long as a gateway does, have threads
of their own. It is woken by a finished send, by a ring over RQ, and by itself every POLL seconds, so that a lost ring or a
dead Redis costs a moment and no message.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from hotline.app import Hotline
from hotline.channels import registry
from hotline.core import db
from hotline.core.settings import Settings
from hotline.core.timers import Timer, Timers
from hotline.messaging import NO_ROOM, Capacity, Dispatcher, Leaving, Sent, doorbell
from hotline.monitoring import watchdog
from workers.collecting import Collecting
from workers.process import run_until_signal, set_by_signal

log = logging.getLogger(__name__)

POLL = 0.5  # seconds between two looks at the outbox
RENEW = 3.0  # seconds between two renewals of the leases of sends under way
REDIS_PAUSE = 3.0  # seconds before Redis is tried again
WORKER_TTL = 60  # seconds after which RQ takes a silent worker for dead
STOP_TIMEOUT = 15.0  # seconds given to the sends under way


class Senders:
    """The senders of this process: `count` messages a channel at once, and a quarter more (2 at least) of officers'.

    So a channel that hangs holds up no other, and no flood of replies to the public holds up a page. `look` is called
    with every look at the outbox. The channels that are `elsewhere` are left to another process.
    """

    def __init__(
        self,
        post: Dispatcher,
        count: int,
        look: Callable[[], object] = lambda: None,
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        self._post, self._count, self._most, self._look = post, count, count + max(2, count // 4), look
        self._elsewhere = elsewhere
        self._news: queue.SimpleQueue[Sent | None] = queue.SimpleQueue()  # None: a ring
        self._under_way: dict[str, Leaving] = {}
        self._done: list[Sent] = []  # not marked yet; they keep their place until they are
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(self._most * max(1, len(post.senders)), thread_name_prefix="sender")
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._next_look = self._next_renewal = 0.0

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the sends under way, begin no other."""
        self._stop.set()
        self.ring()
        self._thread.join(STOP_TIMEOUT)
        self._pool.shutdown(wait=False)

    def ring(self) -> None:
        """Wake the worker: there is something to send."""
        self._news.put(None)

    def _run(self) -> None:
        while not (self._stop.is_set() and not self._under_way):
            rung = self._hear()
            try:
                self._turn(rung)
            except Exception as error:
                if db.reachable(self._post.database):
                    log.exception("turn failed")
                    self._mark_each()
                else:
                    log.warning("outbox out of reach", extra={"error": type(error).__name__})
                self._stop.wait(POLL)

    def _hear(self) -> bool:
        """Wait for news, and take all there is; True if a turn may find something."""
        try:
            news = self._news.get(timeout=POLL)
        except queue.Empty:
            return False
        while True:
            if news is not None:
                self._done.append(news)
            try:
                news = self._news.get_nowait()
            except queue.Empty:
                return True

    def _turn(self, rung: bool) -> None:
        self._keep()
        if not (rung or self._done or self._post.waiting()):
            return
        room = NO_ROOM if self._stop.is_set() else self._room()
        turn = self._post.turn(self._done, room)
        self._drop()
        for leaving in turn.leaving:
            self._under_way[leaving.message.id] = leaving
            self._pool.submit(self._send, leaving)
        if turn.found:
            self.ring()  # there may be more

    def _mark_each(self) -> None:
        """Mark what is done one by one, so that a row that cannot be marked holds up no other: its lease runs out."""
        for sent in self._done:
            try:
                self._post.turn([sent], NO_ROOM)
            except Exception:
                log.exception("row not marked", extra={"outbox_id": sent.leaving.message.id})
        self._drop()

    def _drop(self) -> None:
        for sent in self._done:
            self._under_way.pop(sent.leaving.message.id, None)
        self._done = []

    def _room(self) -> Capacity:
        done = {sent.leaving.message.id for sent in self._done}
        busy = Counter(one.message.channel for row_id, one in self._under_way.items() if row_id not in done)
        full = frozenset(channel for channel in busy if busy[channel] >= self._most)
        crowded = frozenset(channel for channel in busy if busy[channel] >= self._count)
        bounds = {channel: self._most if channel in crowded else self._count for channel in self._post.senders}
        free = [bounds[channel] - busy[channel] for channel in bounds if channel not in full]
        return Capacity(min(free, default=0 if full else 1), full | self._elsewhere, crowded)

    def _send(self, leaving: Leaving) -> None:
        self._news.put(self._post.send(leaving))

    def _keep(self) -> None:
        """The work of every few moments."""
        ticks = time.monotonic()
        if ticks >= self._next_renewal and self._under_way:
            self._next_renewal = ticks + RENEW
            self._post.renew(list(self._under_way))
        if ticks >= self._next_look:
            self._next_look = ticks + POLL
            self._post.recover()
            self._look()


_senders: Senders | None = None


def deliver(_outbox_id: str) -> None:
    """The one RQ job: a ring. The database knows what is to be sent, and in which order."""
    if _senders is not None:
        _senders.ring()


class Listener(SimpleWorker):
    """RQ's worker, that tells us too when a signal comes: where Redis fails at that moment, RQ forgets it."""

    ending: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Take SIGTERM and SIGINT."""
        self.ending.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ has no types here


def _listen(settings: Settings, stop: threading.Event) -> None:
    """Take rings from RQ until a signal ends it; without Redis, look by ourselves."""
    while settings.redis_url and not stop.is_set():
        try:
            connection = doorbell.connect(settings.redis_url)
            worker = Listener(
                doorbell.queues(connection), connection=connection, serializer=JSONSerializer,
                worker_ttl=WORKER_TTL, maintenance_interval=WORKER_TTL, log_job_description=False,
            )  # fmt: skip
            worker.ending = stop
            worker.work(logging_level="CRITICAL")
            return  # a polite signal
        except RedisError as error:
            log.warning("doorbell silent", extra={"error": type(error).__name__})
            set_by_signal(stop)  # RQ left its own handlers, which speak to a worker that is gone
            stop.wait(REDIS_PAUSE)
    stop.wait()


def run(settings: Settings, stop: threading.Event) -> None:
    """Run until told to stop."""
    global _senders  # noqa: PLW0603  # RQ calls `deliver` by its name
    hotline = Hotline(settings, "worker")
    timers = Timers(hotline.database, [Timer("watchdog", watchdog.EVERY, hotline.watchdog.from_worker)])
    _senders = Senders(hotline.dispatcher(hotline.senders), settings.senders, timers.run, registry.elsewhere(settings))
    collecting = Collecting(hotline.collector)
    _senders.start()
    collecting.start()
    _listen(settings, stop)
    collecting.stop()
    _senders.stop()


if __name__ == "__main__":
    # Under its importable name: RQ's job must find the senders of this process, not of a second copy of the module.
    from workers.jobs import run as importable

    run_until_signal(importable)
