"""An alarm is raised once, told once and hourly again, taken back when it is over; each is one SMS in every wish."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.channels.sms_encoding import encode_plan
from hotline.core import audit
from hotline.messaging.outbox import OutboxRow, OutboxState
from hotline.monitoring import alarms
from hotline.monitoring.alarms import Alarm, AlarmKind
from tests.journeys.phones import Phone
from tests.journeys.world import World

WISHES = ("en", "ur", "sd", "ur@latin", "sd@latin")


@pytest.fixture
def fatima(world: World) -> Phone:
    """HQ's desk."""
    return world.phone("fatima", "+923000000005")


def test_what_comes_and_goes_is_one_alarm_and_one_page(world: World, fatima: Phone) -> None:
    for _ in range(5):
        with world.transaction() as tx:
            assert alarms.raise_alarm(tx, AlarmKind.REDIS_GONE, "", world.now)
            assert not alarms.raise_alarm(tx, AlarmKind.REDIS_GONE, "", world.now)
            alarms.tell(tx, world.box, world.rules.tiers, world.now)
        world.forward(minutes=5)
        with world.transaction() as tx:
            assert alarms.clear(tx, AlarmKind.REDIS_GONE, "", world.now)
            assert not alarms.clear(tx, AlarmKind.REDIS_GONE, "", world.now)
    fatima.expects("Redis")
    world.everybody_is_silent()


def test_two_processes_tell_once(world: World, fatima: Phone) -> None:
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.OUTBOX_LATE, "", world.now)
    told: list[int] = []

    def tell() -> None:
        with world.transaction() as tx:
            told.append(alarms.tell(tx, world.box, world.rules.tiers, world.now))

    world.simultaneously(tell, tell)
    assert sorted(told) == [0, 1]
    fatima.expects("Hotline: messages have been waiting")
    world.everybody_is_silent()


def test_a_page_that_could_not_leave_before_it_was_mended_is_taken_back(world: World) -> None:
    world.worker_sleeps = True
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.WORKER_SILENT, "", world.now)
        alarms.tell(tx, world.box, world.rules.tiers, world.now)
    with world.transaction() as tx:
        alarms.clear(tx, AlarmKind.WORKER_SILENT, "", world.now)
    with world.database.reading() as tx:
        assert [row.state for row in tx.scalars(sa.select(OutboxRow))] == [OutboxState.WITHDRAWN]


@pytest.mark.one_database
@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("kind", list(AlarmKind))
def test_every_alarm_is_one_sms_in_every_wish_however_long_the_names(world: World, kind: AlarmKind, wish: str) -> None:
    with world.database.reading() as tx:
        people = staff.current_directory(tx)
    name = "Dera Ghazi Khan and the long valleys of the Suleiman range"
    people.circles["lahore"] = {"en": f"AHTC {name}", "ur": f"{name} سرکل", "sd": f"{name} سرڪل"}
    subjects = {AlarmKind.GATEWAY_FAILING: "whatsapp", AlarmKind.NOBODY_ON_DUTY: "lahore",
                AlarmKind.GAP_AHEAD: "lahore/assistant_director/2026-11-27T17:00",
                AlarmKind.ADDRESS_BROKEN: next(iter(people.by_address))}  # fmt: skip
    alarm = Alarm(kind=kind.value, subject=subjects.get(kind, ""), minutes=-1440, raised_at=world.now)
    said = alarms.text(alarm, people, wish)
    assert encode_plan(said).parts == 1
    assert "{" not in said
    assert encode_plan(said).alphabet == ("ucs2" if wish in {"ur", "sd"} else "gsm")


def test_everything_is_on_record(world: World) -> None:
    now: datetime = world.now
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.GAP_AHEAD, "lahore/" + "x" * 80 + "/2026-11-24T05:00", now, minutes=60)
    with world.database.reading() as tx:
        assert audit.verify(tx)[1] is None
