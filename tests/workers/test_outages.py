"""A gateway that is down delays messages and loses none; an address that is at fault is told apart from it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import SendError
from hotline.messaging import address_health, outbox
from hotline.messaging.dispatcher import GIVE_UP
from hotline.messaging.queue import MAX_ATTEMPTS
from tests.journeys.world import World
from tests.support.sending import AMNA, BILAL, DANGER, REPORTER, TIP, rows, states

pytestmark = pytest.mark.usefixtures("asleep")


DOWN = SendError("503", retryable=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "pauses"), [(TIP, [0, 5, 10, 20, 40, 60, 60, 60]), (DANGER, [0, 5, 10, 15, 15, 15, 15, 15])]
)
def test_a_gateway_that_is_down_is_tried_again_and_again_and_nothing_fails_for_it(
    world: World, text: str, pauses: list[int]
) -> None:
    world.send(REPORTER, text)
    began = world.now
    world.air.is_down()
    waits, before = [], world.now
    while world.now < began + timedelta(hours=2):
        row = rows(world, public=False)[0]
        assert row.state == "queued"
        waits.append((row.not_before - before).total_seconds())
        world.database.moment = before = row.not_before
        while world.post.deliver_one():
            pass
    assert waits[: len(pauses)] == pauses
    assert set(waits[len(pauses) :]) == {pauses[-1]}
    with world.database.reading() as tx:
        assert outbox.gateway_trouble(tx) == {"sms": began}
    world.air.works()
    world.database.moment += timedelta(minutes=1)
    while world.post.deliver_one():
        pass
    assert states(world, public=False) == [("sent", None)]
    with world.database.reading() as tx:
        assert outbox.gateway_trouble(tx) == {}
    assert world.events("undeliverable", "address_broken") == []


def test_a_gateway_that_is_down_for_a_day_makes_its_pages_fail(world: World) -> None:
    world.send(REPORTER, TIP)
    world.air.is_down()
    for later in (timedelta(), GIVE_UP - timedelta(seconds=1), timedelta(minutes=1)):
        assert states(world, public=False) == [("queued", None)]
        world.database.moment += later
        while world.post.deliver_one():
            pass
    assert states(world, public=False) == [("failed", "gave_up")]
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(address_health.AddressHealth)).all() == [], "the gateway was at fault"


def test_an_address_that_its_gateway_refuses_for_now_while_it_takes_others_fails_and_the_page_climbs(
    world: World,
) -> None:
    world.send(REPORTER, TIP)
    world.worker_sleeps = False
    world.air.failures[AMNA] = [DOWN] * 99
    for number in range(MAX_ATTEMPTS):
        world.database.moment = rows(world, public=False)[0].not_before
        world.settle()
        world.send(f"+9230000000{number + 70}", "salam")
    assert states(world, public=False)[0] == ("failed", "503")
    world.forward(seconds=1)
    assert len(world.air.heard[BILAL]) == 1


def test_what_waited_out_an_outage_has_its_tries_before_it_again(world: World) -> None:
    world.send(REPORTER, TIP)
    world.air.is_down()
    for _ in range(MAX_ATTEMPTS + 2):
        world.database.moment += timedelta(minutes=1)
        while world.post.deliver_one():
            pass
    world.air.works()
    world.air.failures[AMNA] = [DOWN]
    world.worker_sleeps = False
    world.send("+923000000098", "salam")
    world.forward(minutes=2)
    assert states(world, public=False) == [("sent", None)]
