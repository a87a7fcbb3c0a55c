"""The sweep: what is due is found by index, a few reports share a transaction, and no failure reaches beyond its report."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from hotline.core import db
from hotline.core.priority import Priority
from hotline.escalation.ladder import Ladder
from hotline.escalation.sweep import BATCH, STUCK_WAIT, SWEEP_LIMIT, any_due, due
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"
WAITING = 3000  # reports; enough for a planner to tell a scan from a search


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory, once on each database."""
    made = World(database_url, tmp_path)
    made.worker_sleeps = True
    yield made
    made.database.engine.dispose()


def reports(world: World, count: int, **columns: Any) -> list[str]:
    """This many reports like one that was told, each with an id of its own; returns the ids."""
    world.send("+923000000099", TIP)
    with world.transaction() as tx:
        first = tx.execute(sa.select(db.table(Report))).mappings().first()
        assert first is not None
        rows = [{**first, **columns, "id": db.new_id(), "priority": 1 + number % 3} for number in range(count)]
        tx.execute(sa.delete(Report))
        tx.execute(sa.insert(Report), rows)
        tx.execute(sa.text("DELETE FROM pages"))
        tx.execute(sa.text("DELETE FROM outbox"))
        tx.execute(sa.text("DELETE FROM entries"))
    return [row["id"] for row in rows]


class Explain(sa.Executable, sa.ClauseElement):
    """EXPLAIN of a statement."""

    inherit_cache = False

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(element: Explain, compiler: SQLCompiler, **options: Any) -> str:
    how = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{how} {compiler.process(element.statement, **options)}"


@pytest.mark.parametrize("find", [any_due, lambda now: due(Priority.P1, now, BATCH)], ids=["idle", "claim"])
def test_what_is_due_is_found_by_index_whatever_waits(world: World, find: Callable[..., sa.Select[Any]]) -> None:
    reports(world, WAITING, due_at=world.now + timedelta(days=1))
    with world.database.engine.connect() as line:
        line.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
        plan = " ".join(str(row[-1]) for row in line.execute(Explain(find(world.now))))
    assert "ix_reports_due" in plan, plan
    assert not {word for word in ("Seq Scan", "SCAN", "Sort", "TEMP B-TREE", "Filter") if word in plan}, plan


def test_a_sweep_moves_all_on_and_takes_its_share_of_a_flood_only(world: World) -> None:
    reports(world, SWEEP_LIMIT + 30, due_at=world.now, climbs_at=None)
    assert world.clock_engine.sweep(world.database, world.now) == SWEEP_LIMIT
    assert world.clock_engine.sweep(world.database, world.now) == 30
    assert world.clock_engine.sweep(world.database, world.now) == 0
    with world.database.reading() as tx:
        assert tx.scalar(sa.select(sa.func.count(OutboxRow.id))) == SWEEP_LIMIT + 30
    assert world.events("climbed", "step_failed") == ["climbed"] * (SWEEP_LIMIT + 30)


def fails_for(monkeypatch: pytest.MonkeyPatch, wrong: str, error: Exception) -> None:
    """The step of one report raises."""
    step = Ladder.step

    def failing(self: Ladder, tx: Any, report: Report, now: Any) -> None:
        step(self, tx, report, now)
        if report.id == wrong:
            raise error

    monkeypatch.setattr(Ladder, "step", failing)


@pytest.mark.parametrize("error", [LookupError("lost"), TypeError("a bug"), RecursionError("another")])
def test_one_that_fails_in_the_middle_of_a_batch_stops_no_other_whatever_is_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    ids = reports(world, BATCH + 5, due_at=world.now, climbs_at=None)
    fails_for(monkeypatch, ids[BATCH // 2], error)
    with caplog.at_level(logging.CRITICAL):
        assert world.clock_engine.sweep(world.database, world.now) == BATCH + 4
    assert world.events("climbed", "step_failed").count("climbed") == BATCH + 4
    assert world.events("step_failed") == ["step_failed"]
    with world.database.reading() as tx:
        assert tx.get_one(Report, ids[BATCH // 2]).due_at == world.now + STUCK_WAIT
        assert tx.scalar(sa.select(sa.func.count(OutboxRow.id))) == BATCH + 4


def test_a_database_that_fails_is_no_reports_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it stays due: half a minute more would be half a minute too late."""
    ids = reports(world, 3, due_at=world.now, climbs_at=None)
    fails_for(monkeypatch, ids[1], sa.exc.OperationalError("…", None, Exception("server closed the connection")))
    with pytest.raises(sa.exc.OperationalError):
        world.clock_engine.sweep(world.database, world.now)
    assert world.events("step_failed", "climbed") == []
    with world.database.reading() as tx:
        assert set(tx.scalars(sa.select(Report.due_at))) == {world.now}


def test_reports_of_a_batch_know_their_own_pages(world: World) -> None:
    """What is read ahead for all of them is not mixed up, nor are those of an earlier generation."""
    for number in ("96", "97", "98"):
        world.send(f"+9230000000{number}", TIP)
    for _ in range(2):
        world.forward(minutes=31)
    with world.transaction() as tx:
        for report in tx.scalars(sa.select(Report)):
            report.round, report.due_at, report.climbs_at = report.round + 1, world.now, world.now
            report.level = 0
    world.tick()
    assert world.events("step_failed") == []
    with world.database.reading() as tx:
        pages = tx.execute(sa.text("SELECT report_id, officer_id, count(*) FROM pages GROUP BY 1, 2")).all()
    assert {count for _, _, count in pages} == {1}
    assert len(pages) == 3 * 3
