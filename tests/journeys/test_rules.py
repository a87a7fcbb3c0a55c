"""Policies change while reports go by them; the urgent wakes everybody, the calm waits for the morning."""

import pytest

from hotline.core.datafile import DataFileError
from hotline.escalation import policy
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, KARACHI, QUESTION
from tests.journeys.world import World

QUICK = "priorities: {P2: {accept: [PT1M, PT2M, PT3M, PT4M, PT5M]}}"


def test_the_policy_is_replaced_while_a_report_goes_by_the_old_one(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.policy(QUICK)
    world.forward(minutes=20)
    world.nobody_else_is_paged()
    world.phone("neighbour", "+923000000078").texts(KARACHI)
    world.phone("gulnaz").expects_page("P2", "Karachi")
    world.phone("hamid").expects_page("P2", within="1m")
    bilal.is_silent()
    bilal.expects_page("P2", "Lahore", within="9m")
    assert len({report.policy for report in world.reports()}) == 2


def test_a_transferred_report_begins_by_the_policy_in_force(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.policy(QUICK)
    world.transfer("karachi")
    world.phone("gulnaz").expects_page()
    world.phone("hamid").expects_page(within="1m")


def test_a_policy_that_cannot_be_is_refused_and_the_running_one_stays(world: World, reporter: Phone) -> None:
    with pytest.raises(DataFileError, match=r"story-escalation\.yaml:\d+: priorities\.P2\.accept"):
        world.policy("priorities: {P2: {accept: [PT0S, PT2M, PT3M, PT4M, PT5M]}}")
    reporter.texts(CHILDREN)
    world.phone("amna").expects_page()
    world.phone("bilal").expects_page(within="30m")


def test_p1_climbs_the_whole_ladder_in_under_an_hour_and_hq_is_rung_every_quarter(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone, ehsan: Phone, fatima: Phone
) -> None:
    reporter.texts(DANGER)
    amna.expects_page("P1")
    for phone, minutes in ((bilal, "5m"), (dania, "10m"), (ehsan, "10m"), (fatima, "15m")):
        phone.expects_page("P1", "Lahore", within=minutes)
    for _ in range(8):
        fatima.expects_page("P1", same_token=True, within="15m")
    world.nobody_else_is_paged()
    world.ledger_balances()


def test_at_night_p3_waits_for_the_morning_and_p1_and_p2_do_not(world: World, reporter: Phone, amna: Phone) -> None:
    world.triage("P3")
    world.forward(hours=14)  # midnight in Karachi
    reporter.texts(QUESTION)
    amna.is_silent()
    world.phone("neighbour", "+923000000078").texts(DANGER)
    amna.expects_page("P1")
    amna.accepts()
    amna.expects("is yours")
    world.forward(hours=6, minutes=59)
    amna.is_silent()
    amna.expects_page("P3", within="1m")
    world.ledger_balances()


def test_a_p3_that_nobody_takes_by_day_climbs_by_day_and_rests_at_night(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    world.triage("P3")
    world.forward(hours=9)  # seven in the evening
    reporter.texts(QUESTION)
    amna.expects_page("P3")
    world.forward(hours=11)  # six in the morning: the climb fell due in the quiet hours
    bilal.is_silent()
    bilal.expects_page("P3", within="1h")
    dania.expects_page("P3", within="4h")


def test_a_policy_kept_in_the_store_is_read_back_as_it_was(world: World, reporter: Phone) -> None:
    reporter.texts(CHILDREN)
    old = world.report().policy
    world.policy(QUICK)
    with world.database.reading() as tx:
        assert policy.registered(tx, old).id == old != world.rules.id


def test_the_integrity_lane_leaves_out_the_circle_and_climbs_nowhere_near_it(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    world.staff("""
        amna   lahore duty_officer
        bilal  lahore assistant_director
        fatima hq hq integrity
        omar   hq hq
    """)
    reporter.texts(CHILDREN)
    amna.expects_page()
    for answer in ("1", "lahore", "1", "9", "1", "9", "2", "1"):
        reporter.texts(answer)
    fatima.expects_page(circle="HQ")
    world.forward(days=2)
    assert len(fatima.reads_all()) > 3
    world.phone("bilal").is_silent()
    world.phone("omar").is_silent()
    assert [text for text in amna.reads_all() if "report" in text] == []
    world.ledger_balances()
