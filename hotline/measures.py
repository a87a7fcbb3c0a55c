"""Figures of the running hotline. Tips about officials are in none of them: a count can give one away."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import health
from hotline.outbox import OutboxRow, State
from hotline.reports import Report

WAITING = (State.QUEUED.value, State.SENDING.value, State.HELD.value, State.FAILED.value)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure: label names, and a value for each combination of labels."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    values: list[tuple[tuple[str, ...], float]]


def figures(tx: Session, now: datetime) -> list[Figure]:
    """All figures at a moment."""
    ordinary = Report.integrity.is_(False)
    reports = tx.execute(
        sa.select(Report.status, Report.priority, sa.func.count())
        .where(ordinary)
        .group_by(Report.status, Report.priority)
    ).all()
    overdue = tx.execute(sa.select(sa.func.count()).where(ordinary, Report.due_at < now)).scalar_one()
    rows = tx.execute(
        sa.select(OutboxRow.state, OutboxRow.channel, sa.func.count())
        .where(OutboxRow.state.in_(WAITING))
        .group_by(OutboxRow.state, OutboxRow.channel)
    ).all()
    age = health.sweep_age(tx, now)
    return [
        Figure("hotline_reports", "Reports by status and priority", ("status", "priority"),
               [((status, f"P{priority}"), count) for status, priority, count in reports]),
        Figure("hotline_timers_late", "Reports whose timer has passed and that no sweep has moved on", (), [((), overdue)]),
        Figure("hotline_outbox", "Messages that have not left, by state and channel", ("state", "channel"),
               [((state, channel), count) for state, channel, count in rows]),
        Figure("hotline_sweep_age_seconds", "Time since the clock's last sweep, -1 if there never was one", (),
               [((), age if age is not None else -1.0)]),
    ]  # fmt: skip
