"""The worker: sends what waits in the outbox.

Sender threads each take one row at a time. They are woken by a ring over RQ, and by a look at the outbox every POLL
seconds, so that a lost ring or a dead Redis costs seconds and no message.
"""

import contextlib
import logging
import queue
import signal
import threading
from types import FrameType

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from hotline import app, doorbell, logs
from hotline.post import Post
from hotline.settings import Settings, load

log = logging.getLogger(__name__)

POLL = 2.0  # seconds between two looks at the outbox
REDIS_PAUSE = 3.0  # seconds before Redis is tried again
WORKER_TTL = 60  # seconds after which RQ takes a silent worker for dead
STOP_TIMEOUT = 15.0  # seconds given to the sends under way


class Senders:
    """The sender threads of this process."""

    def __init__(self, post: Post, count: int) -> None:
        self._post = post
        self._rings: queue.Queue[None] = queue.Queue(maxsize=count)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, name=f"sender-{n}") for n in range(count)]
        self._threads.append(threading.Thread(target=self._look, name="look"))

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the sends under way, begin no other."""
        self._stop.set()
        self.ring()
        for thread in self._threads:
            thread.join(STOP_TIMEOUT)

    def ring(self) -> None:
        """Wake one sender; it wakes the next if it finds something."""
        with contextlib.suppress(queue.Full):  # all of them are about to look anyway
            self._rings.put_nowait(None)

    def _send(self) -> None:
        while True:
            self._rings.get()
            try:
                while not self._stop.is_set() and self._post.deliver_one():
                    self.ring()
            except SQLAlchemyError as error:
                log.warning("outbox out of reach", extra={"error": type(error).__name__})
            except Exception:
                log.exception("send failed")  # the row's lease runs out, and it is looked at again
            if self._stop.is_set():
                self.ring()
                return

    def _look(self) -> None:
        while not self._stop.wait(POLL):
            try:
                self._post.recover()
                if self._post.waiting():
                    self.ring()
            except SQLAlchemyError as error:
                log.warning("outbox out of reach", extra={"error": type(error).__name__})


_senders: Senders | None = None


def deliver(_outbox_id: str) -> None:
    """The one RQ job: a ring. The database knows what is to be sent, and in which order."""
    if _senders is not None:
        _senders.ring()


def _listen(settings: Settings, stop: threading.Event) -> None:
    """Take rings from RQ until a signal ends it; without Redis, look by ourselves."""
    while settings.redis_url and not stop.is_set():
        try:
            connection = doorbell.connect(settings.redis_url)
            worker = SimpleWorker(
                doorbell.queues(connection), connection=connection, serializer=JSONSerializer,
                worker_ttl=WORKER_TTL, maintenance_interval=WORKER_TTL, log_job_description=False,
            )  # fmt: skip
            worker.work(logging_level="CRITICAL")
            return  # a polite signal
        except RedisError as error:
            log.warning("doorbell silent", extra={"error": type(error).__name__})
            stop.wait(REDIS_PAUSE)
    stop.wait()


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    global _senders  # noqa: PLW0603  # RQ calls `deliver` by its name
    settings = load()
    logs.quiet()
    stop = threading.Event()

    def polite(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, polite)
    _senders = Senders(app.post(settings), settings.senders)
    _senders.start()
    _listen(settings, stop)
    _senders.stop()


if __name__ == "__main__":
    # Under its importable name: RQ's job must find the senders of this process, not of a second copy of the module.
    from workers.jobs import main as run

    run()
