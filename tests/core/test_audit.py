"""The record of what happened cannot be changed without showing, and holds nobody's words."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import audit
from hotline.core.audit import AuditRow
from hotline.core.db import Database

NOW = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)
WRITERS, EACH = 8, 25


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    made = Database(database_url)
    yield made
    made.engine.dispose()


def happens(database: Database, *events: str) -> None:
    with database.transaction() as tx:
        for number, event in enumerate(events):
            audit.record(
                tx, event, at=NOW, actor="clock", report_id="r1", number=number, share=0.5, none=None, tags=["a", "ہ"]
            )


def verdict(database: Database) -> tuple[int, int | None]:
    with database.reading() as tx:
        return audit.verify(tx)


def test_an_empty_record_holds(database: Database) -> None:
    assert verdict(database) == (0, None)


def test_events_are_chained_over_transactions_in_the_order_they_happened(database: Database) -> None:
    happens(database, "opened", "paged")
    happens(database, "climbed")
    assert verdict(database) == (3, None)
    with database.reading() as tx:
        assert [(row.seq, row.event) for row in audit.history(tx, "r1")] == [
            (1, "opened"),
            (2, "paged"),
            (3, "climbed"),
        ]
        assert audit.history(tx, "r2") == []


def change(**values: object) -> Callable[[Session], object]:
    return lambda tx: tx.execute(sa.update(AuditRow).where(AuditRow.seq == 3).values(**values))


def insert(tx: Session) -> None:
    """A made-up event in the middle, everything after it moved on by one."""
    for row in tx.scalars(sa.select(AuditRow).where(AuditRow.seq >= 3).order_by(AuditRow.seq.desc())).all():
        tx.execute(sa.update(AuditRow).where(AuditRow.seq == row.seq).values(seq=row.seq + 1))
    tx.add(AuditRow(seq=3, at=NOW, event="accepted", actor="amna", report_id="r1", data={}, hash=b"h" * 32))


def swap(tx: Session) -> None:
    """Two events change places."""
    for old, new in ((3, 99), (4, 3), (99, 4)):
        tx.execute(sa.update(AuditRow).where(AuditRow.seq == old).values(seq=new))


@pytest.mark.parametrize(
    ("what", "tamper", "broken"),
    [
        ("event", change(event="accepted"), 3),
        ("actor", change(actor="somebody"), 3),
        ("report", change(report_id="r2"), 3),
        ("report taken off", change(report_id=None), 3),
        ("time", change(at=NOW + timedelta(microseconds=1)), 3),
        ("data", change(data={"number": 2}), 3),
        ("hash", change(hash=b"h" * 32), 3),
        ("removed", lambda tx: tx.execute(sa.delete(AuditRow).where(AuditRow.seq == 3)), 4),
        ("first removed", lambda tx: tx.execute(sa.delete(AuditRow).where(AuditRow.seq == 1)), 2),
        ("inserted", insert, 3),
        ("swapped", swap, 3),
    ],
)
def test_tampering_shows_at_the_link_where_it_happened(
    database: Database, what: str, tamper: Callable[[Session], object], broken: int
) -> None:
    happens(database, *["paged"] * 6)
    with database.transaction() as tx:
        tamper(tx)
    assert verdict(database)[1] == broken, what


def test_a_cut_tail_shows_against_the_head_that_was_published(database: Database) -> None:
    happens(database, *["paged"] * 4)
    with database.reading() as tx:
        published = audit.head(tx)
    with database.transaction() as tx:
        tx.execute(sa.delete(AuditRow).where(AuditRow.seq == 4))
    with database.reading() as tx:
        assert audit.verify(tx) == (3, None)
        assert audit.head(tx) != published
    happens(database, "climbed")
    with database.reading() as tx:
        assert audit.head(tx)[0] == published[0]
        assert audit.head(tx) != published


def test_eight_writers_at_once_leave_an_unbroken_chain(database: Database) -> None:
    start, problems = threading.Barrier(WRITERS), []

    def write(writer: int) -> None:
        start.wait()
        try:
            for number in range(EACH):
                with database.transaction() as tx:
                    audit.record(tx, "paged", at=NOW, actor=f"w{writer}", number=number)
                    audit.record(tx, "climbed", at=NOW, actor=f"w{writer}", number=number)
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert verdict(database) == (WRITERS * EACH * 2, None)
    with database.reading() as tx:
        pairs = tx.execute(sa.select(AuditRow.actor, AuditRow.event).order_by(AuditRow.seq)).all()
    assert all(
        one.actor == two.actor and (one.event, two.event) == ("paged", "climbed")
        for one, two in zip(pairs[::2], pairs[1::2], strict=True)
    ), "events of one transaction stand together"


@pytest.mark.parametrize(
    "value",
    ["they keep ten people in the cellar of the house near the old mill", ["x" * 65], {"note": "x" * 65}, ("y" * 65,)],
    ids=["text", "in a list", "in a mapping", "in a tuple"],
)
def test_what_could_be_somebodys_words_is_refused_and_not_quoted(database: Database, value: object) -> None:
    with database.transaction() as tx, pytest.raises(ValueError, match="reason") as refused:
        audit.record(tx, "noted", at=NOW, actor="amna", reason=value)
    assert "cellar" not in str(refused.value)
    assert verdict(database) == (0, None)


def fails(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, "accepted", at=NOW, actor="amna", number=1 // 0)


def test_a_transaction_that_is_rolled_back_leaves_nothing(database: Database) -> None:
    happens(database, "opened")
    with pytest.raises(ZeroDivisionError):
        fails(database)
    assert verdict(database) == (1, None)
    happens(database, "climbed")
    assert verdict(database) == (2, None)
