"""The statements that workers repeat all day go by an index, however many rows there are."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.core.db import table
from hotline.core.statements import CompiledStatement, command, connection
from hotline.messaging import bundling, queue
from hotline.messaging.outbox import OutboxRow
from tests.journeys.world import World

MANY = 3000


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline that has sent a lot."""
    made = World(database_url, tmp_path)
    now = made.now
    row = {"channel": "sms", "body": b"", "priority": 2, "attempts": 1, "created_at": now, "not_before": now}
    old = [
        {**row, "id": f"{n}", "dedupe": f"{n}", "state": "sent", "sent_at": now, "address_id": f"a{n % 9}",
         "page_id": f"p{n}"} for n in range(MANY)
    ]  # fmt: skip
    new = [{**row, "id": f"q{n}", "dedupe": f"q{n}", "state": "queued", "address_id": "a1"} for n in range(3)]
    with made.transaction() as tx:
        tx.execute(sa.insert(table(OutboxRow)), old)
        tx.execute(sa.insert(table(OutboxRow)), new)
        tx.execute(sa.text("ANALYZE outbox"))
    yield made
    made.database.engine.dispose()


def plan(world: World, statement: CompiledStatement | sa.Select[Any], values: Mapping[str, Any]) -> str:
    """How the database would run it."""
    dialect = world.database.engine.dialect
    if isinstance(statement, CompiledStatement):
        compiled = statement.compiled(dialect)
        text, bound = compiled.text, compiled.bind(values)
    else:
        text, bound = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})), []
    with world.transaction() as tx:
        explain = "EXPLAIN QUERY PLAN " if world.database.is_sqlite else "EXPLAIN "
        return "\n".join(str(row) for row in command(connection(tx), explain + text, bound).fetchall())


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("claim", "ix_outbox_due"),
        ("waiting", "ix_outbox_due"),
        ("expired", "ix_outbox_leased"),
        ("overdue", "ix_outbox_receipt_by"),
        ("crowd waiting", "ix_outbox_(waiting|due)"),
        ("crowd under way", "ix_outbox_(waiting|leased)"),
        ("crowd lately", "ix_outbox_sent"),
    ],
)
def test_no_statement_of_the_worker_reads_the_whole_outbox(world: World, name: str, index: str) -> None:
    some = {"a1", "a2"}
    statements: dict[str, CompiledStatement | sa.Select[Any]] = {
        "claim": queue.CLAIM, "waiting": queue.WAITING, "expired": queue.EXPIRED, "overdue": queue.OVERDUE,
        "crowd waiting": bundling.waiting(some, world.now), "crowd under way": bundling.under_way(some),
        "crowd lately": bundling.lately(some, world.now),
    }  # fmt: skip
    values = {
        "now": world.now,
        "limit": 9,
        "full": " ",
        "crowded": " ",
    }
    found = plan(world, statements[name], values)
    assert re.search(index, found)
    assert "Seq Scan on outbox" not in found
    assert "SCAN outbox\n" not in found.replace("')", "\n")
