"""The engine: a report comes in, changes hands, is accepted, passed on, worked on, closed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit
from hotline.core.db import Database
from hotline.core.priority import Priority
from hotline.escalation import paging
from hotline.escalation.ladder import Ladder
from hotline.escalation.policy import Policy, Waits
from hotline.escalation.sweep import sweep
from hotline.messaging import Outbox, OutboxRow, OutboxState, Page, PageState, outbox
from hotline.reports import Outcome, Report, Status
from hotline.staff import Duty


@dataclass(frozen=True, slots=True)
class Accepted:
    """The outcome of an acceptance: who has the report now, and whether it was this answer that decided it."""

    officer_id: str | None
    won: bool
    preferred: str | None = None  # name of an officer paged too, whom the victim would rather talk to


class Escalation:
    """The engine: everything that people do with a report, and the ladder that it climbs meanwhile."""

    def __init__(self, outbox: Outbox, current: Policy) -> None:
        self.outbox, self.ladder = outbox, Ladder(outbox, current)

    @property
    def current(self) -> Policy:
        """The policy in force, by which new reports go."""
        return self.ladder.current

    def policy_of(self, tx: Session, report: Report) -> Policy:
        """Find the policy the report began with, even if another is in force now."""
        return self.ladder.policy_of(tx, report)

    def waits(self, tx: Session, report: Report) -> Waits:
        """Find the waits that hold for a report as it is now."""
        return self.ladder.waits(tx, report)

    def holders(self, tx: Session, report: Report, tier: str, now: datetime) -> list[Duty]:
        """Find who is paged for a report at a tier: whom the victim would rather talk to comes first."""
        return self.ladder.holders(tx, report, tier, now)

    def begin(self, tx: Session, report: Report, now: datetime) -> None:
        """Start the ladder for a report at its circle (or, in the integrity lane, at the top)."""
        report.policy = self.current.id
        report.status, report.round = Status.OPEN, 0
        report.accepted_at = report.accepted_by = report.accepted_level = None
        self.ladder.offer(tx, report, len(self.current.tiers) - 1 if report.integrity else 0, now)

    def set_aside(self, tx: Session, report: Report, now: datetime) -> None:
        """Keep a report of which nobody is told, such as an advertisement: closed, until an officer revives it."""
        report.policy, report.closed_at = self.current.id, now
        report.status, report.outcome = Status.CLOSED, Outcome.ASIDE
        audit.record(tx, "set_aside", at=now, actor="intake", report_id=report.id, kind=report.kind)

    def revive(self, tx: Session, report: Report, officer_id: str, now: datetime) -> bool:
        """Make a report of what was set aside, and page the circle; False if it was not set aside."""
        if report.outcome != Outcome.ASIDE:
            return False
        report.closed_at = report.outcome = None
        report.generation += 1
        audit.record(tx, "revived", at=now, actor=officer_id, report_id=report.id)
        self.begin(tx, report, now)
        return True

    def transfer(self, tx: Session, report: Report, now: datetime, *, actor: str) -> None:
        """Start over after the report's circle, lane or key changed: open pages are withdrawn, older answers fenced."""
        self._withdraw(tx, report, now)
        report.generation += 1
        audit.record(tx, "transferred", at=now, actor=actor, report_id=report.id, circle=report.circle)
        self.begin(tx, report, now)

    def lift(self, tx: Session, report: Report, priority: Priority, reasons: list[str], now: datetime) -> None:
        """Raise the priority: the tier that has the report is paged again and has the shorter wait from now on."""
        report.reasons = reasons
        if priority >= report.priority:
            return
        report.priority = priority
        audit.record(tx, "lifted", at=now, actor="intake", report_id=report.id, priority=priority)
        if report.status == Status.OPEN:
            report.round += 1
            outbox.withdraw(tx, report.id)  # a page that waits for the morning is replaced by one that does not
            self.ladder.offer(tx, report, report.level, now)
        elif report.status == Status.ACCEPTED and report.due_at is not None:
            waits = self.waits(tx, report)
            wait = waits.first_action if report.timer == "first_action" else waits.idle
            report.due_at = report.climbs_at = min(report.due_at, now + wait)
            people = staff.current_directory(tx)
            holder = people.members.get(report.accepted_by or "")
            if holder is not None:
                paging.warn(tx, self.outbox, report, holder, people.circles[report.circle], now)

    def tell_top(self, tx: Session, report: Report, now: datetime) -> None:
        """Page the top tier beside whoever has the report, who is not told: the top may take it over.

        A closed report is opened anew at the top: nobody would look at it otherwise.
        """
        if report.status != Status.CLOSED:
            self.ladder.page_top(tx, report, now)
            return
        report.status, report.closed_at, report.outcome = Status.OPEN, None, None
        report.accepted_at = report.accepted_by = report.accepted_level = None
        report.generation, report.round = report.generation + 1, 0
        audit.record(tx, "reopened", at=now, actor="intake", report_id=report.id)
        self.ladder.offer(tx, report, len(self.policy_of(tx, report).tiers) - 1, now)

    def accept(
        self, tx: Session, report_id: str, officer_id: str, now: datetime,
        *, via: str, actor: str | None = None, at: datetime | None = None,
    ) -> Accepted:  # fmt: skip
        """Give the report to an officer; the first one wins, a superior may take over one that is overdue.

        `actor`: who typed it, if not the officer. `at`: when the officer said so, if it was written on paper first;
        the timer runs from then, the record keeps both. Raises ValueError for an `at` before the report or after now.
        """
        report = tx.get_one(Report, report_id, with_for_update=True, populate_existing=True)
        if at is not None and not report.opened_at <= at <= now:
            raise ValueError("accepted before it was opened, or in the future")
        at = at or now
        if not self._may_accept(tx, report, officer_id):
            return Accepted(report.accepted_by, report.accepted_by == officer_id)
        preferred = self._preferred(tx, report, officer_id)
        self._take(tx, report, officer_id, at)
        self._withdraw(tx, report, now)
        self.ladder.arm(tx, report, "first_action", at)
        by_hand = {} if actor is None and at == now else {"officer": officer_id, "accepted_at": at.isoformat()}
        audit.record(tx, "accepted", at=now, actor=actor or officer_id, report_id=report_id, via=via, **by_hand)
        return Accepted(officer_id, won=True, preferred=preferred)

    @staticmethod
    def _may_accept(tx: Session, report: Report, officer_id: str) -> bool:
        if report.status == Status.CLOSED:
            return False
        member = staff.current_directory(tx).members.get(officer_id)
        if report.integrity and not (member and member.integrity):
            return False
        if report.status == Status.OPEN:
            return True
        overdue = sa.select(Page.id).where(
            Page.report_id == report.id, Page.officer_id == officer_id, Page.generation == report.generation,
            Page.overdue, Page.state == PageState.OPEN,
        )  # fmt: skip
        return officer_id != report.accepted_by and tx.execute(overdue).first() is not None

    def _take(self, tx: Session, report: Report, officer_id: str, at: datetime) -> None:
        """Make the report this officer's, at the highest tier that the officer was paged for."""
        page = paging.paged(tx, report).get(officer_id)
        report.status, report.accepted_by, report.accepted_at = Status.ACCEPTED, officer_id, at
        if page is not None:
            tiers = self.policy_of(tx, report).tiers
            page.state, page.answered_at = PageState.ACCEPTED, at
            report.level = tiers.index(page.tier) if page.tier in tiers else page.level
        report.accepted_level = report.level

    def _preferred(self, tx: Session, report: Report, officer_id: str) -> str | None:
        """Name an officer paged too, whom the victim would rather talk to than to this one."""
        members, wish = staff.current_directory(tx).members, self.ladder.preference(tx, report)
        mine = members.get(officer_id)
        pages = [page for page in paging.paged(tx, report).values() if page.state == PageState.OPEN]
        paged = [members[page.officer_id].duty() for page in pages if page.officer_id in members]
        best = min(paged, key=wish.missed, default=None)
        return best.name if best and mine and wish.missed(best) < wish.missed(mine.duty()) else None

    def pass_on(self, tx: Session, page: Page, now: datetime, *, via: str) -> bool:
        """Pass a page on for its officer; False if the report has moved on by itself meanwhile."""
        report = tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)
        stale = page.generation != report.generation or page.level != report.level or report.status != Status.OPEN
        if stale or page.state != PageState.OPEN:
            return False
        page.state, page.answered_at = PageState.PASSED, now
        audit.record(tx, "passed", at=now, actor=page.officer_id, report_id=report.id, via=via)
        self._climb_if_nobody_is_asked(tx, report, now)
        return True

    def page_failed(self, tx: Session, page_id: str, now: datetime) -> None:
        """Ring the officer's next address now, as one did not work; when none is left, the report moves on at once."""
        page = tx.get_one(Page, page_id)
        gone = (OutboxState.FAILED, OutboxState.WITHDRAWN)
        left = sa.select(OutboxRow.id).where(OutboxRow.page_id == page_id, OutboxRow.state.not_in(gone)).limit(1)
        report = tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)
        audit.record(tx, "address_failed", at=now, actor="worker", report_id=report.id, officer=page.officer_id)
        if page.state != PageState.OPEN:
            return
        if tx.execute(left).first() is not None:
            outbox.bring_forward(tx, page_id, now)
            return
        page.state, page.answered_at = PageState.FAILED, now
        audit.record(
            tx, "undeliverable", at=now, actor="worker", report_id=report.id, officer=page.officer_id, tier=page.tier
        )
        asked = report.status == Status.OPEN or (report.status == Status.ACCEPTED and page.overdue)
        if asked and page.generation == report.generation and page.level == report.level:
            self._climb_if_nobody_is_asked(tx, report, now)

    @staticmethod
    def roster_changed(tx: Session, now: datetime, circle: str | None = None) -> None:
        """Have the next sweep page whoever has come on duty, as the roster of a circle changed, or of any (None)."""
        known = staff.current_directory(tx)
        waiting = sa.and_(Report.status == Status.OPEN, Report.due_at > now)
        if circle is not None and circle not in known.desks:  # whose tier is everybody's
            borrowing = {at[0] for at, shifts in known.shifts.items() if any(one.borrow == circle for one in shifts)}
            waiting = sa.and_(waiting, Report.circle.in_({circle, *borrowing}))
        tx.execute(
            sa.update(Report).where(waiting).values(due_at=now).execution_options(synchronize_session="evaluate")
        )

    def _climb_if_nobody_is_asked(self, tx: Session, report: Report, now: datetime) -> None:
        """Make the timer due if no page of the current tier is open. At the top the timer keeps its time: no busy loop."""
        others = sa.select(Page.id).where(
            Page.report_id == report.id, Page.generation == report.generation, Page.level == report.level,
            Page.state == PageState.OPEN,
        )  # fmt: skip
        at_top = report.level == len(self.policy_of(tx, report).tiers) - 1
        if not at_top and tx.execute(others.limit(1)).first() is None:
            report.due_at = report.climbs_at = now

    def _withdraw(self, tx: Session, report: Report, now: datetime) -> None:
        tx.execute(
            sa.update(Page)
            .where(Page.report_id == report.id, Page.state == PageState.OPEN)
            .values(state=PageState.WITHDRAWN, answered_at=now)
            .execution_options(synchronize_session="evaluate")
        )
        outbox.withdraw(tx, report.id)

    def act(self, tx: Session, report: Report, now: datetime) -> None:
        """Start the idle timer anew, as an officer did something with the report: nobody need take it over."""
        if report.status == Status.ACCEPTED:
            self._withdraw(tx, report, now)
            report.level = report.accepted_level or 0
            self.ladder.arm(tx, report, "idle", now)

    def close(self, tx: Session, report: Report, outcome: Outcome, officer_id: str, now: datetime) -> None:
        """End the report: from now on it has no timer and no open page."""
        report.status, report.outcome, report.closed_at = Status.CLOSED, outcome, now
        report.timer = report.due_at = report.climbs_at = report.repeats_at = None
        self._withdraw(tx, report, now)
        audit.record(tx, "closed", at=now, actor=officer_id, report_id=report.id, outcome=outcome)

    def sweep(self, database: Database, now: datetime) -> int:
        """Move on every report that is due, most urgent and oldest first; returns how many. One failing stops no other."""
        return sweep(self.ladder, database, now)
