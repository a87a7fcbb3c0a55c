"""Clock and worker notice what is wrong, with each other too, and those who can mend it are told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import staff as roster
from hotline.channels.contract import SendError
from hotline.messaging import address_health
from hotline.monitoring import alarms, heartbeats
from hotline.monitoring.alarms import AlarmKind
from hotline.monitoring.watchdog import Watchdog
from hotline.staff.tables import OfficerAddress
from tests.journeys.phones import Phone
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"


class Watchmen:
    """The eyes of the clock and of the worker of a story, and the machine's own time."""

    def __init__(self, world: World) -> None:
        self.world, self.seconds = world, 0.0
        tiers = world.rules.tiers
        self.clock = Watchdog(world.database, world.clock_engine.outbox, tiers, lambda: self.seconds)
        self.worker = Watchdog(world.database, world.clock_engine.outbox, tiers, lambda: self.seconds)
        self.clock_lives = self.worker_lives = True

    def pass_by(self, seconds: float) -> None:
        """Live through some seconds, with a look every five."""
        for _ in range(int(seconds // 5)):
            self.seconds += 5
            self.world.forward(seconds=5)
            alive = {heartbeats.CLOCK: self.clock_lives, heartbeats.WORKER: self.worker_lives}
            with self.world.transaction() as tx:
                for name in (name for name, lives in alive.items() if lives):
                    heartbeats.beat(tx, name, self.world.now)
            if self.clock_lives:
                self.clock.from_clock(self.world.now)
            if self.worker_lives:
                self.worker.from_worker(self.world.now)
            self.world.settle()


@pytest.fixture
def watchmen(world: World, caplog: pytest.LogCaptureFixture) -> Iterator[Watchmen]:
    """Clock and worker look around, and nothing goes wrong with the looking."""
    yield Watchmen(world)
    assert [
        record.getMessage() for record in caplog.get_records("call") if record.name == "hotline.monitoring.watchdog"
    ] == []


@pytest.fixture
def fatima(world: World) -> Phone:
    """HQ's desk."""
    return world.phone("fatima", "+923000000005")


@pytest.fixture
def dania(world: World) -> Phone:
    """Deputy Director of Lahore."""
    return world.phone("dania", "+923000000003")


def standing(world: World) -> list[tuple[str, str]]:
    with world.database.reading() as tx:
        return [(alarm.kind, alarm.subject) for alarm in alarms.current(tx)]


def staff(world: World, text: str) -> None:
    """Load a change of the directory."""
    file = world.folder / "change.yaml"
    file.write_text(text, encoding="utf-8")
    world.load(file)


def hq_by_telegram_too(world: World) -> Phone:
    staff(world, "officers:\n  - {username: fatima, name: Fatima, rank: hq, circle: hq, addresses: ["
                 "{channel: sms, address: '+923000000005'}, {channel: telegram, address: '7005'}]}\n")  # fmt: skip
    return world.phone("fatima", "telegram:7005")


def test_while_all_is_well_nobody_is_told_anything(world: World, watchmen: Watchmen) -> None:
    watchmen.pass_by(120)
    assert standing(world) == []
    world.everybody_is_silent()


def test_a_clock_that_died_is_told_by_the_worker_within_a_minute(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    watchmen.pass_by(30)
    watchmen.clock_lives = False
    watchmen.pass_by(55)
    fatima.expects("Hotline: the timer has stood still since")
    world.everybody_is_silent()
    assert standing(world) == [("clock_silent", "")]


def test_a_clock_that_comes_back_ends_the_alarm(world: World, watchmen: Watchmen, fatima: Phone) -> None:
    watchmen.pass_by(30)
    watchmen.clock_lives = False
    watchmen.pass_by(55)
    fatima.expects("Hotline:")
    watchmen.clock_lives = True
    watchmen.pass_by(30)
    assert standing(world) == []
    world.everybody_is_silent()
    assert world.events("alarm", "alarm_told", "alarm_over") == ["alarm", "alarm_told", "alarm_over"]


def test_a_restart_of_everything_is_no_alarm(world: World, watchmen: Watchmen) -> None:
    watchmen.pass_by(30)
    world.forward(hours=3)  # nobody lived, nobody looked
    watchmen.pass_by(60)
    assert standing(world) == []


def test_a_worker_that_died_is_shown_and_told_when_one_is_back_if_it_still_matters(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    watchmen.pass_by(30)
    watchmen.worker_lives, world.worker_sleeps = False, True
    watchmen.pass_by(60)
    assert standing(world) == [("worker_silent", "")]
    watchmen.worker_lives, world.worker_sleeps = True, False
    watchmen.pass_by(30)
    assert standing(world) == []
    assert len(fatima.unread()) <= 1


def test_a_gateway_that_fails_is_told_by_another_channel_hourly_until_something_leaves(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    by_telegram = hq_by_telegram_too(world)
    number, amna = fatima.number, "+923000000001"
    for each in (number, amna, "+923000000099"):
        world.air.failures[each] = [SendError("unreachable", retryable=True)] * 1000
    world.phone("reporter", "+923000000099").texts(TIP)
    watchmen.pass_by(60)
    by_telegram.expects("Hotline: no SMS has left since 10:0")
    assert standing(world) == [("gateway_failing", "sms")]
    world.forward(minutes=50)
    watchmen.pass_by(60)
    assert [text for text in by_telegram.unread() if "Hotline" in text] == []
    world.forward(minutes=10)
    watchmen.pass_by(60)
    assert len([text for text in by_telegram.unread() if "Hotline" in text]) == 1
    world.air.failures.clear()
    world.forward(minutes=10)
    watchmen.pass_by(60)
    assert standing(world) == []


def test_one_phone_that_cannot_be_reached_is_no_failing_gateway(world: World, watchmen: Watchmen) -> None:
    world.air.failures["+923000000001"] = [SendError("throttled", retryable=True)] * 3
    world.phone("reporter", "+923000000099").texts(TIP)
    watchmen.pass_by(10)
    world.phone("reporter", "+923000000099").texts("اور بھی")
    watchmen.pass_by(60)
    assert standing(world) == []


def test_a_circle_whose_whole_line_is_off_duty_is_told_to_hq_and_to_its_head(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    off = "\n".join(f"  - {{username: {name}, name: {name.title()}, rank: x, circle: lahore, active: {active},"
                    f" addresses: [{{channel: sms, address: '{number}'}}]}}"
                    for name, number, active in (("amna", "+923000000001", "false"), ("bilal", "+923000000002", "false"),
                                                 ("dania", "+923000000003", "false"), ("ehsan", "+923000000004", "false"),
                                                 ("sana", "+923000000041", "true")))  # fmt: skip
    staff(world, f"officers:\n{off}\n")
    sana = world.phone("sana", "+923000000041")
    staff(
        world,
        "circles:\n  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}, districts: [Lahore], head: [sana]}\n",
    )
    watchmen.pass_by(30)
    said = "Hotline: nobody has been on duty in Lahore since 10:00."
    fatima.expects(said)
    assert said in sana.unread()
    assert ("nobody_on_duty", "lahore") in standing(world)


def test_a_circle_that_never_had_an_officer_is_hqs_by_design(world: World, watchmen: Watchmen) -> None:
    staff(world, "circles:\n  - {code: turbat, zone: sindh, name: {en: AHTC Turbat}}\n")
    watchmen.pass_by(60)
    assert [subject for kind, subject in standing(world) if kind == "nobody_on_duty"] == []


def test_messages_that_nobody_takes_are_told(world: World, watchmen: Watchmen) -> None:
    watchmen.pass_by(10)
    world.worker_sleeps = True  # it beats, and sends nothing
    world.phone("reporter", "+923000000099").texts(TIP)
    watchmen.pass_by(90)
    assert standing(world) == [("outbox_late", "")]


def test_redis_gone_for_a_minute_is_told_and_for_a_moment_is_not(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    watchmen.clock.redis_answers = False
    watchmen.pass_by(50)
    world.everybody_is_silent()
    watchmen.pass_by(20)
    fatima.expects("Hotline: Redis has been down since 10:01.")
    watchmen.clock.redis_answers = True
    watchmen.pass_by(10)
    assert standing(world) == []


def test_a_gap_is_told_to_the_head_once_three_days_ahead_and_once_more_the_day_before(
    world: World, watchmen: Watchmen, dania: Phone
) -> None:
    friday = world.now + timedelta(days=5)
    staff(world, "circles:\n  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}, head: [dania]}\n"
                 f"leave:\n  - {{officer: amna, from: {friday.isoformat()}, until: {(friday + timedelta(hours=8)).isoformat()}}}\n")  # fmt: skip
    said = []
    for _ in range(24 * 6):
        world.forward(hours=1)
        watchmen.pass_by(5)
        said += [(round((friday - world.now) / timedelta(hours=1)), text) for text in dania.unread()]
        dania.read += len(dania.unread())
    text = "Hotline: Lahore has no duty officer from 28/11 10:00 to 18:00."
    assert said == [(72, text), (24, text)]
    world.everybody_is_silent()
    assert standing(world) == []


def test_a_gap_that_is_filled_is_over(world: World) -> None:
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.GAP_AHEAD, "lahore/duty_officer/2026-11-24T05:00", world.now, minutes=60)
    Watchmen(world).pass_by(5)
    assert standing(world) == []


def test_a_broken_address_is_told_to_the_head_once_by_other_ways(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    by_telegram = hq_by_telegram_too(world)
    with world.database.reading() as tx:
        broken = tx.scalars(
            sa.select(OfficerAddress.id)
            .join(roster.Officer, roster.Officer.id == OfficerAddress.officer_id)
            .where(roster.Officer.username == "fatima", OfficerAddress.channel == "sms")
        ).one()
    for _ in range(address_health.BROKEN):
        world.everybody_is_silent()
        with world.transaction() as tx:
            address_health.failed(tx, broken, world.now)
        watchmen.pass_by(10)
    by_telegram.expects("Hotline: Fatima cannot be reached by SMS. Correct the address.")
    world.forward(hours=30)
    watchmen.pass_by(10)
    world.everybody_is_silent()
    assert fatima.unread() == []
    with world.transaction() as tx:
        address_health.worked(tx, broken, world.now)
    watchmen.pass_by(10)
    assert standing(world) == []


def test_what_happened_and_is_over_leaves_after_an_hour_and_is_told_once(
    world: World, watchmen: Watchmen, fatima: Phone
) -> None:
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.DATABASE_WAS_AWAY, "", world.now, minutes=120)
    watchmen.pass_by(10)
    fatima.expects("Hotline: the database was away for 120 min until 10:00.")
    world.forward(minutes=61)
    watchmen.pass_by(10)
    assert standing(world) == []
    world.everybody_is_silent()
