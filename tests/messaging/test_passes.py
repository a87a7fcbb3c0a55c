"""A worker's turns: what is claimed is sent at once, what was sent is marked, and a kill in between loses nothing."""

from collections import Counter
from datetime import timedelta

import pytest

from hotline.channels.contract import Delivery, SendError
from hotline.messaging import receipts
from hotline.messaging.dispatcher import NO_ROOM
from hotline.messaging.queue import LEASE, Capacity
from tests.journeys.world import World
from tests.support.sending import AMNA, DANGER, REPORTER, TIP, Slow, posts, rows, states
from workers.jobs import POLL

pytestmark = pytest.mark.usefixtures("asleep")


def test_a_turn_takes_what_there_is_room_for_most_urgent_first_and_nothing_else_is_leased(world: World) -> None:
    for number in range(3):
        world.send(f"+92300000009{number}", TIP)
    world.database.moment += timedelta(seconds=1)
    world.send(REPORTER, DANGER)
    turn = world.post.turn([], Capacity(3))
    urgent = [row.id for row in rows(world) if row.priority == 1]
    assert urgent
    taken = [leaving.message.id for leaving in turn.leaving]
    assert set(taken[: len(urgent)]) == set(urgent)
    assert {row.id for row in rows(world) if row.state == "sending"} == set(taken)
    assert len(taken) == turn.found == 3
    assert Counter(row.state for row in rows(world)) == {"sending": 3, "queued": 5}


def test_a_worker_killed_between_turns_repeats_no_more_than_it_had_under_way(world: World) -> None:
    for number in range(5):
        world.send(f"+92300000009{number}", DANGER)
    gateway = Slow()
    post = posts(world, gateway)
    for leaving in post.turn([], Capacity(4)).leaving:
        post.send(leaving)  # and it dies before it could mark any
    world.database.moment += LEASE + timedelta(seconds=1)
    post.recover()
    while post.deliver_one():
        pass
    assert set(gateway.taken) == {row.id for row in rows(world)}, "nothing is lost"
    twice = {row for row, times in Counter(gateway.taken).items() if times > 1}
    assert 0 < len(twice) <= 4
    assert twice <= {row.id for row in rows(world, public=False)}, "nobody of the public is told twice"
    assert states(world, public=True).count(("held", "unknown_fate")) == 4 - len(twice)


def test_the_rows_of_a_worker_that_died_wait_less_than_twenty_seconds() -> None:
    assert LEASE + timedelta(seconds=2 * POLL) < timedelta(seconds=20)


def test_a_lease_that_is_renewed_does_not_end(world: World) -> None:
    world.send(REPORTER, TIP)
    under_way = [leaving.message.id for leaving in world.post.turn([], Capacity(2)).leaving]
    for _ in range(4):
        world.database.moment += LEASE - timedelta(seconds=1)
        assert world.post.recover() == 0
        world.post.renew(under_way)
    world.database.moment += LEASE + timedelta(seconds=1)
    assert world.post.recover() == 2


def test_a_turn_may_be_repeated_when_nobody_knows_whether_it_was_committed(world: World) -> None:
    world.send(REPORTER, TIP)
    world.air.failures[AMNA] = [SendError("503", retryable=True)]
    done = [world.post.send(leaving) for leaving in world.post.turn([], Capacity(2)).leaving]
    world.post.turn(done, NO_ROOM)
    before = [(row.state, row.attempts, row.not_before) for row in rows(world)]
    world.database.moment += timedelta(seconds=1)
    world.post.turn(done, NO_ROOM)
    assert [(row.state, row.attempts, row.not_before) for row in rows(world)] == before


def test_full_channels_are_left_alone_and_crowded_ones_take_officers_pages_only(world: World) -> None:
    world.send(REPORTER, TIP)
    full = world.post.turn([], Capacity(9, full=frozenset({"sms"})))
    crowded = world.post.turn([], Capacity(9, crowded=frozenset({"sms"})))
    assert full.found == 0
    assert [leaving.message.address for leaving in crowded.leaving] == [AMNA]


def test_a_delivery_report_that_comes_before_the_mark_is_not_undone_by_it(world: World) -> None:
    world.send(REPORTER, TIP)
    done = [world.post.send(leaving) for leaving in world.post.turn([], Capacity(2)).leaving]
    page = rows(world, public=False)[0]
    with world.transaction() as tx:
        receipts.delivered(tx, world.keys, Delivery(page.id, "delivered"), world.now, world.engine.page_failed)
    world.post.turn(done, NO_ROOM)
    row = rows(world, public=False)[0]
    assert (row.state, row.receipt_by) == ("delivered", None)
    assert row.sent_at == world.now
