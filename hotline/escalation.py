"""The timer of each report: offered tier by tier until a human being accepts it, then watched until it is closed.

1. `begin` offers a new report to the first tier of its circle that somebody holds; each empty tier is put on record.
2. `sweep` finds reports whose `due_at` has passed and moves each on in a transaction of its own:
   waiting for acceptance -> next occupied tier (the last repeats); accepted but idle -> a tier above is told.
3. `accept` stops the first timer and starts the second; `act` starts the third; `close` ends it.
4. `generation` rises when a report changes hands (transfer); answers to older generations change nothing.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import audit, db, outbox, paging, policy, roster
from hotline.db import Database
from hotline.outbox import Outbox, OutboxRow, State
from hotline.paging import Page, PageState
from hotline.policy import Policy
from hotline.reports import Outcome, Report, Status
from hotline.roster import Duty

log = logging.getLogger(__name__)

SWEEP_LIMIT = 500  # reports moved on in one sweep; the rest follow in the next, most urgent first
STUCK_WAIT = timedelta(seconds=30)  # a report whose step failed is tried again after this


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who has the report now, and whether it was this answer that decided it."""

    officer_id: str | None
    won: bool


@dataclass(slots=True)
class Escalation:
    """The engine, with the policy that new reports begin with."""

    outbox: Outbox
    current: Policy
    _known: dict[str, Policy] = field(default_factory=dict)

    def policy_of(self, tx: Session, report: Report) -> Policy:
        """The policy the report began with, even if another is in force now."""
        if report.policy == self.current.id:
            return self.current
        if report.policy not in self._known:
            self._known[report.policy] = policy.registered(tx, report.policy)
        return self._known[report.policy]

    def begin(self, tx: Session, report: Report, now: datetime) -> None:
        """Start the ladder for a report at its circle (or, in the integrity lane, at the top)."""
        report.policy = self.current.id
        report.status, report.round = Status.OPEN.value, 0
        report.accepted_at = report.accepted_by = report.accepted_level = None
        self._offer(tx, report, len(self.current.tiers) - 1 if report.integrity else 0, now)

    def transfer(self, tx: Session, report: Report, now: datetime, *, actor: str) -> None:
        """Start over after the report's circle, lane or key changed: open pages are withdrawn, older answers fenced."""
        self._withdraw(tx, report, now)
        report.generation += 1
        audit.record(tx, "transferred", at=now, actor=actor, report_id=report.id, circle=report.circle)
        self.begin(tx, report, now)

    def lift(self, tx: Session, report: Report, priority: int, reasons: list[str], now: datetime) -> None:
        """Raise the priority: the tier that has the report is paged again and has the shorter wait from now on."""
        report.reasons = reasons
        if priority >= report.priority:
            return
        report.priority = priority
        audit.record(tx, "lifted", at=now, actor="intake", report_id=report.id, priority=priority)
        if report.status == Status.OPEN:
            report.round += 1
            db.flush(tx)
            outbox.withdraw(tx, report.id)  # a page that waits for the morning is replaced by one that does not
            self._offer(tx, report, report.level, now)
        elif report.status == Status.ACCEPTED and report.due_at is not None:
            waits = self.policy_of(tx, report).waits(priority)
            wait = waits.first_action if report.timer == "first_action" else waits.idle
            report.due_at = min(report.due_at, now + wait)
            holder = roster.directory(tx).members.get(report.accepted_by or "")
            if holder is not None:
                paging.warn(tx, self.outbox, report, holder, self._circle_name(tx, report), now)

    def _offer(self, tx: Session, report: Report, start: int, now: datetime) -> None:
        """Page the first tier from `start` on that somebody holds, and arm the timer."""
        rules = self.policy_of(tx, report)
        people = roster.directory(tx)
        for level in range(start, len(rules.tiers)):
            officers = self._eligible(report, people.on_duty(report.circle, rules.tiers[level], now, top=rules.top))
            if officers:
                break
            audit.record(tx, "tier_empty", at=now, actor="engine", report_id=report.id, tier=rules.tiers[level])
        else:
            level = len(rules.tiers) - 1
            officers = self._eligible(report, people.of_rank(rules.top))
            audit.record(tx, "nobody_on_duty", at=now, actor="engine", report_id=report.id, paged_anyway=len(officers))
        report.level = level
        self._arm(report, "accept", rules.opens(report.priority, now), rules.waits(report.priority).accept[level])
        self._page(tx, report, rules, officers, now)

    @staticmethod
    def _eligible(report: Report, officers: list[Duty]) -> list[Duty]:
        # A tip about an official must not reach that official's line: HQ's integrity officers only.
        return [officer for officer in officers if officer.integrity] if report.integrity else officers

    def _page(
        self, tx: Session, report: Report, rules: Policy, officers: list[Duty], now: datetime, *, overdue: bool = False
    ) -> None:
        tier = rules.tiers[report.level]
        circle = self._circle_name(tx, report)
        opens = rules.opens(report.priority, now)
        paging.send(tx, self.outbox, report, tier, officers, circle, now, overdue=overdue, not_before=opens)

    @staticmethod
    def _circle_name(tx: Session, report: Report) -> str:
        return roster.directory(tx).circles[report.circle]["en"].removeprefix("AHTC ")

    @staticmethod
    def _arm(report: Report, timer: str, start: datetime, wait: timedelta) -> None:
        report.timer, report.due_at = timer, start + wait

    def accept(self, tx: Session, report_id: str, officer_id: str, now: datetime, *, via: str) -> Accepted:
        """An officer takes the report; the first one wins, a superior may take over one that is overdue."""
        report = tx.get_one(Report, report_id, with_for_update=True, populate_existing=True)
        if report.status == Status.CLOSED or (
            report.status == Status.ACCEPTED and not self._may_take_over(tx, report, officer_id)
        ):
            return Accepted(report.accepted_by, report.accepted_by == officer_id)
        mine = tx.scalars(
            sa.select(Page).where(
                Page.report_id == report_id, Page.officer_id == officer_id, Page.generation == report.generation
            )
        ).all()
        for page in mine:
            page.state, page.answered_at = PageState.ACCEPTED.value, now
        report.status, report.accepted_by, report.accepted_at = Status.ACCEPTED.value, officer_id, now
        report.accepted_level = max((page.level for page in mine), default=report.level)
        report.level = report.accepted_level
        db.flush(tx)
        self._withdraw(tx, report, now)
        self._arm(report, "first_action", now, self.policy_of(tx, report).waits(report.priority).first_action)
        audit.record(tx, "accepted", at=now, actor=officer_id, report_id=report_id, via=via)
        return Accepted(officer_id, won=True)

    @staticmethod
    def _may_take_over(tx: Session, report: Report, officer_id: str) -> bool:
        overdue = sa.select(Page.id).where(
            Page.report_id == report.id, Page.officer_id == officer_id, Page.generation == report.generation,
            Page.overdue, Page.state == PageState.OPEN.value,
        )  # fmt: skip
        return officer_id != report.accepted_by and tx.execute(overdue).first() is not None

    def pass_on(self, tx: Session, page: Page, now: datetime, *, via: str) -> bool:
        """An officer passes a page on; False if the report has moved on by itself meanwhile."""
        report = tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)
        stale = page.generation != report.generation or page.level != report.level or report.status != Status.OPEN
        if stale or page.state != PageState.OPEN:
            return False
        page.state, page.answered_at = PageState.PASSED.value, now
        audit.record(tx, "passed", at=now, actor=page.officer_id, report_id=report.id, via=via)
        db.flush(tx)
        self._climb_if_alone(tx, report, now)
        return True

    def page_failed(self, tx: Session, page_id: str, now: datetime) -> None:
        """An address did not work; when none of the page's is left, the report moves on at once."""
        page = tx.get_one(Page, page_id)
        gone = (State.FAILED.value, State.WITHDRAWN.value)
        left = sa.select(OutboxRow.id).where(OutboxRow.page_id == page_id, OutboxRow.state.not_in(gone)).limit(1)
        report = tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)
        audit.record(tx, "address_failed", at=now, actor="worker", report_id=report.id, officer=page.officer_id)
        if tx.execute(left).first() is not None or page.state != PageState.OPEN:
            return
        page.state, page.answered_at = PageState.FAILED.value, now
        audit.record(
            tx, "undeliverable", at=now, actor="worker", report_id=report.id, officer=page.officer_id, tier=page.tier
        )
        db.flush(tx)
        if report.status == Status.OPEN and page.generation == report.generation and page.level == report.level:
            self._climb_if_alone(tx, report, now)

    def _climb_if_alone(self, tx: Session, report: Report, now: datetime) -> None:
        """Make the timer due if no page of the current tier is open. At the top the timer keeps its time: no busy loop."""
        others = sa.select(Page.id).where(
            Page.report_id == report.id, Page.generation == report.generation, Page.level == report.level,
            Page.state == PageState.OPEN.value,
        )  # fmt: skip
        at_top = report.level == len(self.policy_of(tx, report).tiers) - 1
        if not at_top and tx.execute(others.limit(1)).first() is None:
            report.due_at = now

    def _withdraw(self, tx: Session, report: Report, now: datetime) -> None:
        db.flush(tx)
        tx.execute(
            sa.update(Page)
            .where(Page.report_id == report.id, Page.state == PageState.OPEN.value)
            .values(state=PageState.WITHDRAWN.value, answered_at=now)
            .execution_options(synchronize_session="evaluate")
        )
        outbox.withdraw(tx, report.id)

    def act(self, tx: Session, report: Report, now: datetime) -> None:
        """An officer did something with the report: the idle timer starts anew."""
        if report.status == Status.ACCEPTED:
            report.level = report.accepted_level or 0
            self._arm(report, "idle", now, self.policy_of(tx, report).waits(report.priority).idle)

    def close(self, tx: Session, report: Report, outcome: Outcome, officer_id: str, now: datetime) -> None:
        """The end: no timer, no page."""
        report.status, report.outcome, report.closed_at = Status.CLOSED.value, outcome.value, now
        report.timer, report.due_at = None, None
        self._withdraw(tx, report, now)
        audit.record(tx, "closed", at=now, actor=officer_id, report_id=report.id, outcome=outcome.value)

    def sweep(self, database: Database, now: datetime) -> int:
        """Move on every report that is due, most urgent and oldest first; returns how many. One failing stops no other."""
        moved = 0
        failed: list[str] = []
        with database.reading() as tx:  # most sweeps find nothing, and need no write lock for that
            if tx.execute(sa.select(Report.id).where(Report.due_at <= now).limit(1)).first() is None:
                return 0
        while moved + len(failed) < SWEEP_LIMIT:
            report_id = None
            try:
                with database.transaction() as tx:
                    report = _claim_due(tx, now, failed)
                    if report is None:
                        return moved
                    report_id = report.id
                    self._step(tx, report, now)
                moved += 1
            except (SQLAlchemyError, LookupError, ValueError):
                if report_id is None:
                    raise
                log.exception("step failed", extra={"report_id": report_id})
                failed.append(report_id)
                _postpone(database, report_id, now)
        return moved

    def _step(self, tx: Session, report: Report, now: datetime) -> None:
        rules = self.policy_of(tx, report)
        last = len(rules.tiers) - 1
        if report.timer == "accept":
            audit.record(tx, "climbed", at=now, actor="clock", report_id=report.id, tier=rules.tiers[report.level])
            report.round += 1
            self._offer(tx, report, min(report.level + 1, last), now)
            return
        audit.record(tx, "overdue", at=now, actor="clock", report_id=report.id, timer=report.timer)
        waits = rules.waits(report.priority)
        self._arm(
            report, report.timer or "idle", now, waits.first_action if report.timer == "first_action" else waits.idle
        )
        self._tell_above(tx, report, rules, now)

    def _tell_above(self, tx: Session, report: Report, rules: Policy, now: datetime) -> None:
        """Page the next occupied tier above, which may take the report over; the top is told again and again."""
        last = len(rules.tiers) - 1
        people = roster.directory(tx)
        report.round += 1
        for level in range(min(report.level + 1, last), last + 1):
            above = self._eligible(report, people.on_duty(report.circle, rules.tiers[level], now, top=rules.top))
            officers = [officer for officer in above if officer.officer_id != report.accepted_by]
            if officers:
                report.level = level
                self._page(tx, report, rules, officers, now, overdue=True)
                return
            audit.record(tx, "tier_empty", at=now, actor="engine", report_id=report.id, tier=rules.tiers[level])


def _claim_due(tx: Session, now: datetime, without: list[str]) -> Report | None:
    """Lock the most urgent report that is due and that no other clock is working on."""
    due = sa.select(Report).where(Report.due_at <= now)
    if without:
        due = due.where(Report.id.not_in(without))
    return tx.scalars(due.order_by(Report.priority, Report.due_at).limit(1).with_for_update(skip_locked=True)).first()


def _postpone(database: Database, report_id: str, now: datetime) -> None:
    with database.transaction() as tx:
        tx.get_one(Report, report_id).due_at = now + STUCK_WAIT
        audit.record(tx, "step_failed", at=now, actor="clock", report_id=report_id)
