"""Everything that comes due by itself: each timer is one row of a list, and one loop takes the steps of all of them."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline.core import db
from hotline.core.db import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DueColumn:
    """A column that says when a row comes due. `waits`: which rows of its table wait for that moment."""

    column: Any
    waits: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Timer:
    """A duty that comes due by itself. `step` does what is due at a moment, and may return how much that was."""

    name: str
    every: float  # seconds between two steps; 0: as often as the process looks
    step: Callable[[datetime], int | None]
    columns: tuple[DueColumn, ...] = ()  # moved by `watchdog.turned_back` when the clock is set back


class Timers:
    """The timers of one process. `ticks` is a monotonic clock in seconds."""

    def __init__(
        self, database: Database, timers: Iterable[Timer], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._database, self._timers, self._ticks = database, tuple(timers), ticks
        self._next = dict.fromkeys((timer.name for timer in self._timers), 0.0)
        self.trouble_since: float | None = None  # when the database first failed; whoever sees it work again says None

    @property
    def columns(self) -> list[DueColumn]:
        """List every column that one of these timers waits by."""
        return [column for timer in self._timers for column in timer.columns]

    def run(self) -> int:
        """Take each step whose time has come, in order; returns how much they did. Never raises.

        A step that fails stops no other, unless the database is away: then each would only wait for it again.
        """
        done = 0
        for timer in self._timers:
            if self._ticks() < self._next[timer.name]:
                continue
            self._next[timer.name] = self._ticks() + timer.every
            try:
                done += timer.step(self._database.now()) or 0
            except Exception as error:
                if isinstance(error, SQLAlchemyError) and self.trouble_since is None:
                    self.trouble_since = self._ticks()
                if not db.reachable(self._database):
                    log.warning("%s out of reach", timer.name, extra={"error": type(error).__name__})
                    break
                log.exception("%s failed", timer.name)
        return done


def in_transaction(database: Database, step: Callable[[Session, datetime], object]) -> Callable[[datetime], None]:
    """Make a timer's step of what needs no more than a transaction."""

    def run(now: datetime) -> None:
        with database.transaction() as tx:
            step(tx, now)

    return run
