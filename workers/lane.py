"""A thread that takes what waits for it, in order, several at once: what many share (a commit) is then paid once."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Item = TypeVar("Item")


class Lane(Generic[Item]):
    """`take` gets the items that wait, at most `most` of them. What it raises is logged, and ends nothing."""

    def __init__(self, take: Callable[[list[Item]], None], most: int) -> None:
        self._take, self._most = take, most
        self._waiting: SimpleQueue[Item | None] = SimpleQueue()  # None: the end
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Put an item behind all that was put before."""
        self._waiting.put(item)

    def close(self) -> None:
        """Take what was put, and end. Nothing may be put any more."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            items = self._next()
            some = [item for item in items if item is not None]
            if some:
                self._try(some)
            if len(some) < len(items):
                return

    def _try(self, some: list[Item]) -> None:
        try:
            self._take(some)
        except Exception:
            log.exception("not taken")

    def _next(self) -> list[Item | None]:
        """Return what waits; where nothing does, the next to come."""
        items = [self._waiting.get()]
        while len(items) < self._most and items[-1] is not None:
            try:
                items.append(self._waiting.get_nowait())
            except Empty:
                break
        return items
