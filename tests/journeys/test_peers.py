"""What users of the on-call and intake systems before this one complained about: each a story with another end."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.reports.tables import Status
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, QUESTION
from tests.journeys.world import World


def test_an_empty_tier_costs_no_time_and_is_on_record(world: World, reporter: Phone) -> None:  # goalert#4548
    world.staff("""
        bilal  lahore assistant_director
        ehsan  lahore zonal_director
        fatima hq hq
    """)
    reporter.texts(CHILDREN)
    world.phone("bilal").expects_page("P2", "Lahore")
    world.phone("ehsan").expects_page("P2", "Lahore", within="30m")
    empty = [data["tier"] for _, data in world.record("tier_empty")]
    assert empty == ["duty_officer", "deputy_director"]


def test_no_throttle_holds_back_the_urgent(world: World, amna: Phone) -> None:  # goalert#4449
    before = world.now
    for last in range(60, 80):
        world.send(f"+9230000000{last}", DANGER)
    world.forward(seconds=1)
    mine = [letter for letter in world.air.letters if letter.address == amna.number]
    assert len(mine) >= 1
    assert all(letter.at is not None and letter.at - before <= timedelta(seconds=1) for letter in mine)
    waiting = {report.id for report in world.reports()}
    assert {page.report_id for page in world.pages()} == waiting
    world.ledger_balances()


def test_delivered_is_not_accepted(world: World, reporter: Phone, amna: Phone, bilal: Phone) -> None:  # goalert#921
    reporter.texts(DANGER)
    amna.expects_page("P1")
    assert [row.state for row in world.rows() if row.page_id] == ["delivered"]
    bilal.expects_page("P1", within="5m")


def test_a_late_pass_after_the_climb_skips_nobody(  # goalert#2775
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    bilal.expects_page(within="30m")
    amna.passes()
    amna.expects("another officer or circle")
    world.forward(minutes=29)
    dania.is_silent()


def test_what_waited_for_the_end_of_quiet_hours_goes_on(  # oncall#1206
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.triage("P3")
    world.forward(hours=13)  # eleven in the evening
    reporter.texts(QUESTION)
    amna.is_silent()
    amna.expects_page("P3", within="8h")
    bilal.expects_page("P3", within="4h")


def test_one_officers_broken_phone_stops_no_colleague(
    world: World, reporter: Phone, amna: Phone
) -> None:  # oncall#1503
    world.staff("""
        amna   lahore duty_officer
        nadia  lahore duty_officer
        bilal  lahore assistant_director
        fatima hq hq
    """)
    world.air.refuses(amna.number)
    reporter.texts(CHILDREN)
    world.phone("nadia").expects_page("P2", "Lahore")
    world.forward(minutes=29)
    world.phone("bilal").is_silent()
    world.phone("bilal").expects_page(within="1m")


def test_an_unreachable_second_level_costs_no_time(  # oncall#1326
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    world.air.never_reaches(bilal.number)
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=30)
    dania.expects_page("P2", "Lahore", within="1s")
    world.ledger_balances()


def test_an_acceptance_that_meets_the_closing_reopens_nothing(  # oncall#3161
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.simultaneously(world.close, amna.accepts)
    amna.accepts()
    assert "is closed" in amna.reads_all()[-1]
    assert world.report().status == Status.CLOSED


def test_after_the_closing_nobody_is_paged(  # oncall#4654
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.worker_sleeps = True
    world.forward(minutes=31)
    world.close()
    world.worker_sleeps = False
    world.forward(days=3)
    bilal.is_silent()
    world.nobody_else_is_paged()


@pytest.mark.parametrize("day", [(2026, 10, 25), (2026, 11, 1), (2027, 3, 14), (2027, 3, 28)])
def test_shifts_have_no_gap_when_clocks_change_elsewhere(  # oncall#3261, oncall#5247
    world: World, day: tuple[int, int, int]
) -> None:
    world.staff("""
        amna   lahore duty_officer 08:00-20:00
        nadia  lahore duty_officer 20:00-08:00
        fatima hq hq
    """)
    for hour in range(24):
        world.database.moment = datetime(*day, tzinfo=UTC) + timedelta(hours=hour)
        world.send(f"+9230000000{hour + 60}", CHILDREN)
    assert len(world.phone("amna").reads_all()) == len(world.phone("nadia").reads_all()) == 12
    assert world.events("tier_empty") == []


def test_an_sms_is_enough_to_accept(world: World, reporter: Phone, amna: Phone) -> None:  # oncall#4974
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    assert world.report().status == Status.ACCEPTED


def test_a_bare_word_claims_nothing_while_two_wait(world: World, reporter: Phone, amna: Phone) -> None:  # Iris
    reporter.texts(CHILDREN)
    world.phone("neighbour", "+923000000078").texts(CHILDREN)
    for answer in ("a", "A", "ack", "ok", "1", "yes", "jee", "all", "1 all", "*", ""):
        amna.texts(answer)
    assert {report.status for report in world.reports()} == {Status.OPEN.value}


def test_two_clocks_double_nothing(world: World, reporter: Phone, amna: Phone, bilal: Phone) -> None:  # rq#2338
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.database.moment = world.report().due_at or world.now
    world.simultaneously(world.tick, world.tick, world.tick)
    bilal.expects_page()
    bilal.is_silent()
    assert world.events("climbed") == ["climbed"]


@pytest.mark.long
def test_what_nobody_reads_for_months_expires_never_and_rings_hq_every_time(  # GlobaLeaks#1746
    world: World, reporter: Phone, fatima: Phone
) -> None:
    world.triage("P3")
    reporter.texts(QUESTION)
    world.forward(days=100)
    assert len(fatima.reads_all()) >= 95
    assert world.report().status == Status.OPEN
    assert world.written() == [QUESTION]
    reporter.texts(DANGER)
    assert world.reports()[-1].priority == 1
    world.ledger_balances()
