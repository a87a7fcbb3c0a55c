"""The history of a report: its audit trail, and the way of each page to each phone."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework import access
from hotline.core import audit
from hotline.core.audit import AuditRow
from hotline.messaging import OutboxRow, Page

PEOPLE = ("officer", "second")  # data that holds an officer's id
# Which entry it was, and such: a conversation of twenty messages is one line.
UNSAID = ("entry", "attachment", "seal", "attempts", "outbox")


@dataclass(frozen=True, slots=True)
class Trip:
    """The way of one page by one channel; never the address. `state` as in the outbox."""

    channel: str
    state: str
    not_before: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a report's timeline. `times`: in a row, by the same actor, counted as one; `at` is the last."""

    at: datetime
    event: str
    actor: str  # an officer's name, or "intake", "engine", "worker", "operator"
    data: dict[str, Any]
    trips: list[Trip] = field(default_factory=list)
    times: int = 1

    def repeats(self, other: "Happening") -> bool:
        """Return whether it says nothing that the line before has not said, but for its time."""
        mine, theirs = (self.event, self.actor, self.data), (other.event, other.actor, other.data)
        return mine == theirs and not self.trips and not other.trips


def timeline(tx: Session, report_id: str) -> list[Happening]:
    """List all that happened to a report, oldest first."""
    rows, trips = audit.history(tx, report_id), _trips(tx, report_id)
    names = access.names(tx, {row.actor for row in rows} | {row.data[key] for row in rows for key in _people(row)})
    found: list[Happening] = []
    for row in rows:
        data = {key: names.get(value, value) if key in PEOPLE else value for key, value in row.data.items()}
        for key in UNSAID:
            data.pop(key, None)
        paged = trips.get((row.data.get("officer", ""), row.at), []) if row.event == "paged" else []
        line = Happening(row.at, row.event, names.get(row.actor, row.actor), data, paged)
        if found and line.repeats(found[-1]):
            found[-1] = Happening(line.at, line.event, line.actor, line.data, times=found[-1].times + 1)
        else:
            found.append(line)
    return found


def _people(row: AuditRow) -> list[str]:
    return [key for key in PEOPLE if key in row.data]


def _trips(tx: Session, report_id: str) -> dict[tuple[str, datetime], list[Trip]]:
    """Return the trips by officer and moment of paging: a page and its messages are written in one transaction, with one time."""
    carrier = sa.orm.aliased(OutboxRow)  # what left in its place, where several reports waited
    rows = tx.execute(
        sa.select(
            Page.officer_id, OutboxRow.created_at, OutboxRow.channel, OutboxRow.state, OutboxRow.not_before,
            sa.func.coalesce(OutboxRow.sent_at, carrier.sent_at).label("sent_at"),
            sa.func.coalesce(OutboxRow.delivered_at, carrier.delivered_at).label("delivered_at"),
        )
        .join(Page, Page.id == OutboxRow.page_id)
        .join(carrier, carrier.id == OutboxRow.bundle_id, isouter=True)
        .where(Page.report_id == report_id)
        .order_by(OutboxRow.not_before, OutboxRow.channel)
    )  # fmt: skip
    found: dict[tuple[str, datetime], list[Trip]] = defaultdict(list)
    for row in rows:
        trip = Trip(row.channel, row.state, row.not_before, row.sent_at, row.delivered_at)
        found[row.officer_id, row.created_at].append(trip)
    return found
