"""Bundling: more pages than a phone can show at once become one that says how many more wait.

An address gets FEW pages of P2 and P3 a minute. What comes after them waits for the minute to end; if more than FEW wait
by then, the most urgent, oldest one leaves and speaks for the others. P1 is never bundled, never waits and never counts.
Two workers that look at one address at the same moment may let it have a few more; none twice.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import audit, db
from hotline.core.priority import Priority
from hotline.messaging.outbox import OutboxRow, OutboxState

FEW = 3
MINUTE = timedelta(minutes=1)

_ROWS = db.table(OutboxRow)
_WAITS = sa.text("state IN ('queued', 'sending') AND address_id IS NOT NULL")  # as the index has it


def _of(addresses: Collection[str]) -> sa.ColumnElement[bool]:
    return sa.and_(_ROWS.c.address_id.in_(addresses), _ROWS.c.page_id.is_not(None), _ROWS.c.priority > Priority.P1)


def waiting(addresses: Collection[str], now: datetime) -> sa.Select[Any]:
    """Load the pages that wait for addresses; locked, without waiting for another worker, which may wait for us."""
    due = sa.and_(_WAITS, _ROWS.c.state == OutboxState.QUEUED, _ROWS.c.not_before <= now)
    found = sa.select(_ROWS.c.address_id, _ROWS.c.id, _ROWS.c.page_id).where(_of(addresses), due)
    return found.with_for_update(skip_locked=True)


def under_way(addresses: Collection[str]) -> sa.Select[Any]:
    """Return an address for each page that is being sent to it."""
    return sa.select(_ROWS.c.address_id).where(_of(addresses), _WAITS, _ROWS.c.state == OutboxState.SENDING)


def lately(addresses: Collection[str], now: datetime) -> sa.Select[Any]:
    """Return when pages left to addresses within the last minute; not those of a clock that ran ahead and was set back."""
    left = sa.and_(_ROWS.c.sent_at > now - MINUTE, _ROWS.c.sent_at <= now, _ROWS.c.bundle_id.is_(None))
    return sa.select(_ROWS.c.address_id, _ROWS.c.sent_at).where(_of(addresses), left)


def counts(priority: Priority, page_id: str | None) -> bool:
    """Return whether a row may be bundled."""
    return priority > Priority.P1 and page_id is not None


@dataclass(slots=True)
class _Crowd:
    """One address: the pages that wait for it (row id -> page id), and when others left."""

    waiting: dict[str, str] = field(default_factory=dict)
    left: list[datetime] = field(default_factory=list)


class Crowds:
    """The addresses that one transaction of a worker sends to."""

    def __init__(self, tx: Session, addresses: Collection[str], now: datetime) -> None:
        self._tx, self._now = tx, now
        self._crowds = {address: _Crowd() for address in addresses}
        if not addresses:
            return
        for row in db.run(tx, waiting(addresses, now)):
            self._crowds[row.address_id].waiting[row.id] = row.page_id
        for row in db.run(tx, lately(addresses, now).order_by(_ROWS.c.sent_at)):
            self._crowds[row.address_id].left.append(row.sent_at)
        for row in db.run(tx, under_way(addresses)):
            self._crowds[row.address_id].left.append(now)

    def admit(self, row_id: str, address_id: str, page_id: str) -> int | None:
        """Return how many other pages this one has to speak for; None if it must not leave now.

        Rows are to be asked about in the order in which they would leave.
        """
        crowd = self._crowds[address_id]
        if row_id not in crowd.waiting:
            return None  # one before it speaks for it, or made it wait
        if len(crowd.left) >= FEW:
            self._postpone(crowd)
            return None
        crowd.waiting.pop(row_id)
        crowd.left.append(self._now)
        others = {page for page in crowd.waiting.values() if page != page_id}
        if len(others) < FEW:
            return 0
        self._bundle(crowd, row_id)
        return len(others)

    def _postpone(self, crowd: _Crowd) -> None:
        self._change(crowd, not_before=crowd.left[-FEW] + MINUTE)

    def _bundle(self, crowd: _Crowd, row_id: str) -> None:
        audit.record(self._tx, "bundled", at=self._now, actor="worker", outbox=row_id, more=len(crowd.waiting))
        self._change(crowd, state=OutboxState.BUNDLED, bundle_id=row_id, reason="bundled")

    def _change(self, crowd: _Crowd, **values: object) -> None:
        db.run(self._tx, sa.update(_ROWS).where(_ROWS.c.id.in_(list(crowd.waiting))).values(values))
        crowd.waiting.clear()
