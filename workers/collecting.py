"""Fetches attachments in a thread of the worker's process, beside the senders: no page ever waits for a film."""

import threading

from hotline.core.timers import Timer, Timers
from hotline.reports import Collector

POLL = 1.0  # seconds between two looks


class Collecting:
    """One after the other, until it is stopped. What is under way then is taken up by another worker later."""

    def __init__(self, collector: Collector) -> None:
        timer = Timer("attachments", 0.0, lambda _now: collector.collect_one())
        self._timers = Timers(collector.database, [timer])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attachments", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no other. It is not waited for: it may be at it for minutes."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(0.0 if self._timers.run() else POLL)
