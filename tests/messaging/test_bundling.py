"""Many pages at once become one that says how many more wait; none is lost, none comes twice, P1 never waits."""

import re
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels import sms_encoding
from hotline.channels.contract import Delivery, SendError
from hotline.messaging.bundling import FEW, MINUTE
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.pages import Page
from hotline.messaging.queue import LEASE, Capacity
from hotline.messaging.receipts import delivered
from tests.journeys.world import World
from tests.support.sending import DANGER, TIP

AMNA, BILAL = "+923000000001", "+923000000002"
MORE = re.compile(r"and (\d+) more")


pytestmark = pytest.mark.usefixtures("asleep")


def flood(world: World, count: int, text: str = TIP, first: int = 100) -> None:
    """Reports by so many people, a second apart."""
    for number in range(count):
        world.send(f"+923000000{first + number}", text)
        world.database.moment += timedelta(seconds=1)


def wakes(world: World) -> None:
    """The worker sends what is due now."""
    while world.post.deliver_one():
        pass


def pages(world: World) -> list[OutboxRow]:
    with world.database.reading() as tx:
        of_pages = sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None))
        return list(tx.scalars(of_pages.order_by(OutboxRow.created_at, OutboxRow.id)))


def states(world: World) -> Counter[str]:
    return Counter(row.state for row in pages(world))


def more(world: World) -> list[int]:
    """How many more wait, as Amna's pages say."""
    return [int(found[1]) if (found := MORE.search(text)) else 0 for text in world.air.heard[AMNA]]


@pytest.mark.parametrize(("waiting", "said"), [(1, [0]), (3, [0, 0, 0]), (4, [3]), (10, [9]), (40, [39])])
def test_more_than_a_few_pages_that_wait_become_one(world: World, waiting: int, said: list[int]) -> None:
    flood(world, waiting)
    wakes(world)
    assert more(world) == said
    assert all(sms_encoding.encode_plan(text).parts == 1 for text in world.air.heard[AMNA])
    assert states(world) == {"sent": len(said)} | ({"bundled": waiting - 1} if len(said) < waiting else {})
    with world.database.reading() as tx:
        assert set(tx.scalars(sa.select(Page.state))) == {"open"}


def test_the_most_urgent_and_oldest_one_speaks_for_the_others(world: World) -> None:
    world.triage("P3")
    flood(world, 2)
    world.triage("P2")
    flood(world, 3, first=200)
    wakes(world)
    first = next(row for row in pages(world) if row.priority == 2)
    with world.database.reading() as tx:
        token = tx.get_one(Page, first.page_id).token
    assert [text.split(",")[0] for text in world.air.heard[AMNA]] == [f"P2 report {token} Lahore"]
    assert {row.bundle_id for row in pages(world) if row.state == "bundled"} == {first.id}


def test_pages_that_come_one_by_one_are_bundled_after_a_few_in_a_minute(world: World) -> None:
    for _ in range(12):
        flood(world, 1, first=100 + len(pages(world)))
        wakes(world)
    assert more(world) == [0, 0, 0]
    world.database.moment += MINUTE
    wakes(world)
    assert more(world) == [0, 0, 0, 8]
    world.database.moment += MINUTE
    flood(world, 1, first=300)
    wakes(world)
    assert more(world) == [0, 0, 0, 8, 0], "after the quiet minute a page comes as ever"
    assert states(world) == {"sent": 5, "bundled": 8}


def test_p1_is_never_bundled_never_waits_and_never_counts(world: World) -> None:
    flood(world, 5, DANGER)
    flood(world, 5, first=200)
    wakes(world)
    assert Counter(text[:2] for text in world.air.heard[AMNA]) == {"P1": 5, "P2": 1}
    flood(world, 5, DANGER, first=300)
    wakes(world)
    assert Counter(text[:2] for text in world.air.heard[AMNA]) == {"P1": 10, "P2": 1}


def test_a_flood_in_one_circle_changes_nothing_for_another_officer(world: World) -> None:
    flood(world, 6)
    world.send("+923000000300", "کراچی میں اینٹوں کے بھٹے پر کام")
    wakes(world)
    assert more(world) == [5]
    others = {number: texts for number, texts in world.air.heard.items() if number.startswith("+92300000001")}
    assert [len(texts) for texts in others.values()] == [1]
    assert not any(MORE.search(text) for texts in others.values() for text in texts)


@pytest.mark.parametrize("batch", [1, 4, 50])
def test_what_is_claimed_together_is_bundled_as_what_is_claimed_one_by_one(world: World, batch: int) -> None:
    flood(world, 9)
    while (turn := world.post.turn([], Capacity(batch))).found:
        world.post.turn([world.post.send(leaving) for leaving in turn.leaving], Capacity(0))
    assert more(world) == [8]


def test_pages_that_were_answered_meanwhile_are_not_counted(world: World) -> None:
    flood(world, 6)
    with world.transaction() as tx:
        world.engine.accept(tx, pages(world)[0].report_id or "", "somebody", world.now, via="console")
    wakes(world)
    assert more(world) == [4]


@pytest.mark.parametrize("gateway", ["down", "silent"])
def test_a_bundle_that_did_not_leave_is_made_anew(world: World, gateway: str) -> None:
    flood(world, 6)
    error = SendError("503" if gateway == "down" else "timeout", retryable=True, unknown=gateway == "silent")
    world.air.failures[AMNA] = [error]
    wakes(world)
    assert states(world) == {"queued": 6}
    flood(world, 1, first=200)
    world.database.moment += timedelta(minutes=1)
    wakes(world)
    assert more(world) == [6]
    assert states(world) == {"sent": 1, "bundled": 6}


def test_a_worker_killed_while_a_bundle_leaves_loses_none_of_its_pages(world: World) -> None:
    flood(world, 6)
    world.post.turn([], Capacity(20))
    world.database.moment += LEASE + timedelta(seconds=1)
    world.post.recover()
    assert states(world) == {"queued": 6}
    wakes(world)
    assert more(world) == [5]


def test_a_bundle_that_the_address_refuses_fails_for_all_of_them(world: World) -> None:
    flood(world, 6)
    world.air.failures[AMNA] = [SendError("21610", retryable=False)]
    wakes(world)
    assert states(world) == {"failed": 6}
    assert world.events("undeliverable") == ["undeliverable"] * 6
    world.clock_engine.sweep(world.database, world.now)
    wakes(world)
    assert [int(found[1]) for text in world.air.heard[BILAL] if (found := MORE.search(text))] == [5]


def test_a_receipt_for_a_bundle_counts_for_all_of_them(world: World) -> None:
    flood(world, 6)
    wakes(world)
    carrier = next(row for row in pages(world) if row.state == "sent")
    with world.transaction() as tx:
        delivered(tx, world.keys, Delivery(carrier.id, "delivered"), world.now, world.engine.page_failed)
    assert {row.delivered_at for row in pages(world)} == {world.now}
    assert {row.sent_at for row in pages(world)} == {carrier.sent_at}


@pytest.mark.long
def test_a_flood_all_night_pages_a_few_times_a_minute_and_every_page_is_accounted_for(world: World) -> None:
    for minute in range(4):
        flood(world, 20, first=100 + 20 * minute)
        wakes(world)
        world.database.moment += timedelta(seconds=40)
    world.database.moment += MINUTE
    wakes(world)
    assert len(world.air.heard[AMNA]) <= FEW * 5
    assert sum(more(world)) + len(more(world)) == 80
    assert states(world)["bundled"] == sum(more(world))
