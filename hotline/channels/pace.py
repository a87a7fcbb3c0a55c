"""The pace at which a provider lets messages leave."""

import threading
import time

SLOWEST = 16  # times the usual distance between two submits, after many refusals


class Pace:
    """A pace of sends for any number of threads: `rate` a second, less after the provider has refused some."""

    def __init__(self, rate: float) -> None:
        self._usual = self._gap = 1 / rate
        self._next, self._lock = 0.0, threading.Lock()

    def wait(self) -> None:
        """Wait until the next message may leave."""
        with self._lock:
            ticks = time.monotonic()
            slot = max(self._next, ticks)
            self._next = slot + self._gap
        if slot > ticks:
            threading.Event().wait(slot - ticks)

    def slower(self) -> None:
        """Halve the rate after the provider throttled us; at most SLOWEST times as slow as usual."""
        with self._lock:
            self._gap = min(self._gap * 2, self._usual * SLOWEST)

    def faster(self) -> None:
        """Raise the rate by a ninth, up to the usual one, after the provider took a message."""
        with self._lock:
            self._gap = max(self._gap * 0.9, self._usual)
