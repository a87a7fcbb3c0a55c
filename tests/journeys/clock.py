"""The database of a story: its clock stands still until it is moved, and it can be out of reach."""

import re
from contextlib import _GeneratorContextManager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline.core import db

MONDAY = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # ten in the morning in Karachi
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """A stretch of time as stories write it: "5s", "30m", "2h", "3d". Raises ValueError."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if found is None:
        raise ValueError(f"{text!r} is no span of time; write 5s, 30m, 2h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Clock(db.Database):
    """The database, on a clock that stands still until it is moved."""

    moment = MONDAY
    away = False  # nothing gets through

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if self.is_sqlite:  # no story loses power, and a disk is slow
            sa.event.listen(self.engine, "connect", lambda line, _: line.execute("PRAGMA synchronous=OFF"))

    def now(self) -> datetime:
        """The story's time."""
        return self.moment

    def transaction(self) -> _GeneratorContextManager[Session]:
        """As the database does. Raises OperationalError while it is away."""
        self._reached()
        return super().transaction()

    def reading(self) -> _GeneratorContextManager[Session]:
        """As the database does. Raises OperationalError while it is away."""
        self._reached()
        return super().reading()

    def _reached(self) -> None:
        if self.away:
            raise OperationalError("connect", None, ConnectionRefusedError("the story took the database away"))
