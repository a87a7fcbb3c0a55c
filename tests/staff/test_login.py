"""The door of the console: passwords, one-time codes, waits after wrong tries, log-ins that end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import extract_parameters
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit, vault
from hotline.core.db import Database
from hotline.core.vault import Vault
from hotline.staff.accounts import LoginDelay, LoginSession
from hotline.staff.login import Attempt, LoggedIn, Refused
from hotline.staff.tables import Circle, Officer, Zone

NOW = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)
RIGHT = "correct horse battery"
AMNA = Attempt("amna", RIGHT)


class Door:
    """The door of a story, on a clock that is moved by hand."""

    def __init__(self, database: Database, keys: Vault) -> None:
        self.database, self.keys, self.now = database, keys, NOW

    def tries(self, attempt: Attempt, *, require_totp: bool = False) -> LoggedIn | Refused:
        """Try to log in."""
        return staff.log_in(self.database, self.keys, attempt, self.now, require_totp=require_totp)

    def opens(self, attempt: Attempt) -> LoggedIn:
        """Log in; it must succeed."""
        result = self.tries(attempt)
        assert isinstance(result, LoggedIn)
        return result

    def refuses(self, attempt: Attempt) -> datetime | None:
        """Fail to log in; until when."""
        result = self.tries(attempt)
        assert isinstance(result, Refused)
        return result.until

    def inside(self, token: str) -> str | None:
        """Who is logged in with this token."""
        with self.database.reading() as tx:
            login = staff.find(tx, token, self.now)
        return login.officer.username if login else None

    def enrols(self, username: str) -> pyotp.TOTP:
        """An authenticator app with this officer's secret."""
        with self.database.transaction() as tx:
            app = pyotp.parse_uri(staff.enrol_totp(tx, self.keys, username))
        assert isinstance(app, pyotp.TOTP)
        return app


@pytest.fixture(params=["all", "console"])
def door(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Door]:
    """A door with two officers, once per database and role that has a console."""
    vault.make_keys(tmp_path / "keys")
    database = Database(database_url)
    with database.transaction() as tx:
        tx.add(Zone(code="punjab-1", name={"en": "Punjab"}))
        tx.add(Circle(code="lahore", zone="punjab-1", name={"en": "Lahore"}))
        for name in ("amna", "bilal"):
            tx.add(Officer(username=name, name=name.title(), rank="inspector", circle="lahore", languages=["ur"]))
    with database.transaction() as tx:
        staff.set_password(tx, "amna", RIGHT)
    yield Door(database, Vault(tmp_path / "keys", request.param))
    database.engine.dispose()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (replace(AMNA, password="wrong horse battery"), "wrong password"),
        (replace(AMNA, password=""), "no password"),
        (replace(AMNA, username="nobody"), "no such officer"),
        (replace(AMNA, username="bilal"), "an officer without an account"),
        (replace(AMNA, username="x" * 10_000 + "\0"), "not a name at all"),
        (replace(AMNA, password="p" * 1_000_000), "a password without end"),
    ],
)
def test_all_wrong_tries_get_the_same_answer(door: Door, attempt: Attempt, why: str) -> None:
    assert door.tries(attempt) == Refused(None), why


def test_a_log_in_is_known_by_its_token_until_it_is_ended(door: Door) -> None:
    first, second = door.opens(AMNA), door.opens(replace(AMNA, username=" Amna "))
    assert door.inside(first.token) == door.inside(second.token) == "amna"
    with door.database.transaction() as tx:
        staff.log_out(tx, first.token, door.now)
    assert (door.inside(first.token), door.inside(second.token)) == (None, "amna")
    assert door.inside("") is door.inside("guess") is None


def test_the_database_holds_neither_token_nor_password(door: Door) -> None:
    result = door.opens(AMNA)
    with door.database.reading() as tx:
        rows = [*tx.execute(sa.select(LoginSession.__table__)), *tx.execute(sa.select(staff.Account.__table__))]
    assert result.token not in str(rows)
    assert RIGHT not in str(rows)
    assert RIGHT not in repr(AMNA)
    assert result.token not in repr(result)


@pytest.mark.parametrize(
    ("pause", "steps", "inside"),
    [
        (timedelta(minutes=19), 1, True),
        (timedelta(minutes=20), 1, False),
        (timedelta(minutes=19), 37, True),
        (timedelta(minutes=19), 38, False),  # busy all the time, but for twelve hours
    ],
)
def test_a_log_in_ends_when_nobody_uses_it_and_after_a_shift(
    door: Door, pause: timedelta, steps: int, inside: bool
) -> None:
    token = door.opens(AMNA).token
    for _ in range(steps):
        door.now += pause
        known = door.inside(token) is not None
        with door.database.transaction() as tx:
            staff.touch(tx, token, door.now)
    assert known is inside


def test_an_officer_who_leaves_or_gets_a_new_password_is_out_at_once(door: Door) -> None:
    token = door.opens(AMNA).token
    with door.database.transaction() as tx:
        staff.set_password(tx, "amna", RIGHT)
    assert door.inside(token) is None
    token = door.opens(AMNA).token
    with door.database.transaction() as tx:
        tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one().active = False
    assert door.inside(token) is None
    door.refuses(AMNA)


def test_after_five_wrong_tries_the_wait_doubles_up_to_its_bound(door: Door) -> None:
    wrong, waits = replace(AMNA, password="guess"), []
    for _ in range(16):
        until = door.refuses(wrong)
        waits.append(int((until - door.now).total_seconds()) if until else 0)
        door.now = until or door.now
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    door.now += timedelta(seconds=1)
    door.opens(AMNA)
    assert door.refuses(wrong) is None, "a log-in clears the count"


def test_while_the_wait_lasts_not_even_the_right_password_opens(door: Door) -> None:
    for _ in range(5):
        until = door.refuses(replace(AMNA, password="guess"))
    assert until is not None
    assert door.refuses(AMNA) == until
    door.now = until
    door.opens(AMNA)


def test_an_unknown_name_waits_like_a_known_one(door: Door) -> None:
    waits = {name: [door.refuses(Attempt(name, "guess")) for _ in range(6)] for name in ("amna", "nobody")}
    assert waits["amna"] == waits["nobody"]


def test_outsiders_hold_up_nobody_on_a_device_that_has_logged_in_before(door: Door) -> None:
    device = door.opens(AMNA).device
    for _ in range(9):
        door.refuses(replace(AMNA, password="guess"))
        door.refuses(replace(AMNA, password="guess", device=staff.new_device(door.keys, "bilal")))
        door.refuses(replace(AMNA, password="guess", device="made.up"))
    assert door.refuses(AMNA) is not None
    door.opens(replace(AMNA, device=device))


def test_a_made_up_device_is_no_way_around_the_wait(door: Door) -> None:
    waits = [door.refuses(replace(AMNA, password="guess", device=f"made{number}.up")) for number in range(5)]
    assert waits[-1] is not None


def test_tries_side_by_side_are_counted_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = door.database.reading

    @contextmanager
    def overtaken() -> Iterator[Session]:
        with reading() as tx:
            yield tx
        monkeypatch.undo()
        for _ in range(5):  # between this try's look at the wait and its own count
            door.refuses(replace(AMNA, password="guess"))

    monkeypatch.setattr(door.database, "reading", overtaken)
    door.refuses(AMNA)
    with door.database.reading() as tx:
        assert tx.scalars(sa.select(LoginDelay.failures)).one() == 5, "the sixth was not even tried"


def test_old_tries_and_log_ins_are_forgotten(door: Door) -> None:
    door.opens(AMNA)
    door.refuses(replace(AMNA, password="guess"))
    door.now += timedelta(days=1, seconds=1)
    with door.database.transaction() as tx:
        staff.expire(tx, door.now)
        assert tx.scalars(sa.select(LoginDelay)).all() == []
        assert tx.scalars(sa.select(LoginSession)).all() == []


def test_a_code_is_asked_once_enrolled_and_works_once(door: Door) -> None:
    app = door.enrols("amna")
    code = app.at(door.now)
    door.refuses(AMNA)
    door.opens(replace(AMNA, code=f" {code[:3]} {code[3:]} "))
    door.refuses(replace(AMNA, code=code))
    door.now += timedelta(seconds=30)
    door.opens(replace(AMNA, code=app.at(door.now)))


@pytest.mark.one_database
@pytest.mark.parametrize(("late", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_may_be_one_step_off(door: Door, late: int, opens: bool) -> None:
    code = door.enrols("amna").at(door.now + timedelta(seconds=late))
    assert isinstance(door.tries(replace(AMNA, code=code)), LoggedIn) is opens


def test_a_code_may_be_typed_in_urdu_digits_and_an_older_code_is_over(door: Door) -> None:
    app = door.enrols("amna")
    older, code = app.at(door.now - timedelta(seconds=30)), app.at(door.now)
    door.opens(replace(AMNA, code=code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))))
    door.refuses(replace(AMNA, code=older))


def test_where_codes_are_required_a_password_alone_is_not_enough(door: Door) -> None:
    assert isinstance(door.tries(AMNA, require_totp=True), Refused)
    code = door.enrols("amna").at(door.now)
    assert isinstance(door.tries(replace(AMNA, code=code), require_totp=True), LoggedIn)


def test_only_the_console_opens_a_secret(door: Door, tmp_path: Path) -> None:
    door.enrols("amna")
    with door.database.reading() as tx:
        account = tx.scalars(sa.select(staff.Account)).one()
    assert account.totp is not None
    for role in ("intake", "worker", "clock"):
        with pytest.raises(vault.KeyMissing):
            Vault(tmp_path / "keys", role).open_as("console", account.totp, f"totp {account.officer_id}")
    with pytest.raises(vault.Unopenable):
        door.keys.open_as("console", account.totp, "totp of somebody else")


def test_log_ins_and_refusals_are_on_record_by_id_only(door: Door) -> None:
    door.opens(AMNA)
    door.refuses(Attempt("amna", "guess"))
    door.refuses(Attempt("a secret in the wrong field", "guess"))
    with door.database.reading() as tx:
        rows = tx.scalars(sa.select(audit.AuditRow).order_by(audit.AuditRow.seq)).all()
        amna = tx.execute(sa.select(Officer.id).where(Officer.username == "amna")).scalar_one()
    assert [(row.event, row.actor, row.data) for row in rows] == [
        ("logged_in", amna, {}), ("login_refused", amna, {}), ("login_refused", "console", {}),
    ]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_a_password_has_a_sensible_length(door: Door, password: str) -> None:
    with door.database.transaction() as tx, pytest.raises(ValueError, match="12 to 128"):
        staff.set_password(tx, "amna", password)


def test_an_officer_who_is_not_there_gets_no_account(door: Door) -> None:
    with door.database.transaction() as tx:
        with pytest.raises(LookupError, match="nobody"):
            staff.set_password(tx, "nobody", RIGHT)
        with pytest.raises(LookupError, match="no password yet"):
            staff.enrol_totp(tx, door.keys, "bilal")


def test_what_an_unknown_name_is_checked_against_costs_the_same() -> None:
    assert extract_parameters(staff.NOBODY) == extract_parameters(staff.HASHER.hash("anything"))
