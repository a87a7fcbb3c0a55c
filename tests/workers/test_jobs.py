"""The worker process: many sends at the same time, none twice, and nothing that holds up the rest."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Outbound, Sender, SendError
from hotline.core import db
from hotline.core.priority import Priority
from hotline.messaging.outbox import OutboxRow
from hotline.staff.directory import Duty
from hotline.staff.tables import OfficerAddress
from tests.journeys.world import World
from tests.servers import START_SECONDS, wait_until
from workers.jobs import Senders

AMNA = "+923000000001"


class Gate:
    """A gateway whose sends take until it opens."""

    def __init__(self, *, shut: bool = False) -> None:
        self.taken: list[str] = []
        self.open = threading.Event()
        self._count = threading.Lock()
        if not shut:
            self.open.set()

    def send(self, message: Outbound) -> str:
        """Deliver."""
        with self._count:
            self.taken.append(message.id)
        assert self.open.wait(START_SECONDS)
        return "ref"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with Amna on two channels, whose worker is the test's own."""
    made = World(database_url, tmp_path)
    with made.transaction() as tx:
        amna = tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.index == made.keys.index("sms", AMNA))).one()
        tx.add(
            OfficerAddress(
                id="telegram",
                officer_id=amna.officer_id,
                channel="telegram",
                index=b"i" * 16,
                address=made.keys.seal_for("worker", b"700000001", "officer telegram telegram"),
            )
        )
    yield made
    made.database.engine.dispose()


@contextmanager
def sending(world: World, count: int, **senders: Sender) -> Iterator[Senders]:
    """A worker process's senders, until the block ends."""
    running = Senders(replace(world.post, senders=senders), count)
    running.start()
    try:
        yield running
    finally:
        for sender in senders.values():
            getattr(sender, "open", threading.Event()).set()
        running.stop()


def put(world: World, count: int, channel: str = "sms", priority: Priority = Priority.P1) -> None:
    """Messages to Amna."""
    with world.transaction() as tx:
        known = tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.channel == channel)).first()
        assert known is not None
        for _ in range(count):
            amna = Duty(known.officer_id, "Amna", integrity=False, addresses=((known.id, channel),))
            world.box.tell(tx, amna, "P1", db.new_id(), now=world.now, priority=priority)


def states(world: World) -> Counter[str]:
    with world.database.reading() as tx:
        return Counter(tx.scalars(sa.select(OutboxRow.state)))


def test_everything_leaves_once_by_two_processes_with_several_senders(world: World) -> None:
    put(world, 60)
    gateway = Gate()
    with sending(world, 4, sms=gateway) as one, sending(world, 4, sms=gateway) as two:
        one.ring()
        two.ring()
        wait_until(lambda: states(world) == {"sent": 60}, "sixty messages")
    assert Counter(Counter(gateway.taken).values()) == {1: 60}


def test_without_a_ring_the_worker_looks_by_itself(world: World) -> None:
    put(world, 1)
    with sending(world, 1, sms=Gate()):
        wait_until(lambda: states(world) == {"sent": 1}, "the message")


def test_so_many_are_under_way_at_the_same_time_and_nothing_more_is_leased(world: World) -> None:
    put(world, 30)
    gateway = Gate(shut=True)
    with sending(world, 8, sms=gateway) as senders:
        senders.ring()
        wait_until(lambda: len(gateway.taken) == 10, "eight, and two more for officers")
        wait_until(lambda: states(world) == {"sending": 10, "queued": 20}, "the leases")
        gateway.open.set()
        wait_until(lambda: states(world) == {"sent": 30}, "the rest")


def test_replies_to_the_public_never_take_all_the_room(world: World) -> None:
    world.worker_sleeps = True
    for number in range(6):
        world.send(f"+9230000000{number + 60}", "salam")
    with world.transaction() as tx:
        tx.execute(sa.delete(OutboxRow).where(OutboxRow.address_id.is_not(None)))
    gateway = Gate(shut=True)
    with sending(world, 4, sms=gateway) as senders:
        senders.ring()
        wait_until(lambda: len(gateway.taken) == 4, "four replies")
        put(world, 5, priority=Priority.P3)
        senders.ring()
        wait_until(lambda: len(gateway.taken) == 6, "two pages")
        assert states(world) == {"sending": 6, "queued": 5}


def test_a_channel_that_hangs_holds_up_no_other(world: World) -> None:
    hung, works = Gate(shut=True), Gate()
    put(world, 20)
    with sending(world, 2, sms=hung, telegram=works) as senders:
        senders.ring()
        wait_until(lambda: len(hung.taken) == 4, "all that the first channel takes")
        put(world, 7, "telegram", priority=Priority.P3)
        senders.ring()
        wait_until(lambda: states(world)["sent"] == 7, "the other channel's")
        assert len(hung.taken) == 4


class Flawed(Gate):
    """A gateway library with a bug."""

    def send(self, message: Outbound) -> str:
        """Fail as no gateway should."""
        with self._count:
            if len(self.taken) < 3:  # as many as there is room for
                self.taken.append(message.id)
                raise ZeroDivisionError
        return super().send(message)


def test_a_send_that_ends_in_a_bug_gives_its_place_back_and_is_tried_again(world: World) -> None:
    put(world, 9)
    with sending(world, 1, sms=Flawed()) as senders:
        senders.ring()
        wait_until(lambda: states(world) == {"sent": 6, "queued": 3}, "the others")


class Refusing(Gate):
    """Refuses the first message for good."""

    def send(self, message: Outbound) -> str:
        """Refuse one."""
        if not self.taken:
            self.taken.append(message.id)
            raise SendError("21610", retryable=False)
        return super().send(message)


def test_a_row_that_cannot_be_marked_holds_up_no_other(world: World) -> None:
    world.worker_sleeps = True
    world.send("+923000000060", "لاہور میں بچی کو آج رات مار دیں گے خطرہ ہے")
    put(world, 5, priority=Priority.P3)

    def stumbles(*_: object) -> None:
        raise LookupError("a page that is not there")

    post = replace(world.post, page_failed=stumbles)
    with sending(replace_post(world, post), 1, sms=Refusing(), telegram=Gate()) as senders:
        senders.ring()
        wait_until(lambda: states(world)["queued"] == 0 and states(world)["sending"] <= 1, "the others")
    assert states(world)["sent"] >= 5


def replace_post(world: World, post: object) -> World:
    world.post = post  # type: ignore[assignment]
    return world


def test_what_was_sent_while_the_database_was_away_is_marked_when_it_is_back(world: World) -> None:
    put(world, 3)
    gateway = Gate(shut=True)
    with sending(world, 4, sms=gateway) as senders:
        senders.ring()
        wait_until(lambda: len(gateway.taken) == 3, "the sends")
        world.database.away = True
        gateway.open.set()
        wait_until(lambda: len(senders._done) == 3, "three that nobody could mark")
        world.database.away = False
        wait_until(lambda: states(world) == {"sent": 3}, "the marks")
    assert len(gateway.taken) == 3
