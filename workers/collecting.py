"""Fetches attachments in a thread of the worker's process, beside the senders: no page ever waits for a film."""

import logging
import threading

from hotline.core import db
from hotline.reports import Collector

log = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks
PAUSE = 5.0  # seconds after an error


class Collecting:
    """One after the other, until it is stopped. What is under way then is taken up by another worker later."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
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
            try:
                pause = 0.0 if self._collector.collect_one() else POLL
            except Exception as error:
                if db.reachable(self._collector.database):
                    log.exception("attachment not collected")
                else:
                    log.warning("attachments out of reach", extra={"error": type(error).__name__})
                pause = PAUSE
            self._stop.wait(pause)
