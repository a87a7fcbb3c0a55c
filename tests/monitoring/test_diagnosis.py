"""`hotline doctor REPORT` says in one sentence why a report stands where it stands, and nothing that anybody wrote."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.channels.contract import SendError
from hotline.core import audit
from hotline.monitoring import diagnosis, heartbeats
from hotline.reports.tables import Outcome, Report
from tests.journeys.phones import Phone
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام: canary"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory, and processes that live."""
    made = World(database_url, tmp_path)
    live(made)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def amna(world: World) -> Phone:
    """Duty officer of Lahore."""
    return world.phone("amna")


def live(world: World, *names: str) -> None:
    """Processes leave their heartbeats."""
    with world.transaction() as tx:
        for name in names or (heartbeats.CLOCK, heartbeats.WORKER):
            heartbeats.beat(tx, name, world.now)


def tip(world: World) -> None:
    world.phone("reporter", "+923000000099").texts(TIP)


def explained(world: World, wanted: str = "") -> list[str]:
    with world.database.reading() as tx:
        return diagnosis.explain(tx, wanted or tx.scalars(sa.select(Report.id)).one(), world.now)


def waits_for_an_answer(world: World) -> None:
    tip(world)


def has_been_accepted(world: World) -> None:
    tip(world)
    amna = world.phone("amna")
    amna.expects_page()
    amna.accepts()


def has_been_closed(world: World) -> None:
    has_been_accepted(world)
    with world.transaction() as tx:
        world.engine.close(tx, tx.scalars(sa.select(Report)).one(), Outcome.REFERRED, "amna", world.now)


def has_no_clock(world: World) -> None:
    tip(world)
    world.clock_sleeps = True
    world.forward(minutes=45)
    live(world, heartbeats.WORKER)


def has_no_worker(world: World) -> None:
    world.worker_sleeps = True
    tip(world)
    world.forward(minutes=2)
    live(world, heartbeats.CLOCK)


def has_no_gateway(world: World) -> None:
    for number in ("01", "99"):
        world.air.failures[f"+9230000000{number}"] = [SendError("unreachable", retryable=True)] * 100
    tip(world)
    world.forward(minutes=3)
    live(world)


def has_nobody_on_duty(world: World) -> None:
    file = world.folder / "leave.yaml"
    now, later = world.now.isoformat(), "2027-01-01T00:00:00+05:00"
    file.write_text(f"leave: [{{officer: amna, from: {now}, until: {later}}}]\n", encoding="utf-8")
    world.load(file)
    tip(world)


def fails_at_its_step(world: World) -> None:
    tip(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.due_at = world.now
        audit.record(tx, "step_failed", at=world.now, actor="clock", report_id=report.id)
    world.clock_sleeps = True
    world.forward(minutes=1)
    live(world)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (waits_for_an_answer, "It waits for Amna to answer, until 23-11 10:30."),
        (has_been_accepted, "Amna has it and is asked for the next step by 23-11 14:00."),
        (has_been_closed, "It is closed (referred); nothing waits."),
        (has_no_clock, "It does not move on because no clock lives (silent for 2700 s)."),
        (has_no_worker, "The page to Amna waits in the outbox because no worker lives (silent for 120 s)."),
        (has_no_gateway, "The page to Amna waits in the outbox because the gateway of sms fails since 23-11 10:00."),
        (fails_at_its_step, "Its step failed (times: 1); the clock's log says why."),
        (
            has_nobody_on_duty,
            "Nobody of tier duty_officer is on duty. It waits for Bilal to answer, until 23-11 10:30.",
        ),
    ],
)
def test_a_report_that_waits_is_explained_in_a_sentence(
    world: World, state: Callable[[World], None], said: str
) -> None:
    state(world)
    lines = explained(world)
    assert lines[-1] == f"diagnosis: {said}"
    assert "canary" not in "".join(lines)
    assert "+92" not in "".join(lines)


def test_the_way_of_each_page_the_timer_and_who_is_on_duty_are_shown(world: World, amna: Phone) -> None:
    tip(world)
    token = amna.expects_page()
    lines = explained(world)
    assert lines[1] == "timer: accept, due 23-11 10:30, in 30 min"
    assert f"page {token}: Amna, duty_officer, 23-11 10:00: open" in lines
    assert any(line.startswith("  by sms: ") and "sent 23-11 10:00" in line for line in lines)
    assert "on duty now: duty_officer: Amna" in lines
    assert [line for line in lines if line.startswith("process")] == ["process: clock: lives", "process: worker: lives"]


def test_a_report_is_found_by_the_token_of_its_page(world: World, amna: Phone) -> None:
    tip(world)
    assert explained(world, amna.expects_page()) == explained(world)


@pytest.mark.parametrize("wanted", ["0000", "nothing", "' or 1=1"])
def test_what_is_no_report_is_said(world: World, wanted: str) -> None:
    with pytest.raises(LookupError, match="no report of this id"):
        explained(world, wanted)
