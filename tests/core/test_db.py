"""Transactions: all of it or nothing, on both databases, whichever way the rows are written."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from hotline.core import audit, db
from hotline.core.db import Database
from hotline.messaging.inbox import InboundRow
from hotline.monitoring.heartbeats import Heartbeat

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind."""
    made = Database(database_url)
    yield made
    made.engine.dispose()


def beats(database: Database) -> list[str]:
    """The names of the heartbeats that are stored."""
    with database.reading() as tx:
        return list(tx.scalars(sa.select(Heartbeat.name).order_by(Heartbeat.name)))


def test_a_row_that_breaks_a_rule_at_the_end_undoes_everything_and_tells_nobody(database: Database) -> None:
    told: list[str] = []
    for _ in range(2):  # the second time on a connection that has seen a failure
        with pytest.raises(IntegrityError), database.transaction() as tx:
            tx.add(Heartbeat(name="tracked", at=NOON))
            db.add(tx, Heartbeat(name="same", at=NOON))
            db.add(tx, Heartbeat(name="same", at=NOON))
            audit.record(tx, "tried", at=NOON, actor="test")
            db.after_commit(tx, lambda: told.append("committed"))
    assert beats(database) == []
    assert told == []
    with database.transaction() as tx:
        db.add(tx, Heartbeat(name="after", at=NOON))
        db.after_commit(tx, lambda: told.append("committed"))
    assert beats(database) == ["after"]
    assert told == ["committed"]


def test_an_exception_in_the_middle_undoes_what_was_written_already(database: Database) -> None:
    with pytest.raises(LookupError), database.transaction() as tx:
        db.add(tx, Heartbeat(name="flushed", at=NOON))
        assert tx.scalars(sa.select(Heartbeat.name)).all() == ["flushed"]
        raise LookupError
    assert beats(database) == []


READS = [
    lambda tx: tx.scalars(sa.select(Heartbeat)).all(),
    lambda tx: tx.get(Heartbeat, "clock", populate_existing=True),
    lambda tx: db.run(tx, sa.select(db.table(Heartbeat))).all(),
]


@pytest.mark.parametrize("read", READS, ids=["rows", "one", "statement"])
def test_whatever_is_read_finds_what_was_added_and_what_changes_later_is_written(
    database: Database, read: Callable[[Session], object]
) -> None:
    with database.transaction() as tx:
        row = Heartbeat(name="clock", at=NOON)
        db.add(tx, row)
        assert read(tx)
        row.at = NOON.replace(hour=12, minute=30)
        assert read(tx)
        assert tx.scalars(sa.select(Heartbeat.at)).one() == NOON.replace(hour=12, minute=30)
        row.at = NOON.replace(hour=13)
    with database.reading() as tx:
        assert tx.scalars(sa.select(Heartbeat.at)).one() == NOON.replace(hour=13)


def test_moments_come_back_as_they_went_in(database: Database) -> None:
    precise = NOON.replace(microsecond=123456)
    with database.transaction() as tx:
        db.add(tx, InboundRow(channel="sms", digest=b"\x00" * 16, received_at=precise, truncated=False))
    with database.reading() as tx:
        assert tx.scalars(sa.select(InboundRow.received_at)).one() == precise
    with pytest.raises((ValueError, DBAPIError, sa.exc.StatementError)), database.transaction() as tx:
        tx.add(Heartbeat(name="naive", at=NOON.replace(tzinfo=None)))
    assert beats(database) == []


def test_reading_sees_what_was_committed_and_writes_nothing(database: Database) -> None:
    with database.transaction() as tx:
        db.add(tx, Heartbeat(name="clock", at=NOON))
    with database.reading() as tx:
        tx.add(Heartbeat(name="never", at=NOON))
        tx.flush()
    assert beats(database) == ["clock"]


def test_the_clock_is_the_databases_and_moves_on(database: Database) -> None:
    first = database.now()
    assert first.tzinfo is not None
    assert first <= database.now()
