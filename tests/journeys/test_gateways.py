"""Gateways refuse, time out, break down, forget their receipts and take their time."""

import pytest

from hotline.channels.contract import SendError
from hotline.messaging.dispatcher import NO_ROOM, Sent
from hotline.messaging.queue import Capacity
from hotline.reports.tables import Status
from tests.journeys.gateways import DOWN, NO_ANSWER
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World

CAST = ("amna", "bilal", "dania", "ehsan")


def test_a_page_that_was_taken_and_then_reported_undelivered_moves_on_at_once(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.air.never_reaches(amna.number)
    reporter.texts(CHILDREN)
    bilal.expects_page("P2", "Lahore", within="5s")
    assert world.events("undeliverable") == ["undeliverable"]
    world.ledger_balances()


def test_a_gateway_that_never_gives_receipts_stops_no_ladder(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.air.gives_no_receipt(amna.number)
    reporter.texts(CHILDREN)
    amna.expects_page()
    bilal.expects_page(within="30m")
    amna.accepts()
    amna.expects("is yours")


def test_no_channel_of_the_last_tier_works_and_the_report_stays_on_its_timer_until_one_does(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    world.staff("fatima hq hq")
    world.air.refuses(fatima.number, times=3)
    reporter.texts(DANGER)
    world.forward(minutes=44)
    fatima.is_silent()
    assert world.report().status == Status.OPEN
    fatima.expects_page("P1", within="15m")
    assert world.events("undeliverable") == ["undeliverable"] * 3
    fatima.accepts()
    fatima.expects("is yours")
    world.ledger_balances()


def test_every_phone_of_the_ladder_fails_and_hq_is_paged_within_a_second(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    for name in CAST:
        world.air.refuses(world.phone(name).number)
    reporter.texts(DANGER)
    fatima.expects_page("P1", "Lahore", within="1s")
    assert world.events("undeliverable") == ["undeliverable"] * 4
    world.ledger_balances()


def test_a_time_out_pages_the_officer_once_more_and_never_the_public(
    world: World, reporter: Phone, amna: Phone
) -> None:
    for number in (amna.number, reporter.number):
        world.air.loses_answers(number)
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    assert amna.expects_page(within="10s") == token
    assert len(reporter.reads_all()) == 1
    assert [(row.state, row.reason) for row in world.rows("held")] == [("held", "unknown_fate")]
    world.forward(minutes=5)
    assert reporter.unread() == amna.unread() == []
    world.ledger_balances(doubles=1)


@pytest.mark.long
def test_all_gateways_are_down_for_an_hour_and_what_waited_comes_when_they_are_back(
    world: World, reporter: Phone, amna: Phone
) -> None:
    world.air.is_down()
    reporter.texts(CHILDREN)
    world.phone("neighbour", "+923000000078").texts(DANGER)
    world.forward(hours=1)
    assert {report.status for report in world.reports()} == {Status.OPEN.value}
    world.air.works()
    world.forward(hours=3)
    assert "P1" in "".join(world.phone("fatima").reads_all())
    world.ledger_balances()


def test_an_error_in_the_middle_of_a_burst_costs_one_retry_each(world: World, reporter: Phone, amna: Phone) -> None:
    world.air.failures[amna.number] = [SendError("500", retryable=True)] * 5
    for last in range(70, 75):
        world.send(f"+9230000000{last}", DANGER)
    world.forward(minutes=2)
    assert len({text.split()[2] for text in amna.reads_all()}) == 5
    world.ledger_balances()


def test_a_gateway_that_takes_a_second_for_each_page_sends_the_most_urgent_first(
    world: World, reporter: Phone, amna: Phone
) -> None:
    world.worker_sleeps = True
    for last in range(70, 73):
        world.send(f"+9230000000{last}", CHILDREN)
    for last in range(73, 76):
        world.send(f"+9230000000{last}", DANGER)
    world.air.takes(seconds=1)
    world.worker_sleeps = False
    world.tick()
    for priority in ("P1", "P1", "P1", "P2", "P2", "P2"):
        amna.expects_page(priority)
    world.ledger_balances()


def test_an_answer_that_is_lost_each_time_never_reaches_the_public_twice(
    world: World, reporter: Phone, amna: Phone
) -> None:
    world.air.failures[reporter.number] = [NO_ANSWER] * 3
    for text in (CHILDREN, "1", "lahore", "1"):
        reporter.texts(text)
        world.forward(minutes=1)
    assert len(set(reporter.reads_all())) == 4
    amna.expects_page()
    world.ledger_balances(doubles=0)


@pytest.mark.parametrize("error", [DOWN, NO_ANSWER])
def test_who_leaves_while_an_answer_is_being_tried_does_not_get_it_later(
    world: World, reporter: Phone, error: SendError
) -> None:
    world.worker_sleeps = True
    reporter.texts(CHILDREN)
    leaving = world.post.turn([], Capacity(100)).leaving
    reporter.texts("X")
    world.post.turn([Sent(each, error=error) for each in leaving], NO_ROOM)
    world.worker_sleeps = False
    world.forward(minutes=10)
    reporter.is_silent()
    reporter.texts("hello")
    assert len(reporter.reads_all()) == 1, "what answers the new message, and nothing of before"
