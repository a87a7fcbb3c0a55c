"""Response times, computed from the record: to the page, to its delivery, to acceptance, to the first action.

From when: of a whole report (all, by circle, by hour) from its arrival, or from the end of its quiet hours; by tier from
the moment that the tier was paged; by channel from the moment that the message might leave; the first action always
from acceptance. Targets are the waits of the policy that each report began with: the tier's wait for acceptance, which a
page and its delivery must not outlast either, and the wait for the first action. What still waits after its target counts as late;
what still may be in time does not count yet.

Tips about officials, drills and test messages are in none of it: one line in a table could give a tip away.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from math import ceil
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.drill import CHANNEL as DRILL
from hotline.core.audit import AuditRow
from hotline.core.localtime import LOCAL
from hotline.escalation import Policy, Waits, policy
from hotline.messaging import OutboxRow, OutboxState, Page, PageState
from hotline.reports import Outcome, Report, Status

WINDOWS = (7, 30, 90)  # days that can be asked for: each question is bounded
FEW = 5  # counts below this could tell of a person
BATCH = 1000  # rows read at once
ACTIONS = ("noted", "closed", "referred")  # events that are something done


class Measure(StrEnum):
    """The waits that are measured."""

    PAGE = "page"
    DELIVERY = "delivery"
    ACCEPTANCE = "acceptance"
    FIRST_ACTION = "first_action"


@dataclass(frozen=True, slots=True)
class Cell:
    """Times in seconds; `share`: how many of `count` were within their target, 0 to 1. None where it is not shown."""

    count: int
    median: float | None
    p90: float | None
    share: float | None


Row = dict[Measure, Cell]
Table = dict[tuple[str, str], Row]  # ("all", ""), ("circle", code), ("tier", name), ("channel", name), ("hour", "00")


@dataclass(slots=True)
class _Tally:
    seconds: list[float] = field(default_factory=list)
    count: int = 0
    in_time: int = 0

    def cell(self, *, few: bool) -> Cell:
        """Make the cell of these times; `few`: whether small counts are shown."""
        if not self.count or (self.count < FEW and not few):
            return Cell(self.count, None, None, None)
        known = sorted(self.seconds)
        ninetieth = known[ceil(0.9 * len(known)) - 1] if known else None
        return Cell(self.count, median(known) if known else None, ninetieth, self.in_time / self.count)


@dataclass(frozen=True, slots=True)
class _Sample:
    """One wait of one thing. `until` None: it is over, and what was waited for did not come."""

    measure: Measure
    start: datetime
    until: datetime | None
    target: timedelta
    under: tuple[tuple[str, str], ...]

    def add_to(self, tallies: dict[tuple[tuple[str, str], Measure], _Tally]) -> None:
        for key in self.under:
            tally = tallies[key, self.measure]
            tally.count += 1
            if self.until is not None:
                wait = max(self.until - self.start, timedelta())
                tally.seconds.append(wait.total_seconds())
                tally.in_time += wait <= self.target


@dataclass(frozen=True, slots=True)
class _Deeds:
    """The deeds of officers on a report: how it was accepted, and when something was done first after that."""

    via: str = ""
    first: datetime | None = None


def table(tx: Session, now: datetime, days: int, *, circles: Collection[str] | None = None, few: bool = False) -> Table:
    """Compute all measures of the reports that came within `days`, of these circles (None: all).

    `few`: whether counts below FEW are shown; their cells have no times otherwise.
    """
    since = now - timedelta(days=days)
    which = _which(since, now, circles)
    deeds, rules = _deeds(tx, which), dict[str, Policy | None]()
    tallies: dict[tuple[tuple[str, str], Measure], _Tally] = defaultdict(_Tally)
    with closing(tx.execute(_joined(which).execution_options(yield_per=BATCH))) as rows:
        for _, group in groupby(rows, key=lambda row: row.id):
            lines = list(group)
            known = _rules(tx, lines[0].policy, rules)
            for sample in _Case(lines, known, deeds.get(lines[0].id, _Deeds()), now).samples() if known else ():
                sample.add_to(tallies)
    found: Table = defaultdict(dict)
    for (key, measure), tally in tallies.items():
        found[key][measure] = tally.cell(few=few)
    return dict(found)


def _which(since: datetime, now: datetime, circles: Collection[str] | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        Report.opened_at > since, Report.opened_at <= now, sa.not_(Report.integrity), Report.channel != DRILL,
        sa.or_(Report.outcome.is_(None), Report.outcome.not_in((Outcome.TEST, Outcome.ASIDE))),
        sa.true() if circles is None else Report.circle.in_(circles),
    )  # fmt: skip


def _joined(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """Read a row per message of each page of each report; reports in one run of rows each."""
    carrier = sa.orm.aliased(OutboxRow)  # what left in its place, where several reports waited
    return (
        sa.select(
            Report.id, Report.kind, Report.circle, Report.priority, Report.policy, Report.status, Report.opened_at,
            Report.accepted_at, Page.id.label("page"), Page.tier, Page.level, Page.generation, Page.overdue, Page.state,
            Page.created_at, Page.answered_at, OutboxRow.channel, OutboxRow.state.label("sending"),
            OutboxRow.not_before, sa.func.coalesce(OutboxRow.sent_at, carrier.sent_at).label("sent_at"),
            sa.func.coalesce(OutboxRow.delivered_at, carrier.delivered_at).label("delivered_at"),
        )
        .join(Page, Page.report_id == Report.id, isouter=True)
        .join(OutboxRow, OutboxRow.page_id == Page.id, isouter=True)
        .join(carrier, carrier.id == OutboxRow.bundle_id, isouter=True)
        .where(which)
        .order_by(Report.id, Page.created_at)
    )  # fmt: skip


def _deeds(tx: Session, which: sa.ColumnElement[bool]) -> dict[str, _Deeds]:
    rows = tx.execute(
        sa.select(AuditRow.report_id, AuditRow.event, AuditRow.at, AuditRow.data)
        .join(Report, Report.id == AuditRow.report_id)
        .where(which, AuditRow.event.in_(("accepted", *ACTIONS)))
        .order_by(AuditRow.seq)
        .execution_options(yield_per=BATCH)
    )
    found: dict[str, _Deeds] = {}
    with closing(rows):
        for report_id, event, at, data in rows:
            known = found.get(report_id, _Deeds())
            if event == "accepted":
                found[report_id] = _Deeds(via=data.get("via", ""))  # taken over: the first action is awaited anew
            elif known.first is None and known.via:
                found[report_id] = _Deeds(known.via, at)
    return found


def _rules(tx: Session, policy_id: str, known: dict[str, Policy | None]) -> Policy | None:
    if policy_id not in known:
        try:
            known[policy_id] = policy.registered(tx, policy_id)
        except LookupError:
            known[policy_id] = None  # lost from the store: its reports have no targets, the others are shown
    return known[policy_id]


@dataclass(frozen=True, slots=True)
class _Case:
    """One report: its rows of `_joined`, the policy it goes by, what officers did."""

    rows: list[Any]
    rules: Policy
    deeds: _Deeds
    now: datetime

    def samples(self) -> Iterator[_Sample]:
        """List everything that its report tells."""
        report = self.rows[0]
        whole = (("all", ""), ("circle", report.circle), ("hour", f"{report.opened_at.astimezone(LOCAL):%H}"))
        yield from self._report(whole)
        offers = sorted((row for row in self.rows if row.page is not None), key=lambda row: (row.generation, row.level))
        for _, group in groupby(offers, key=lambda row: (row.generation, row.level)):
            yield from self._offer(list(group))
        for row in offers:
            if row.channel is not None:
                yield from self._message(row)

    def _report(self, whole: tuple[tuple[str, str], ...]) -> Iterator[_Sample]:
        report, waits = self.rows[0], self._waits
        start, target = waits.opens(report.opened_at), waits.accept[0]
        is_open = report.status == Status.OPEN
        yield from self._sample(Measure.PAGE, start, _first(self.rows, "sent_at"), target, whole, waiting=is_open)
        yield from self._sample(Measure.DELIVERY, start, _first(self.rows, "delivered_at"), target, whole)
        by_way = (*whole, ("channel", self.deeds.via)) if self.deeds.via else whole
        yield from self._sample(Measure.ACCEPTANCE, start, report.accepted_at, target, by_way, waiting=is_open)
        if report.accepted_at is not None:
            took = {("tier", row.tier) for row in self.rows if row.state == PageState.ACCEPTED}
            yield from self._sample(
                Measure.FIRST_ACTION, report.accepted_at, self.deeds.first, waits.first_action,
                (*by_way, *sorted(took)), waiting=report.status == Status.ACCEPTED,
            )  # fmt: skip

    def _offer(self, rows: list[Any]) -> Iterator[_Sample]:
        """Measure a tier that was paged, all its officers together."""
        first, under = rows[0], (("tier", rows[0].tier),)
        start = self._waits.opens(first.created_at)
        target = self._wait(first.level)
        waiting = any(row.state == PageState.OPEN for row in rows)
        yield from self._sample(Measure.PAGE, start, _first(rows, "sent_at"), target, under, waiting=waiting)
        yield from self._sample(Measure.DELIVERY, start, _first(rows, "delivered_at"), target, under)
        if first.overdue:
            return  # not an offer to accept first
        taken = [row.answered_at for row in rows if row.state == PageState.ACCEPTED]
        ended = max((row.answered_at for row in rows if row.answered_at), default=self.now)
        if taken:
            yield from self._sample(Measure.ACCEPTANCE, start, min(taken), target, under)
        elif ended - start > target:
            yield _Sample(Measure.ACCEPTANCE, start, ended, target, under)

    def _message(self, row: Any) -> Iterator[_Sample]:
        """Measure one message on its way to a phone."""
        under, target = (("channel", row.channel),), self._wait(row.level)
        waiting = row.sending in (OutboxState.QUEUED, OutboxState.SENDING)
        yield from self._sample(Measure.PAGE, row.not_before, row.sent_at, target, under, waiting=waiting)
        if row.sending == OutboxState.FAILED:
            yield _Sample(Measure.DELIVERY, row.not_before, None, target, under)
        else:
            yield from self._sample(Measure.DELIVERY, row.not_before, row.delivered_at, target, under)

    @property
    def _waits(self) -> Waits:
        return self.rules.waits(self.rows[0].priority, self.rows[0].kind)

    def _wait(self, level: int) -> timedelta:
        waits = self._waits.accept
        return waits[min(level, len(waits) - 1)]

    def _sample(
        self, measure: Measure, start: datetime, until: datetime | None, target: timedelta,
        under: tuple[tuple[str, str], ...], *, waiting: bool = False,
    ) -> Iterator[_Sample]:  # fmt: skip
        if until is not None:
            yield _Sample(measure, start, until, target, under)
        elif waiting and self.now - start > target:
            yield _Sample(measure, start, self.now, target, under)


def _first(rows: list[Any], column: str) -> datetime | None:
    return min((moment for row in rows if (moment := getattr(row, column)) is not None), default=None)
