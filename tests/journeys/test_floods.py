"""Five hundred reports in a minute, all in one circle."""

from collections import Counter
from datetime import timedelta

import pytest

from hotline.messaging.pages import PageState
from hotline.reports.tables import Status
from tests.journeys.phones import PAGE, TOKEN, Phone
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World

FLOOD = 500


def test_a_crowd_of_reports_rings_a_phone_three_times_a_minute_and_says_how_many_wait(
    world: World, amna: Phone
) -> None:
    for last in range(60, 80):
        world.send(f"+9230000000{last}", CHILDREN)
    for _ in range(3):
        amna.expects_page("P2", "Lahore")
    amna.is_silent()
    message = amna.expects("and 16 more waiting", within="1m")
    amna.texts(f"1 {message.split()[2]}")
    amna.expects("is yours")
    world.ledger_balances()


def test_the_urgent_is_never_part_of_a_crowd(world: World, reporter: Phone, amna: Phone) -> None:
    for last in range(60, 80):
        world.send(f"+9230000000{last}", CHILDREN)
    amna.reads_all()
    reporter.texts(DANGER)
    amna.expects_page("P1", "Lahore")
    assert "more waiting" in amna.expects(within="1m")


def test_who_was_told_of_a_crowd_asks_for_the_list_and_takes_one_that_was_never_named(
    world: World, amna: Phone
) -> None:
    for last in range(60, 67):
        world.send(f"+9230000000{last}", CHILDREN)
    world.forward(minutes=1)
    named = {page["token"] for page in map(PAGE.search, amna.reads_all()) if page}
    amna.texts("list")
    listed = TOKEN.findall(amna.expects("P2"))
    new = [token for token in listed if token not in named]
    assert new
    amna.texts(f"1 {new[0]}")
    amna.expects(new[0], "is yours")


def test_a_clock_that_ran_ahead_and_was_set_back_makes_no_page_wait_for_its_hours(world: World, amna: Phone) -> None:
    world.database.moment += timedelta(hours=6)
    for last in range(60, 63):
        world.send(f"+9230000000{last}", CHILDREN)
    world.database.moment -= timedelta(hours=6)
    amna.reads_all()
    world.send("+923000000070", CHILDREN)
    amna.expects_page("P2", "Lahore")


@pytest.mark.long
def test_five_hundred_reports_in_a_minute_all_have_a_number_of_their_own_and_none_is_lost(
    world: World, reporter: Phone, amna: Phone
) -> None:
    for number in range(FLOOD):
        world.send(f"+923000001{number:03d}", CHILDREN)
        world.forward(seconds=60 / FLOOD)
    reporter.texts(DANGER)
    urgent = [page for page in map(PAGE.search, amna.reads_all()) if page and page["priority"] == "1"]
    assert len(urgent) == 1, "the urgent one is not among those that wait"
    amna.texts(f"1 {urgent[0]['token']}")
    amna.expects("is yours")
    tokens = Counter(page.token for page in world.pages() if page.state == PageState.OPEN)
    assert (len(tokens), set(tokens.values())) == (FLOOD, {1})
    assert Counter(report.status for report in world.reports()) == {Status.OPEN: FLOOD, Status.ACCEPTED: 1}
    world.ledger_balances()
