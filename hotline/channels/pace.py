"""How fast messages may leave, as a provider allows."""

import threading
import time

SLOWEST = 16  # times the usual distance between two submits, after many refusals


class Pace:
    """Leaves time between sends, for any number of threads: `rate` a second, less after the provider has refused some."""

    def __init__(self, rate: float) -> None:
        self._usual = self._gap = 1 / rate
        self._next, self._lock = 0.0, threading.Lock()

    def wait(self) -> None:
        """Until the next one may leave."""
        with self._lock:
            ticks = time.monotonic()
            slot = max(self._next, ticks)
            self._next = slot + self._gap
        if slot > ticks:
            threading.Event().wait(slot - ticks)

    def slower(self) -> None:
        """It was too fast."""
        with self._lock:
            self._gap = min(self._gap * 2, self._usual * SLOWEST)

    def faster(self) -> None:
        """It was taken."""
        with self._lock:
            self._gap = max(self._gap * 0.9, self._usual)
