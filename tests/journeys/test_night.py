"""Twelve hours with 300 reports, tired officers and everything that breaks: in the morning the ledger balances."""

import heapq
import itertools
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from hotline.messaging.pages import PageState
from hotline.reports.tables import Outcome, Report, Status
from tests.journeys.phones import PAGE, Phone
from tests.journeys.staff import number_of
from tests.journeys.told import CHILDREN, DANGER, KARACHI, NOWHERE
from tests.journeys.world import World

STAFF = """
    amna   lahore  duty_officer 08:00-20:00
    nadia  lahore  duty_officer 20:00-08:00
    bilal  lahore  assistant_director
    dania  lahore  deputy_director
    ehsan  lahore  zonal_director
    gulnaz karachi duty_officer
    hamid  karachi assistant_director
    jamila karachi zonal_director
    fatima hq      hq integrity
"""
REPORTS, HOURS, DAYS_AFTER = 300, 12, 2
TEXTS = (CHILDREN, CHILDREN, KARACHI, KARACHI, DANGER, NOWHERE, "مدد", "کراچی میں وہ اسے مار رہے ہیں")


class Night:
    """What people and machines do, by the dice."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice, self.lost_answers = world, Random(seed), 0
        self.order = itertools.count()
        self.plans: list[tuple[object, int, Callable[[], None]]] = []
        self.staff = [world.phone(line.split()[0]) for line in STAFF.strip().splitlines()]

    def after(self, minutes: float, act: Callable[[], None]) -> None:
        """Plan something."""
        heapq.heappush(self.plans, (self.world.now + timedelta(minutes=minutes), next(self.order), act))

    def goes_on(self, hours: float, look: float) -> None:
        """Let time pass: plans are carried out, and officers look at their phones every `look` minutes."""
        end = self.world.now + timedelta(hours=hours)
        while self.world.now < end:
            self.world.forward(minutes=look)
            while self.plans and self.plans[0][0] <= self.world.now:  # type: ignore[operator]
                heapq.heappop(self.plans)[2]()
            for officer in self.staff:
                for page in filter(None, map(PAGE.search, officer.reads_all())):
                    self.answers(officer, page["token"])

    def answers(self, officer: Phone, token: str) -> None:
        """Soon, late, never, with a pass or with a wrong number; now and then the provider repeats it."""
        wrong = str(self.dice.randrange(1000, 10_000))
        said = self.dice.choices([f"1 {token}", f"2 {token}", f"1 {wrong}", ""], [45, 15, 10, 30])[0]
        if said:
            self.writes(officer, said, self.dice.choice([1, 3, 10, 45, 90]))

    def writes(self, phone: Phone, text: str, minutes: float) -> None:
        """A message, which in one case of ten arrives twice."""
        provider_id = f"SM-night-{next(self.order)}"
        for _ in range(1 + (self.dice.random() < 0.1)):
            self.after(minutes, lambda: phone.texts(text, provider_id))

    def somebody_reports(self) -> None:
        """A tip, a plea, a danger; here or there."""
        number = next(self.order)
        self.world.triage(self.dice.choice(["P2", "P2", "P3"]))
        self.writes(Phone(self.world, "reporter", f"+92300001{number:04d}"), self.dice.choice(TEXTS), 0)

    def the_office_works(self) -> None:
        """Once an hour: what was accepted is closed, or has a first action; some of it is forgotten."""
        self.after(60, self.the_office_works)
        if self.world.database.away:
            return
        taken = [report.id for report in self.world.reports() if report.status == Status.ACCEPTED]
        with self.world.transaction() as tx:
            for report in (tx.get_one(Report, report_id, with_for_update=True) for report_id in taken):
                what = self.dice.choices(["closes", "acts", "forgets"], [6, 3, 1])[0]
                if what == "closes":
                    self.world.engine.close(tx, report, Outcome.INQUIRY, report.accepted_by or "", self.world.now)
                elif what == "acts":
                    self.world.engine.act(tx, report, self.world.now)

    def something_breaks(self) -> None:
        """And is mended after a while."""
        world, minutes, air = self.world, self.dice.choice([2, 5, 15, 40]), self.world.air
        number = number_of(self.dice.choice(self.staff).name)
        self.lost_answers += 2
        accidents: list[tuple[Callable[[], None], Callable[[], None]]] = [
            (air.is_down, air.works),
            (lambda: air.refuses(number, 5), air.works),
            (lambda: air.never_reaches(number), air.works),
            (lambda: air.gives_no_receipt(number), air.works),
            (lambda: air.loses_answers(number, 2), air.works),
            (lambda: setattr(world, "worker_sleeps", True), lambda: setattr(world, "worker_sleeps", False)),
            (lambda: setattr(world, "clock_sleeps", True), lambda: setattr(world, "clock_sleeps", False)),
            (lambda: setattr(world.database, "away", True), lambda: setattr(world.database, "away", False)),
        ]  # fmt: skip
        breaks, mends = self.dice.choice(accidents)
        breaks()
        self.after(minutes, mends)
        self.after(minutes, world.provider_repeats)


@pytest.mark.long
@pytest.mark.parametrize("seed", [20261123])
def test_in_the_morning_every_report_is_with_somebody_and_nothing_was_said_twice(world: World, seed: int) -> None:
    world.staff(STAFF)
    world.forward(hours=9)  # seven in the evening: an hour until the shifts change
    night = Night(world, seed)
    for _ in range(REPORTS):
        night.after(night.dice.uniform(0, HOURS * 60), night.somebody_reports)
    for hour in range(HOURS):
        night.after(hour * 60 + night.dice.uniform(0, 20), night.something_breaks)
    night.the_office_works()
    night.goes_on(HOURS, look=2)
    world.air.works()
    night.goes_on(DAYS_AFTER * 24, look=15)
    world.ledger_balances(doubles=night.lost_answers)
    reports = {report.id: report for report in world.reports()}
    assert len(reports) == REPORTS
    top = len(world.rules.tiers) - 1
    assert [report for report in reports.values() if report.status == Status.OPEN and report.level != top] == []
    ringing = [reports[page.report_id] for page in world.pages() if page.state == PageState.OPEN]
    assert [report for report in ringing if report.status == Status.OPEN and report.level != top] == []
    assert world.events("step_failed") == []
