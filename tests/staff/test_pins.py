"""PINs: set by the officer, checked with patience, and worth nothing to whoever reads the database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.core import audit
from hotline.core.db import Database
from hotline.staff.accounts import Account
from hotline.staff.pins import Pin
from hotline.staff.tables import Circle, Officer, Zone

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
RIGHT, WRONG = "482193", "482194"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two officers with accounts; Amna has a PIN."""
    made = Database(database_url)
    with made.transaction() as tx:
        tx.add(Zone(code="z", name={"en": "Z"}))
        tx.add(Circle(code="lahore", zone="z", name={"en": "Lahore"}))
        for name in ("amna", "bilal", "dania"):
            tx.add(Officer(id=name, username=name, name=name, rank="inspector", circle="lahore", languages=[]))
    with made.transaction() as tx:
        for name in ("amna", "bilal"):
            staff.set_password(tx, name, "correct horse battery")
    with made.transaction() as tx:
        staff.set_pin(tx, "amna", RIGHT, NOW)
    yield made
    made.engine.dispose()


def check(database: Database, pin: str, now: datetime = NOW, officer: str = "amna") -> staff.PinCheck:
    with database.transaction() as tx:
        return staff.check_pin(tx, officer, pin, now)


@pytest.mark.one_database
@pytest.mark.parametrize("pin", [RIGHT, f" {RIGHT} ", "۴۸۲۱۹۳", "٤٨٢١٩٣"])
def test_the_right_pin_is_right_in_any_digits(database: Database, pin: str) -> None:
    assert check(database, pin).result is Pin.RIGHT


@pytest.mark.one_database
@pytest.mark.parametrize("pin", [WRONG, "", "48219", "4821930", "x" * 500, RIGHT + "\0"])
def test_any_other_is_wrong(database: Database, pin: str) -> None:
    assert check(database, pin).result is Pin.WRONG


def test_a_colleague_has_a_pin_of_her_own_or_none(database: Database) -> None:
    assert check(database, RIGHT, officer="bilal").result is Pin.NONE
    assert check(database, RIGHT, officer="dania").result is Pin.NONE
    with database.reading() as tx:
        assert [staff.has_pin(tx, name) for name in ("amna", "bilal", "dania")] == [True, False, False]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "pin", ["", "12345", "123456789", "12345a", "111111", "123456", "654321", "890123", "00000000", "½½½½½½"]
)
def test_a_pin_that_is_short_or_easily_guessed_is_refused_and_the_old_one_stays(database: Database, pin: str) -> None:
    with database.transaction() as tx, pytest.raises(ValueError, match="PIN"):
        staff.set_pin(tx, "amna", pin, NOW)
    assert check(database, RIGHT).result is Pin.RIGHT


def test_without_an_account_there_is_no_pin(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(LookupError):
        staff.set_pin(tx, "dania", RIGHT, NOW)


def test_wrong_pins_cost_time_that_doubles_and_the_right_one_waits_too(database: Database) -> None:
    for _ in range(4):
        assert check(database, WRONG).result is Pin.WRONG
    waits = check(database, RIGHT)
    assert (waits.result, waits.until) == (Pin.WAITS, NOW + timedelta(minutes=15))
    later = NOW + timedelta(minutes=15)
    assert check(database, WRONG, later).result is Pin.WRONG
    assert check(database, RIGHT, later).until == later + timedelta(minutes=30)
    assert check(database, RIGHT, later + timedelta(minutes=30)).result is Pin.RIGHT
    assert [check(database, WRONG, later + timedelta(hours=1)).result for _ in range(4)] == [Pin.WRONG] * 4


def test_a_new_pin_forgets_the_wrong_ones(database: Database) -> None:
    for _ in range(4):
        check(database, WRONG)
    with database.transaction() as tx:
        staff.set_pin(tx, "amna", "739105", NOW)
    assert check(database, "739105").result is Pin.RIGHT


def test_the_record_has_each_wrong_one_and_neither_it_nor_the_database_a_pin(database: Database) -> None:
    check(database, WRONG)
    check(database, RIGHT)
    with database.reading() as tx:
        rows = tx.scalars(sa.select(audit.AuditRow).order_by(audit.AuditRow.seq)).all()
        assert [row.event for row in rows if "pin" in row.event] == ["pin_set", "pin_wrong"]
        assert not any(RIGHT in str(row.data) or WRONG in str(row.data) for row in rows)
        stored = tx.scalars(sa.select(Account.pin_hash).where(Account.officer_id == "amna")).one()
    assert stored is not None
    assert stored.startswith("$argon2id$")
