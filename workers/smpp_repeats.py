"""The recognition of a deliver_sm that the SMSC delivers again, since SMPP gives a message no id.

People answer "1" to two questions in a row, so content alone says nothing. But an SMSC delivers again only what it has no
answer for, and we know which of our answers may be lost:

1. A text that comes again on the connection on which the first one was answered at once is another text.
2. So is one whose first answer is known to have arrived: the SMSC has answered a later question of ours.
3. What else comes again within WINDOW is the same message: its answer was lost with a connection, or came late.
4. An id that was given and not answered is given again: whether it was taken in before the failure, the database knows.
5. After a restart the database knows what was taken in, but not how it was answered: as 3. So it does after a failure,
   which may have come after the commit. Once WINDOW has passed since, memory knows all that counts.

A sender's own reference (user_message_reference) is part of the content. The id is a digest of the content, the window
that the first one fell into, and a number for each further text like it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeVar

from hotline.channels.smpp.pdu import USER_REFERENCE, USSD_OPERATION, USSD_SESSION, Deliver

WINDOW = timedelta(minutes=3)  # an SMSC that lost an answer tries again within seconds, or at its next bind
PROMPT = 5.0  # seconds: a slower answer may have come too late for the SMSC

Kept = TypeVar("Kept")
Seen = Callable[[Iterable[str]], dict[str, datetime]]


class Connection(Protocol):
    """A connection: whatever left on it before `confirmed` (monotonic) has arrived."""

    confirmed: float


@dataclass(frozen=True, slots=True)
class _Taken:
    provider_id: str
    at: datetime
    line: Connection
    prompt: bool
    answered: float  # monotonic


def content(deliver: Deliver) -> str:
    """A digest of all that makes two messages the same."""
    tags = (USER_REFERENCE, USSD_OPERATION, USSD_SESSION)
    parts = (deliver.source, deliver.destination, deliver.esm_class, deliver.data_coding, deliver.payload)
    return sha256(repr((parts, [deliver.source.digits, deliver.destination.digits],
                        [deliver.tlvs.get(tag) for tag in tags])).encode()).hexdigest()  # fmt: skip


class Repeats:
    """The memory of one process. `seen` asks the database which ids were taken in, and when."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._sure: datetime | None = None  # from when on memory alone is asked
        self._lock = threading.Lock()
        self._taken: OrderedDict[str, _Taken] = OrderedDict()
        self._given: OrderedDict[str, tuple[str, datetime]] = OrderedDict()  # not answered yet

    def name(self, like: str, line: Connection, now: datetime) -> str:
        """The id under which to take in a message whose content has the digest `like`; a repeat has the first one's."""
        return self.names([(like, line)], now)[0]

    def names(self, messages: Sequence[tuple[str, Connection]], now: datetime) -> list[str]:
        """Name as `name` does, for several that are not alike; the database is asked once."""
        with self._lock:
            _forget(self._given, lambda given: now - given[1] >= WINDOW)
            open_ = {like: self._given[like][0] for like, _ in messages if like in self._given}
        new = [message for message in messages if message[0] not in open_]
        named = dict(zip((like for like, _ in new), self._new(new, now), strict=True)) if new else {}
        names = [open_.get(like) or named[like] for like, _ in messages]
        with self._lock:
            for (like, _), name in zip(messages, names, strict=True):
                self._given.setdefault(like, (name, now))
        return names

    def _new(self, messages: Sequence[tuple[str, Connection]], now: datetime) -> list[str]:
        self._sure = sure = self._sure or now + WINDOW
        with self._lock:
            kept = [self._taken.get(like) for like, _ in messages]
        firsts = [first if first is not None and now - first.at < WINDOW else None for first in kept]
        unclear = [
            like
            for (like, line), first in zip(messages, firsts, strict=True)
            if (now < sure if first is None else not _may_be_lost(first, line))
        ]
        ids = [_id(like, window, 0) for like in unclear for window in _windows(now)]
        seen = self._seen(ids) if ids else {}
        together = zip(messages, firsts, strict=True)
        return [self._name(like, line, first, seen, now) for (like, line), first in together]

    def _name(self, like: str, line: Connection, first: _Taken | None, seen: dict[str, datetime], now: datetime) -> str:
        if first is not None and _may_be_lost(first, line):
            return first.provider_id
        this, before = (_id(like, window, 0) for window in _windows(now))
        known = first is not None
        recent = [name for name in (this, before) if name in seen and now - seen[name] < WINDOW]
        if recent and not known:  # from before the restart
            return self._last(this if this in recent else before)
        return self._after(self._last(this)) if this in seen else this

    def answered(self, like: str, taken: tuple[str, datetime], line: Connection, times: tuple[float, float]) -> None:
        """A message was taken in as (id, moment) and answered; `times`: when it came and when its answer left, monotonic."""
        arrived, left = times
        with self._lock:
            self._taken[like] = _Taken(*taken, line, left - arrived < PROMPT, left)
            self._taken.move_to_end(like)
            self._given.pop(like, None)
            _forget(self._taken, lambda first: taken[1] - first.at >= WINDOW)

    def doubt(self) -> None:
        """Something failed: it may have been taken in all the same."""
        self._sure = None

    def _last(self, provider_id: str) -> str:
        """The last of the texts that were alike."""
        stem, _, _ = provider_id.rpartition("-")
        number = 0
        while self._seen([f"{stem}-{number + 1}"]):
            number += 1
        return f"{stem}-{number}"

    @staticmethod
    def _after(provider_id: str) -> str:
        stem, _, number = provider_id.rpartition("-")
        return f"{stem}-{int(number) + 1}"


def _may_be_lost(first: _Taken, line: Connection) -> bool:
    return not first.prompt or (first.line is not line and first.answered > first.line.confirmed)


def _forget(memory: OrderedDict[str, Kept], old: Callable[[Kept], bool]) -> None:
    """Drop from the front what is too old."""
    while memory and old(next(iter(memory.values()))):
        memory.popitem(last=False)


def _windows(now: datetime) -> tuple[int, int]:
    this = int(now.timestamp() // WINDOW.total_seconds())
    return this, this - 1


def _id(like: str, window: int, number: int) -> str:
    return f"{like}-{window}-{number}"
