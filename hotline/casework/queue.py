"""An officer's queue: reports that wait, that are being worked on, that were closed last."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework import access
from hotline.messaging import Page
from hotline.reports import Outcome, Report, Status
from hotline.staff import Member, Officer

SHOWN_OPEN, SHOWN_ACCEPTED = 50, 30  # lines of a queue; the most urgent come first
SHOWN_CLOSED = 50
ALIAS = 6  # characters of an id that name a report which was never paged to the reader


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A report in the queue: ids, enums and times."""

    report: Report
    alias: str  # the number of the officer's page, so that it is found again; else the start of the id
    accepted_by: str | None  # a name


@dataclass(frozen=True, slots=True)
class Queue:
    """The lines that an officer sees first. `more`: how many waiting reports are left out."""

    lines: list[QueueLine]
    more: int


def read_queue(tx: Session, officer: Officer) -> Queue:
    """List open reports by urgency, then accepted ones by what is due, then the latest of those closed, and of those set aside."""
    seen = sa.select(Report).where(access.visible(officer))
    waiting = seen.where(Report.status == Status.OPEN)
    accepted = seen.where(Report.status == Status.ACCEPTED)
    closed = seen.where(Report.status == Status.CLOSED, Report.outcome.is_distinct_from(Outcome.ASIDE))
    aside = seen.where(Report.outcome == Outcome.ASIDE)
    first = tx.scalars(waiting.order_by(Report.priority, Report.climbs_at).limit(SHOWN_OPEN)).all()
    others = [
        *tx.scalars(accepted.order_by(Report.climbs_at).limit(SHOWN_ACCEPTED)),
        *tx.scalars(closed.order_by(Report.closed_at.desc()).limit(SHOWN_CLOSED)),
        *tx.scalars(aside.order_by(Report.closed_at.desc()).limit(SHOWN_CLOSED)),
    ]
    count = tx.execute(sa.select(sa.func.count()).select_from(waiting.subquery())).scalar_one()
    return Queue(lines(tx, officer, [*first, *others]), count - len(first))


def lines(tx: Session, officer: Officer | Member, found: Sequence[Report]) -> list[QueueLine]:
    """Make the lines by which this officer knows reports."""
    mine = sa.select(Page.report_id, Page.token).where(
        Page.officer_id == officer.id, Page.report_id.in_([report.id for report in found])
    )
    tokens = {row.report_id: row.token for row in tx.execute(mine.order_by(Page.created_at))}
    names = access.names(tx, {report.accepted_by for report in found if report.accepted_by})
    return [
        QueueLine(report, tokens.get(report.id, report.id[:ALIAS]), names.get(report.accepted_by or ""))
        for report in found
    ]
