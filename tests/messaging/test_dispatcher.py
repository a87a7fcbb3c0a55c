"""Messages leave once, to the right person, at the right time, whatever the gateway or a worker does."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Outbound, SendError
from hotline.messaging.contacts import SAFE_WINDOW, Contact, Safety
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.queue import LEASE
from hotline.staff.tables import OfficerAddress
from tests.journeys.world import World
from tests.support.sending import AMNA, BILAL, DANGER, REPORTER, TIP, Slow, posts, rows, states

pytestmark = pytest.mark.usefixtures("asleep")


def dies(world: World, sender: Slow, count: int) -> None:
    """Workers that are killed while they send."""
    sender.dies = True
    for _ in range(count):
        with pytest.raises(KeyboardInterrupt):
            posts(world, sender).deliver_one()
    sender.dies = False


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_side_by_side_deliver_each_message_once(world: World, workers: int) -> None:
    for number in range(15):
        world.send(f"+923000000{number + 20:03}", DANGER)
    gateway, start, problems = Slow(), threading.Barrier(workers), []

    def work() -> None:
        start.wait()
        try:
            while posts(world, gateway).deliver_one():
                pass
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while posts(world, gateway).deliver_one():
        pass
    assert problems == []
    assert Counter(gateway.taken) == Counter({row.id: 1 for row in rows(world)})
    assert {row.state for row in rows(world)} == {"sent"}
    assert len(gateway.taken) == 30


def test_the_most_urgent_message_leaves_first(world: World) -> None:
    world.send(REPORTER, TIP)
    world.send("+923000000098", DANGER)
    gateway = Slow()
    while posts(world, gateway).deliver_one():
        pass
    priorities = {row.id: row.priority for row in rows(world)}
    assert [priorities[row] for row in gateway.taken] == sorted(priorities.values())
    assert len(set(priorities.values())) > 1


def test_a_killed_workers_page_is_sent_again_and_its_reply_to_the_public_is_held(world: World) -> None:
    world.send(REPORTER, TIP)
    gateway = Slow()
    dies(world, gateway, 2)
    assert {row.state for row in rows(world)} == {"sending"}
    world.database.moment += LEASE
    assert world.post.recover() == 0, "the lease is not over yet"
    world.database.moment += timedelta(seconds=1)
    assert world.post.recover() == 2
    assert states(world, public=False) == [("queued", None)]
    assert states(world, public=True) == [("held", "unknown_fate")]
    while posts(world, gateway).deliver_one():
        pass
    assert world.post.recover() == 0
    assert Counter(gateway.taken)[rows(world, public=True)[0].id] == 1
    assert Counter(gateway.taken)[rows(world, public=False)[0].id] == 2


@pytest.mark.parametrize(
    ("error", "public", "officer"),
    [
        (SendError("timeout", retryable=True, unknown=True), ("held", "unknown_fate"), ("queued", None)),
        (SendError("503", retryable=True), ("queued", None), ("queued", None)),
        (SendError("21610", retryable=False), ("failed", "21610"), ("failed", "21610")),
        (SendError("131047", retryable=False, closed=True), ("held", "closed"), ("failed", "131047")),
        (SendError("c" * 99, retryable=False), ("failed", "c" * 32), ("failed", "c" * 32)),
    ],
    ids=["fate unknown", "gateway down", "refused", "until they write", "a long code"],
)
def test_what_a_failed_send_leads_to(
    world: World, error: SendError, public: tuple[str, str | None], officer: tuple[str, str | None]
) -> None:
    world.send(REPORTER, TIP)
    for number in (REPORTER, AMNA):
        world.air.failures[number] = [error]
    for _ in range(2):
        world.post.deliver_one()
        world.database.moment += timedelta(seconds=1)  # what is put at one instant leaves in any order
    assert public in states(world, public=True)  # beside the word that there is something to read
    assert states(world, public=False) == [officer]


def test_where_no_channel_is_set_up_the_page_climbs_at_once_and_says_so(world: World) -> None:
    world.send(REPORTER, TIP)
    nothing = replace(world.post, senders={})
    while nothing.deliver_one():
        pass
    assert states(world, public=True) == [("failed", "no_channel")]
    assert states(world, public=False) == [("failed", "no_channel")]
    assert world.report().due_at == world.now
    world.worker_sleeps = False
    world.forward(seconds=1)
    assert len(world.air.heard[BILAL]) == 1


def test_one_working_address_of_two_keeps_the_page_where_it_is(world: World) -> None:
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.index == world.keys.index("sms", AMNA))).one()
        second = OfficerAddress(id="second", officer_id=amna.officer_id, channel="telegram", index=b"i" * 16)
        second.address = world.keys.seal_for("worker", b"700000001", "officer telegram second")
        tx.add(second)
    world.send(REPORTER, TIP)
    world.worker_sleeps = False
    world.settle()  # no Telegram here
    assert sorted(states(world, public=False)) == [("failed", "no_channel"), ("sent", None)]
    world.forward(minutes=29)
    assert world.air.heard[BILAL] == []


def test_a_page_answered_while_its_next_try_waits_is_not_tried_again(world: World) -> None:
    world.send(REPORTER, TIP)
    world.air.failures[AMNA] = [SendError("503", retryable=True)]
    for _ in range(2):
        world.post.deliver_one()
    with world.transaction() as tx:
        world.engine.accept(tx, world.report().id, "somebody", world.now, via="console")
    world.worker_sleeps = False
    world.forward(minutes=5)
    assert world.air.heard[AMNA] == []


@pytest.mark.parametrize(
    ("safety", "later", "left", "state"),
    [
        (Safety.UNKNOWN, timedelta(), True, ("sent", None)),
        (Safety.UNKNOWN, SAFE_WINDOW, True, ("sent", None)),
        (Safety.UNKNOWN, SAFE_WINDOW + timedelta(seconds=1), False, ("held", "late")),
        (Safety.NEVER, timedelta(), False, ("withdrawn", "contact")),
        (Safety.DURESS, timedelta(), False, ("withdrawn", "contact")),
    ],
)
def test_whether_it_is_safe_is_asked_when_the_message_leaves(
    world: World, safety: Safety, later: timedelta, left: bool, state: tuple[str, str | None]
) -> None:
    world.send(REPORTER, "salam")
    with world.transaction() as tx:
        tx.scalars(sa.select(Contact)).one().safety = safety
    world.database.moment += later
    world.worker_sleeps = False
    world.settle()
    assert bool(world.air.heard[REPORTER]) is left
    assert states(world, public=True) == [state]


def test_a_send_that_outlives_its_lease_and_succeeds_is_no_longer_held(world: World) -> None:
    class Late(Slow):
        def send(self, message: Outbound) -> str:
            world.database.moment += LEASE + timedelta(seconds=1)
            world.post.recover()
            return super().send(message)

    world.send(REPORTER, "salam")
    assert posts(world, Late()).deliver_one()
    assert states(world, public=True) == [("sent", None)]


def test_a_row_that_does_not_open_holds_up_no_other(world: World) -> None:
    world.send(REPORTER, TIP)
    world.send("+923000000098", "salam")
    with world.transaction() as tx:
        page = tx.scalars(sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None))).one()
        reply = tx.scalars(sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None)).limit(1)).one()
        page.body, reply.body = reply.body, page.body  # as somebody with the database only could do
        swapped = {page.id, reply.id}
    world.worker_sleeps = False
    world.settle()
    assert sorted((row.state, row.reason) for row in rows(world) if row.id in swapped) == [
        ("failed", "unopenable"), ("held", "unopenable"),
    ]  # fmt: skip
    assert sum(map(len, world.air.heard.values())) == 1
    world.forward(seconds=1)
    assert len(world.air.heard[BILAL]) == 1, "the page that could not be read moves on"


def test_a_reply_to_a_contact_that_is_gone_holds_up_no_other(world: World) -> None:
    world.send(REPORTER, TIP)
    with world.transaction() as tx:
        tx.execute(sa.delete(Contact))
    world.worker_sleeps = False
    world.settle()
    assert states(world, public=True) == [("failed", "no_address")]
    assert len(world.air.heard[AMNA]) == 1
