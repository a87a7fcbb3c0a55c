"""The clock process: it outlives its database, notices that time jumped, and is heard outside while all is well."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline.casework import slips
from hotline.core import audit
from hotline.messaging import outbox
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow
from hotline.monitoring import alarms, heartbeats
from hotline.monitoring.alarms import AlarmKind
from hotline.monitoring.watchdog import ClockJumpDetector
from hotline.reports.attachments.tables import Attachment
from hotline.reports.tables import Report
from tests.journeys import clock as story
from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.reports.attachments import samples
from workers.clock import Clock

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"
NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Wall(story.Clock):
    """The database of a story, whose wall clock is the story's too, and whose disk can be full."""

    full = False

    def wall(self) -> datetime:
        """As `now`."""
        return self.now()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As the database does. Raises OperationalError while there is no room."""
        if self.full:
            raise OperationalError("insert", None, OSError("no space left on device"))
        with super().transaction() as tx:
            yield tx


class Machine:
    """A machine with a clock process, whose own time goes on whatever the wall clock says."""

    def __init__(self, world: World, heartbeat_url: str = "") -> None:
        self.world, self.seconds = world, 0.0
        self.clock = Clock(
            world.database, world.clock_engine, heartbeat_url=heartbeat_url, ticks=lambda: self.seconds,
            aside=lambda act: act(),
        )  # fmt: skip

    def lives(self, seconds: float, *, step: float = 5.0) -> None:
        """Time passes, as it should: a tick every `step` seconds."""
        for _ in range(int(seconds // step)):
            self.seconds += step
            self.world.database.moment += timedelta(seconds=step)
            fine = not (self.world.database.away or getattr(self.world.database, "full", False))
            if fine:
                with self.world.transaction() as tx:
                    heartbeats.beat(tx, heartbeats.WORKER, self.world.now)
            self.clock.tick()
            if fine:
                self.world.settle()

    def last_beat(self) -> datetime | None:
        """The clock's last sign of life."""
        with self.world.database.reading() as tx:
            return heartbeats.last(tx, heartbeats.CLOCK)

    def jumps(self, **delta: float) -> None:
        """The wall clock is set, or the machine sleeps: its own time stands still."""
        self.world.database.moment += timedelta(**delta)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory."""
    made = World(database_url, tmp_path)
    made.database.__class__ = Wall
    yield made
    made.database.engine.dispose()


@pytest.fixture
def machine(world: World) -> Machine:
    """A machine that has lived for half a minute."""
    made = Machine(world)
    made.lives(30)
    return made


@pytest.fixture
def fatima(world: World) -> Phone:
    """HQ's desk."""
    return world.phone("fatima", "+923000000005")


def hq_said(phone: Phone) -> list[str]:
    return [text for text in phone.unread() if text.startswith("Hotline")]


def recorded(world: World, event: str) -> list[int]:
    with world.database.reading() as tx:
        rows = tx.scalars(sa.select(audit.AuditRow).where(audit.AuditRow.event == event))
        return [row.data["seconds"] for row in rows]


@pytest.mark.parametrize(
    ("wall", "own", "ran"),
    [(1, 1, 0), (30, 1, 0), (1, 29, 0), (3600, 1, 3599), (-3600, 1, -3601), (7200, 7200, 0), (0, 40, -40)],
)
def test_a_clock_that_ran_away_by_more_than_half_a_minute_is_noticed(wall: float, own: float, ran: float) -> None:
    guard = ClockJumpDetector()
    assert guard.look(NOON, 100.0) == timedelta()
    assert guard.look(NOON + timedelta(seconds=wall), 100.0 + own) == timedelta(seconds=ran)
    assert guard.look(NOON + timedelta(seconds=wall + 1), 101.0 + own) == timedelta()


def test_a_machine_that_slept_is_on_record_and_told_once(world: World, machine: Machine, fatima: Phone) -> None:
    machine.jumps(hours=2)
    machine.lives(30)
    assert recorded(world, "clock_jumped") == [7200]
    assert hq_said(fatima) == ["Hotline: at 12:00 the clock jumped by 120 min."]
    machine.lives(120)
    assert len(hq_said(fatima)) == 1
    machine.lives(3700, step=100)
    assert len(hq_said(fatima)) == 1


def test_reports_that_fell_due_while_the_machine_slept_each_take_one_step(
    world: World, machine: Machine, fatima: Phone
) -> None:
    world.phone("reporter", "+923000000099").texts(TIP)
    machine.jumps(hours=9)
    machine.lives(30)
    paged = {name: len(world.phone(name).unread()) for name in ("amna", "bilal", "dania", "ehsan")}
    assert paged == {"amna": 1, "bilal": 1, "dania": 0, "ehsan": 0}
    assert [text for text in fatima.unread() if "report" in text] == []


def test_a_clock_that_was_set_back_does_not_make_a_report_wait_longer(world: World, machine: Machine) -> None:
    world.phone("reporter", "+923000000099").texts(TIP)
    machine.lives(300)
    machine.jumps(hours=-3)
    machine.lives(30)
    assert recorded(world, "clock_jumped") == [pytest.approx(-10800, abs=15)]
    with world.database.reading() as tx:
        due = tx.scalars(sa.select(Report.due_at)).one()
    assert due is not None
    assert timedelta(minutes=24) < due - world.now <= timedelta(minutes=25)
    machine.lives(1500)
    assert len(world.phone("bilal").unread()) == 1


def test_a_clock_that_was_set_back_while_no_process_lived_is_noticed_too(world: World, machine: Machine) -> None:
    world.phone("reporter", "+923000000099").texts(TIP)
    machine.jumps(hours=-3)
    after = Machine(world)
    after.lives(30)
    assert recorded(world, "clock_jumped") == [pytest.approx(-10800, abs=15)]
    Machine(world).lives(30)
    assert len(recorded(world, "clock_jumped")) == 1


def test_a_database_that_was_away_for_two_hours_is_told_and_nothing_stale_is_sent_to_the_public(
    world: World, machine: Machine, fatima: Phone
) -> None:
    reporter = world.phone("reporter", "+923000000099")
    world.worker_sleeps = True
    reporter.texts(TIP)
    world.database.away = True
    machine.lives(7200)
    world.database.away = world.worker_sleeps = False
    machine.lives(60)
    assert recorded(world, "database_was_away") == [7200]
    assert hq_said(fatima) == ["Hotline: the database was away for 120 min until 12:00."]
    assert reporter.unread() == []
    with world.database.reading() as tx:
        public = tx.scalars(sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None))).all()
    assert {(row.state, row.reason) for row in public} == {("held", "late")}
    assert recorded(world, "clock_jumped") == []


def test_a_full_disk_stops_the_heartbeat_and_the_call_outside_and_nothing_else(
    world: World, machine: Machine, fatima: Phone
) -> None:
    before = machine.last_beat()
    world.database.full = True  # type: ignore[attr-defined]  # see Wall
    machine.lives(60)
    assert machine.last_beat() == before
    world.database.full = False  # type: ignore[attr-defined]
    machine.lives(30)
    assert hq_said(fatima) == ["Hotline: the database was away for 1 min until 10:01."]


def test_a_database_that_was_away_for_a_moment_is_not_worth_a_word(world: World, machine: Machine) -> None:
    world.database.away = True
    machine.lives(20)
    world.database.away = False
    machine.lives(30)
    assert recorded(world, "database_was_away") == []
    world.everybody_is_silent()


def test_a_fault_of_the_watch_never_stops_the_sweeps(world: World, machine: Machine) -> None:
    world.phone("reporter", "+923000000099").texts(TIP)
    machine.clock._watch._tiers = None  # type: ignore[assignment]  # whatever: it must not matter
    machine.lives(1800, step=60)
    assert len(world.phone("bilal").unread()) == 1


@pytest.fixture
def watchman() -> Iterator[tuple[str, list[str]]]:
    """Somebody outside who listens: address, and the calls that came."""
    calls: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", calls
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("kind", "subject", "heard"),
    [(None, "", True), (AlarmKind.WORKER_SILENT, "", False), (AlarmKind.GATEWAY_FAILING, "sms", False),
     (AlarmKind.NOBODY_ON_DUTY, "hq", False), (AlarmKind.NOBODY_ON_DUTY, "lahore", True), (AlarmKind.REDIS_GONE, "", True)],
)  # fmt: skip
def test_the_watchman_outside_hears_nothing_while_messages_are_not_handled(
    world: World, watchman: tuple[str, list[str]], kind: AlarmKind | None, subject: str, heard: bool
) -> None:
    url, calls = watchman
    machine = Machine(world, heartbeat_url=url)
    with world.transaction() as tx:
        heartbeats.beat(tx, heartbeats.CLOCK, world.now)
        if kind is not None:
            alarms.raise_alarm(tx, kind, subject, world.now)
    machine.clock._call_outside(world.now)
    assert bool(calls) is heard


def test_stale_leases_and_waiting_pages_come_back_with_a_clock_that_was_set_back(world: World) -> None:
    with world.transaction() as tx:
        contact = Contact(id="c", channel="sms", index=b"i", address=b"a", safety="unknown", created_at=world.now,
                          last_inbound_at=world.now, code_misses=0)  # fmt: skip
        tx.add(contact)
        world.box.reply(tx, contact, "x", dedupe="d", now=world.now + timedelta(minutes=5))
        heartbeats.beat(tx, heartbeats.CLOCK, world.now)
    world.database.moment -= timedelta(hours=1)
    Machine(world).lives(5)
    with world.database.reading() as tx:
        found = tx.scalars(sa.select(outbox.OutboxRow).where(outbox.OutboxRow.dedupe == "d")).one()
        assert found.not_before <= world.now + timedelta(minutes=5)


def test_a_picture_that_waits_comes_back_with_a_clock_that_was_set_back(world: World, machine: Machine) -> None:
    """What a worker waits by is moved as well, though another process has that timer."""
    world.send("+923000000099", TIP, None, samples.jpeg())
    machine.lives(5)
    machine.jumps(hours=-3)
    machine.lives(5)
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Attachment.not_before)).one() <= world.now


def test_a_duty_that_fails_each_time_stops_neither_sweeps_nor_heartbeat(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(slips, "sweep", broken)
    world.phone("reporter", "+923000000099").texts(TIP)
    machine.lives(1800, step=60)
    assert len(world.phone("bilal").unread()) == 1
    assert machine.last_beat() == world.now


def test_a_clock_that_cannot_sweep_gives_no_sign_of_life(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the heartbeat relies on the sweeps."""
    before = machine.last_beat()

    def broken(*_args: object) -> int:
        raise ValueError("a bug")

    monkeypatch.setattr(world.clock_engine, "sweep", broken)
    machine.lives(60)
    assert machine.last_beat() == before
