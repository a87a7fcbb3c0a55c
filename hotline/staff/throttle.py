"""A throttle on wrong tries: they are counted, and cost time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hotline.core import db
from hotline.staff.accounts import LoginDelay

HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)  # OWASP's least memory, one pass more
FORGET = timedelta(days=1)  # wrong tries count for this long


@dataclass(frozen=True, slots=True)
class Patience:
    """The tries that cost nothing, and the wait after the next one, which doubles up to the longest."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int, now: datetime) -> datetime | None:
        """Find until when nothing is checked after so many tries."""
        if failures < self.free:
            return None
        wait: timedelta = self.first * 2 ** min(failures - self.free, 16)
        return now + min(wait, self.longest)


def count(tx: Session, key: bytes, now: datetime, patience: Patience) -> datetime | None:
    """Count a try, before anything is checked; or, while the wait lasts, say until when."""
    insert = sqlite.insert if db.is_sqlite(tx) else postgresql.insert
    tx.execute(insert(LoginDelay).values(key=key, failures=0, tried_at=now).on_conflict_do_nothing())
    delay = tx.get_one(LoginDelay, key, with_for_update=True)
    if delay.until is not None and delay.until > now:
        return delay.until
    delay.failures = delay.failures + 1 if delay.tried_at > now - FORGET else 1
    delay.tried_at, delay.until = now, patience.wait(delay.failures, now)
    return None
