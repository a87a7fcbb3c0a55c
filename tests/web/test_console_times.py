"""The times of the line, and the timeline of one report, as officers see them."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Delivery, SendError
from hotline.messaging import receipts
from hotline.messaging.outbox import OutboxRow
from tests.journeys.world import World
from tests.web.site import Browser, Site

REPORTER = "+923000000099"
TIP = "لاہور میں بھٹے پر زبردستی کام"


def text_of(browser: Browser) -> str:
    """The last page's text, in one line."""
    return " ".join(browser.page.text.split())


def all_delivered(world: World) -> None:
    """The gateway says that all messages have arrived."""
    with world.transaction() as tx:
        for row_id in tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.state == "sent")).all():
            receipts.delivered(tx, world.keys, Delivery(row_id, "delivered"), world.now, world.engine.page_failed)


def test_hq_sees_each_circle_and_a_circle_no_small_counts(
    world: World, site: Site, at_console: Callable[[str], Browser]
) -> None:
    for number in range(3):
        world.send(f"+92300000010{number}", TIP)
    world.forward(seconds=90)
    all_delivered(world)
    fatima, bilal = at_console("fatima"), at_console("bilal")
    fatima.opens("/times")
    for line in (
        "AHTC Lahore 0 s 9 of 10: 0 s In time: 100 % (3)",
        "90 s 9 of 10: 90 s",
        "duty officer",
        "SMS",
        "10:00",
    ):
        assert line in text_of(fatima), line
    bilal.opens("/times")
    assert "fewer than 5" in text_of(bilal)
    assert "90 s" not in text_of(bilal)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("asked", "days"), [("7", 7), ("30", 30), ("90", 90), ("400", 7), ("-1", 7), ("x", 7), ("", 7)]
)
def test_the_time_that_is_looked_at_is_bounded(
    world: World, at_console: Callable[[str], Browser], asked: str, days: int
) -> None:
    fatima = at_console("fatima")
    fatima.opens(f"/times?days={asked}")
    assert f'href="?days={days}" aria-current="true"' in fatima.page.html
    assert "No reports in this period." in fatima.page.text


def test_the_timeline_says_what_happened_when_to_whom_and_by_which_channel(
    world: World, at_console: Callable[[str], Browser]
) -> None:
    world.send(REPORTER, TIP)
    world.forward(seconds=65)
    all_delivered(world)
    world.forward(minutes=35)
    bilal = at_console("bilal")
    bilal.opens(f"/reports/{world.report().id}")
    bilal.sends(f"/reports/{world.report().id}/accept")
    said = text_of(bilal).split("History")[1]
    steps = [
        "Report arrived",
        "Amna was paged (duty officer) SMS: sent 10:00:00, delivered 10:01:05",
        "Not accepted in time (duty officer)",
        "after 30 min Bilal was paged (Assistant Director) SMS: sent 10:30:00",
        "Accepted (Console), Bilal",
    ]
    assert [step for step in steps if step not in said] == []
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)
    assert "+92" not in bilal.page.html, "names, never addresses"


@pytest.mark.parametrize(
    ("story", "line"),
    [
        ("asleep", "SMS: waits until 10:00:00"),
        ("failing", "SMS: could not be delivered"),
        ("answered", "not needed any more"),
    ],
)
def test_the_way_of_a_page_is_told_whatever_became_of_it(
    world: World, at_console: Callable[[str], Browser], story: str, line: str
) -> None:
    world.worker_sleeps = story != "failing"
    world.air.failures["+923000000001"] = [SendError("30003", retryable=False)]
    world.send(REPORTER, TIP)
    amna, path = at_console("amna"), f"/reports/{world.report().id}"
    amna.opens(path)
    if story == "answered":
        amna.sends(f"{path}/accept")
    assert line in text_of(amna)
