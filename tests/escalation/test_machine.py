"""Whatever people write, officers answer and phones do: no report is ever without a person or a timer that wakes one."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hotline import staff
from hotline.core import audit
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.pages import Page, PageState
from hotline.reports.tables import Outcome, Report, Status
from hotline.staff.tables import Officer
from tests.conftest import NewDatabase
from tests.journeys.world import World
from tests.support.dice import loaded
from tests.support.machine import NAMES, OFFICERS, POLICIES, REPORTERS, TEXTS, WAYS_TO_FAIL, Watched

STARTS = ("opened", "transferred", "climbed", "lifted", "repeated")  # after each of them somebody is paged
MAX_SWEEPS = 30  # more for one moment would be a clock that spins


class Ladder(RuleBasedStateMachine):
    """A hotline whose people do anything in any order."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__()
        self.world = World(url, folder)
        self.air = self.world.air = Watched(self._may_leave)
        self.world.post = replace(self.world.post, senders={"sms": self.air})
        self.last: tuple[str, str, str] | None = None

    def teardown(self) -> None:
        """End the database's connections."""
        self.world.database.engine.dispose()

    def _may_leave(self, row_id: str) -> bool:
        with self.world.database.reading() as tx:
            page_id = tx.get_one(OutboxRow, row_id).page_id
            return page_id is None or tx.get_one(Page, page_id).state == PageState.OPEN

    def _reports(self) -> list[Report]:
        with self.world.database.reading() as tx:
            return list(tx.scalars(sa.select(Report).order_by(Report.opened_at, Report.id)))

    @rule(number=st.sampled_from(REPORTERS), text=st.sampled_from(TEXTS))
    def somebody_writes(self, number: str, text: str) -> None:
        """A message of the public."""
        self.last = (number, text, f"SM{self.world.messages:032d}x")
        self.world.send(*self.last)

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_provider_repeats_itself(self) -> None:
        """The same webhook once more changes nothing."""
        assert self.last is not None
        before = (self.world.events(), {number: len(texts) for number, texts in self.air.heard.items()})
        self.world.send(*self.last)
        assert before == (self.world.events(), {number: len(texts) for number, texts in self.air.heard.items()})

    @rule(number=st.sampled_from(REPORTERS), place=st.sampled_from(["Lahore", "Karachi", "Libya"]))
    def somebody_says_where_later(self, number: str, place: str) -> None:
        """A tip without a place, which moves to its circle once the place is known."""
        for text in ("They keep workers locked in", "1", place):
            self.world.send(number, text)

    @rule(number=st.sampled_from(REPORTERS))
    def a_reply_is_lost_on_the_way(self, number: str) -> None:
        """Or arrives: the gateway does not tell."""
        self.air.failures[number] = [WAYS_TO_FAIL["nobody knows"]]
        self.world.send(number, "salam")

    @rule(verb=st.sampled_from(["1 {}", "1 {}", "{} jee", "2 {}", "ok"]), pick=st.integers(0, 99))
    def an_officer_answers(self, verb: str, pick: int) -> None:
        """A page of theirs, open or not, the newest first."""
        with self.world.database.reading() as tx:
            newest = sa.select(Officer.username, Page.token).join(Page, Page.officer_id == Officer.id)
            pages = tx.execute(
                newest.order_by((Page.state == PageState.OPEN.value).desc(), Page.created_at.desc())
            ).all()
        known = [page for page in pages if page.username in OFFICERS]
        if known:
            page = known[pick % min(len(known), 5)]
            self.world.send(f"+9230000000{OFFICERS[page.username]}", verb.format(page.token))

    @rule(name=NAMES, text=st.sampled_from(["1 9999", "what?", "2 {}", "1 {}"]))
    def an_officer_answers_nonsense(self, name: str, text: str) -> None:
        """Or with the token of somebody else's page."""
        with self.world.database.reading() as tx:
            token = tx.scalars(sa.select(Page.token)).first() or "4821"
        self.world.send(f"+9230000000{OFFICERS[name]}", text.format(token))

    @rule(minutes=st.sampled_from([1, 5, 30, 61, 240, 2880]))
    def time_passes(self, minutes: int) -> None:
        """The clock goes on."""
        self.world.forward(minutes=minutes)

    @rule(name=NAMES, how=st.sampled_from(sorted(WAYS_TO_FAIL)), times=st.sampled_from([1, 7, 60]))
    def an_officers_phone_fails(self, name: str, how: str, times: int) -> None:
        """For a while."""
        self.air.failures[f"+9230000000{OFFICERS[name]}"] = [WAYS_TO_FAIL[how]] * times

    @rule()
    def all_phones_work_again(self) -> None:
        """Until the next failure."""
        self.air.failures.clear()

    @rule(name=NAMES, active=st.booleans())
    def an_officer_leaves_or_returns(self, name: str, active: bool) -> None:
        """By a change of the directory."""
        with self.world.transaction() as tx:
            tx.scalars(sa.select(Officer).where(Officer.username == name)).one().active = active

    @rule(asleep=st.booleans())
    def the_worker_stops_or_starts(self, asleep: bool) -> None:
        """Nothing leaves while it sleeps."""
        self.world.worker_sleeps = asleep
        self.world.settle()

    @rule(text=st.sampled_from(POLICIES))
    def the_policy_is_replaced(self, text: str) -> None:
        """Reports under way keep theirs."""
        self.world.policy(text)

    @rule(hours=st.sampled_from([1, 30]))
    def the_machine_sleeps(self, hours: int) -> None:
        """And wakes: nothing was looked at meanwhile."""
        self.world.leap(hours=hours)

    @rule(name=NAMES, tier=st.sampled_from(["duty_officer", "assistant_director"]))
    def somebody_else_takes_over_a_duty(self, name: str, tier: str) -> None:
        """For some hours, as the head of the circle says by SMS."""
        world = self.world
        with world.transaction() as tx:
            officer = tx.scalars(sa.select(Officer).where(Officer.username == name)).one()
            if officer.active:
                until = world.now + timedelta(hours=3)
                staff.cover(tx, "lahore", tier, officer.id, world.now, until, by="head", now=world.now)
                world.engine.roster_changed(tx, world.now, "lahore")
        world.settle()

    @precondition(lambda self: any(report.status == Status.OPEN for report in self._reports()))
    @rule(pick=st.integers(0, 9), circle=st.sampled_from(["lahore", "karachi", "hq"]))
    def a_report_is_sent_to_another_circle(self, pick: int, circle: str) -> None:
        """Or back."""
        waiting = [report for report in self._reports() if report.status == Status.OPEN and not report.integrity]
        if waiting:
            with self.world.transaction() as tx:
                report = tx.get_one(Report, waiting[pick % len(waiting)].id)
                report.circle = circle
                self.world.engine.transfer(tx, report, self.world.now, actor="hq")
            self.world.settle()

    @precondition(lambda self: any(report.status == Status.OPEN for report in self._reports()))
    @rule(pick=st.integers(0, 9), name=NAMES, minutes=st.integers(0, 90))
    def an_acceptance_is_typed_in_from_paper(self, pick: int, name: str, minutes: int) -> None:
        """With its true time."""
        world, waiting = self.world, [report for report in self._reports() if report.status == Status.OPEN]
        report = waiting[pick % len(waiting)]
        at = max(report.opened_at, world.now - timedelta(minutes=minutes))
        with world.transaction() as tx:
            officer = tx.scalars(sa.select(Officer.id).where(Officer.username == name)).one()
            world.engine.accept(tx, report.id, officer, world.now, via="slip", actor="typist", at=at)
        world.settle()

    @precondition(lambda self: any(report.status == Status.ACCEPTED for report in self._reports()))
    @rule(pick=st.integers(0, 9), close=st.booleans())
    def an_officer_works(self, pick: int, close: bool) -> None:
        """On a report that they have."""
        taken = [report for report in self._reports() if report.status == Status.ACCEPTED]
        with self.world.transaction() as tx:
            report = tx.get_one(Report, taken[pick % len(taken)].id)
            if close:
                self.world.engine.close(tx, report, Outcome.INQUIRY, report.accepted_by or "", self.world.now)
            else:
                self.world.engine.act(tx, report, self.world.now)

    @invariant()
    def every_report_has_somebody_or_a_timer(self) -> None:
        """After the clock has looked."""
        for _ in range(MAX_SWEEPS):
            if self.world.clock_engine.sweep(self.world.database, self.world.now) == 0:
                break
            self.world.settle()
        else:
            pytest.fail("the clock spins")
        for report in self._reports():
            if report.status == Status.CLOSED:
                assert (report.timer, report.due_at) == (None, None)
                continue
            assert report.due_at is not None
            assert report.due_at > self.world.now
            accepted = report.status == Status.ACCEPTED
            assert (report.accepted_by is not None, report.accepted_at is not None) == (accepted, accepted)
            assert report.timer in (("first_action", "idle") if accepted else ("accept",))
            assert report.climbs_at is not None
            assert report.due_at <= report.climbs_at

    @invariant()
    def its_history_says_why(self) -> None:
        """Each offer and each climb is followed by whom it paged; who has a report has accepted it."""
        for report in self._reports():
            with self.world.database.reading() as tx:
                rows = audit.history(tx, report.id)
            if report.status == Status.OPEN:
                last = max(number for number, row in enumerate(rows) if row.event in STARTS)
                later = [row for row in rows[last:] if row.event in ("paged", "page_waits", "nobody_on_duty")]
                assert later, [row.event for row in rows]
            elif report.status == Status.ACCEPTED:
                by = [row.data.get("officer", row.actor) for row in rows if row.event == "accepted"]
                assert by[-1] == report.accepted_by

    @invariant()
    def an_officer_has_one_page_and_one_number_a_report(self) -> None:
        """However often it is repeated, by whichever tier."""
        with self.world.database.reading() as tx:
            pages = list(tx.scalars(sa.select(Page)))
        assert (
            max(Counter((page.report_id, page.generation, page.officer_id) for page in pages).values(), default=1) == 1
        )

    @invariant()
    def no_page_is_open_for_what_is_over_and_none_was_forgotten(self) -> None:
        """Pages of closed reports and of earlier generations are withdrawn; an offer somebody holds has a page or row."""
        generations = {report.id: report for report in self._reports()}
        with self.world.database.reading() as tx:
            opened = list(tx.scalars(sa.select(Page).where(Page.state == PageState.OPEN.value)))
        for page in opened:
            report = generations[page.report_id]
            assert report.status != Status.CLOSED
            assert page.generation == report.generation
            assert page.overdue == (report.status == Status.ACCEPTED)

    @invariant()
    def nobody_of_the_public_is_told_anything_twice(self) -> None:
        """Officers may be, if a send's fate is unknown."""
        with self.world.database.reading() as tx:
            public = set(tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.contact_id.is_not(None))))
        assert [row for row, times in self.air.taken.items() if times > 1 and row in public] == []

    @invariant()
    def the_record_is_whole_and_no_step_failed(self) -> None:
        with self.world.database.reading() as tx:
            assert audit.verify(tx)[1] is None
        assert self.world.events("step_failed") == []


@pytest.mark.long
def test_no_report_is_ever_left_alone(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = loaded(monkeypatch)

    class Here(Ladder):
        def __init__(self) -> None:
            with ExitStack() as stack:
                url = stack.enter_context(new_database())
                self.ends = stack.pop_all()
            begin()
            super().__init__(url, tmp_path_factory.mktemp("ladder"))

        def teardown(self) -> None:
            super().teardown()
            self.ends.close()

    run_state_machine_as_test(Here, settings=settings(max_examples=20, stateful_step_count=30))
