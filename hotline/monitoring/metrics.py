"""Figures of the running hotline. Tips about officials are in none of them: a count can give one away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.drill import CHANNEL as DRILL
from hotline.messaging import OutboxRow, OutboxState
from hotline.monitoring import heartbeats, response_times
from hotline.reports import Attachment, AttachmentState, Report

DAYS = 1  # of reports in the times of response
KEPT = timedelta(minutes=1)  # Prometheus asks every few seconds; the times need a look at every report of a day
WAITING = (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.HELD, OutboxState.FAILED)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure: label names, and a value for each combination of labels."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    values: Sequence[tuple[tuple[str, ...], float]]


def figures(tx: Session, now: datetime) -> list[Figure]:
    """Compute all figures at a moment."""
    ordinary = sa.and_(Report.integrity.is_(False), Report.channel != DRILL)
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
    enclosed = tx.execute(
        sa.select(sa.func.count())
        .select_from(Attachment)
        .join(Report, Report.id == Attachment.report_id)
        .where(ordinary, Attachment.state == AttachmentState.WAITING)
    ).scalar_one()
    age = heartbeats.sweep_age(tx, now)
    return [
        Figure("hotline_reports", "Reports by status and priority", ("status", "priority"),
               [((status, f"P{priority}"), count) for status, priority, count in reports]),
        Figure("hotline_timers_late", "Reports whose timer has passed and that no sweep has moved on", (), [((), overdue)]),
        Figure("hotline_outbox", "Messages that have not left, by state and channel", ("state", "channel"),
               [((state, channel), count) for state, channel, count in rows]),
        Figure("hotline_attachments_waiting", "Pictures, voices and films that the worker has still to fetch", (),
               [((), enclosed)]),
        Figure("hotline_sweep_age_seconds", "Time since the clock's last sweep, -1 if there never was one", (),
               [((), age if age is not None else -1.0)]),
        *_responses(tx, now),
    ]  # fmt: skip


_kept: WeakKeyDictionary[sa.Engine, tuple[datetime, list[Figure]]] = WeakKeyDictionary()


def _responses(tx: Session, now: datetime) -> list[Figure]:
    """Find the times of response, at most KEPT old."""
    engine = tx.connection().engine
    at, known = _kept.get(engine, (None, []))
    if at is None or not at <= now < at + KEPT:
        known = _response_figures(response_times.table(tx, now, DAYS))
        _kept[engine] = now, known
    return known


def _response_figures(table: response_times.Table) -> list[Figure]:
    """Compute the times for all circles together and for each; those with few reports are left out."""
    shown = [
        ((measure, key or "all"), cell)
        for (by, key), row in sorted(table.items()) if by in ("all", "circle")
        for measure, cell in row.items() if cell.share is not None
    ]  # fmt: skip
    seconds = [
        ((*labels, quantile), value)
        for labels, cell in shown
        for quantile, value in (("0.5", cell.median), ("0.9", cell.p90)) if value is not None
    ]  # fmt: skip
    return [
        Figure("hotline_response_seconds", "Time of response to the reports of the last day, by what was measured",
               ("measure", "circle", "quantile"), seconds),
        Figure("hotline_response_in_time_ratio", "Share of the reports of the last day within the policy's wait",
               ("measure", "circle"), [(labels, cell.share) for labels, cell in shown if cell.share is not None]),
        Figure("hotline_response_reports", "Reports of the last day that the times are made from",
               ("measure", "circle"), [(labels, cell.count) for labels, cell in shown]),
    ]  # fmt: skip
