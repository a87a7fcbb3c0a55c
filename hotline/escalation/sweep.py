"""The sweep: reports that are due are moved on, a few per transaction, each alone where one of them fails."""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline.core import audit
from hotline.core.db import Database
from hotline.core.priority import Priority
from hotline.core.timers import DueColumn
from hotline.escalation import paging
from hotline.escalation.ladder import Ladder
from hotline.reports import Report

log = logging.getLogger(__name__)

SWEEP_LIMIT = 1000  # reports moved on in one sweep; the rest follow in the next, most urgent first
BATCH = 20  # reports in one transaction: shares its cost, and holds up an acceptance of one of them for some 30 ms
STUCK_WAIT = timedelta(seconds=30)  # a report whose step failed is tried again after this
DUE_COLUMNS = tuple(
    DueColumn(column, Report.due_at.is_not(None)) for column in (Report.due_at, Report.climbs_at, Report.repeats_at)
)


def sweep(ladder: Ladder, database: Database, now: datetime) -> int:
    """Move on every report that is due, most urgent and oldest first; returns how many. One failing stops no other."""
    with database.reading() as tx:  # most sweeps find nothing, and need no write lock for that
        if tx.execute(any_due(now)).first() is None:
            return 0
    moved = tried = 0
    while tried < SWEEP_LIMIT:
        claimed: list[str] = []
        try:
            with database.transaction() as tx:
                reports = _claim(tx, now)
                claimed = [report.id for report in reports]
                ahead = ladder.knowing(paging.read_pages(tx, reports))
                for report in reports:
                    ahead.step(tx, report, now)
            moved += len(claimed)
        except OperationalError:  # the database, not a report: all of it stays due, and the next sweep finds it
            raise
        except Exception:
            if not claimed:
                raise
            log.exception("a step failed; each of its batch goes alone now", extra={"reports": len(claimed)})
            moved += sum(_step_alone(ladder, database, report_id, now) for report_id in claimed)
        if not claimed:
            break
        tried += len(claimed)
    return moved


def any_due(now: datetime) -> sa.Select[str]:
    """Ask whether there is anything; by index, whatever the number of reports that wait."""
    return sa.select(Report.id).where(Report.priority.in_([*Priority]), Report.due_at <= now).limit(1)


def due(priority: Priority, now: datetime, most: int) -> sa.Select[Report]:
    """Ask for the oldest due reports of a priority that no other clock is working on; by index, in its order."""
    these = sa.select(Report).where(Report.priority == priority, Report.due_at <= now)
    return these.order_by(Report.due_at).limit(most).with_for_update(skip_locked=True)


def _claim(tx: Session, now: datetime) -> list[Report]:
    found: list[Report] = []
    for priority in Priority:
        if len(found) < BATCH:
            found += tx.scalars(due(priority, now, BATCH - len(found)))
    return found


def _step_alone(ladder: Ladder, database: Database, report_id: str, now: datetime) -> bool:
    """Take one report's step in a transaction of its own; what fails waits a little, and holds up no other."""
    mine = sa.select(Report).where(Report.id == report_id, Report.due_at <= now)
    try:
        with database.transaction() as tx:
            report = tx.scalars(mine.with_for_update(skip_locked=True)).first()
            if report is not None:
                ladder.step(tx, report, now)
    except OperationalError:
        raise
    except Exception:
        log.exception("step failed", extra={"report_id": report_id})
        with database.transaction() as tx:
            tx.get_one(Report, report_id).due_at = now + STUCK_WAIT
            audit.record(tx, "step_failed", at=now, actor="clock", report_id=report_id)
        return False
    return report is not None
