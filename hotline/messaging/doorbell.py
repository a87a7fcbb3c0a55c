"""The bell that tells a worker over RQ that something waits in the outbox. Losing every ring loses nothing: the worker looks by itself.

Rings are handed to a thread of their own: a Redis that hangs must never hold up the answer to a provider.
"""

import logging
import os
import threading
import time
from collections import deque

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

URGENT, NORMAL = "urgent", "normal"
JOB = "workers.jobs.deliver"
JOB_TIMEOUT = 30  # seconds
FAILURE_TTL = 60  # seconds a failed job stays; RQ's default is a year
REDIS_TIMEOUT = 2.0  # seconds
PACE = 0.1  # seconds between two rings of a process
MAX_WAITING = 1000  # rings kept while Redis is slow; one is enough to make the worker look at all rows


def connect(url: str) -> Redis:
    """Make a client with time-outs, for the doorbell and the worker."""
    return Redis.from_url(url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)


def queues(connection: Redis) -> list[Queue]:
    """Return the queues in the order a worker empties them."""
    return [Queue(name, connection=connection, serializer=JSONSerializer) for name in (URGENT, NORMAL)]


class Doorbell:
    """A doorbell over RQ; it does nothing where no Redis is configured."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._waiting: deque[tuple[str, bool]] = deque(maxlen=MAX_WAITING)
        self._rung = threading.Event()
        self._pid = 0  # the thread does not survive a fork, so each process starts its own

    def __call__(self, outbox_id: str, *, urgent: bool) -> None:
        """Ring for a row; returns at once."""
        if not self._url:
            return
        self._waiting.append((outbox_id, urgent))
        if self._pid != os.getpid():
            self._pid = os.getpid()
            threading.Thread(target=self._run, name="doorbell", daemon=True).start()
        self._rung.set()

    def _run(self) -> None:
        urgent, normal = queues(connect(self._url))
        while True:
            self._rung.wait()
            self._rung.clear()
            latest: dict[bool, str] = {}
            while self._waiting:
                outbox_id, is_urgent = self._waiting.popleft()
                latest[is_urgent] = outbox_id
            for is_urgent, outbox_id in latest.items():
                _enqueue(urgent if is_urgent else normal, outbox_id)
            # Under load one ring serves all messages of a moment: the worker drains what it finds.
            time.sleep(PACE)


def _enqueue(queue: Queue, outbox_id: str) -> None:
    try:
        queue.enqueue_call(
            JOB, args=(outbox_id,), timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=FAILURE_TTL, description="deliver"
        )
    except RedisError as error:
        log.warning("doorbell silent", extra={"error": type(error).__name__})
