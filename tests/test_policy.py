"""The escalation policy: a file with an error stops the start, and a policy that is in use never changes."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import policy
from hotline.datafile import DataFileError
from hotline.db import Database
from hotline.policy import PolicyRow
from hotline.settings import ROOT

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SHIPPED = ROOT / "flows" / "escalation.yaml"
GOOD = """\
version: 1
tiers: [duty_officer, hq]
priorities:
  P1: {accept: [PT5M, PT15M], first_action: PT30M, idle: PT6H}
  P2: {accept: [PT30M, PT2H], first_action: PT4H, idle: P2D}
  P3: {accept: [PT4H, P1D], first_action: P2D, idle: P7D, quiet: {start: "22:00", end: "07:00"}}
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    made = Database(database_url)
    yield made
    made.engine.dispose()


def write(folder: Path, text: str) -> Path:
    path = folder / "flows" / "escalation.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_policy_is_the_one_of_the_contract() -> None:
    rules = policy.load(SHIPPED)
    assert rules.top == "hq"
    assert rules.waits(1).accept == [timedelta(minutes=m) for m in (5, 10, 10, 15, 15)]
    assert rules.waits(2).first_action == timedelta(hours=4)
    assert rules.waits(3).idle == timedelta(days=7)


WAIT = "a wait must be longer than zero and at most 90 days"
ISO = "a wait is written as an ISO 8601 duration, such as PT30M or P2D"


@pytest.mark.parametrize(
    ("what", "old", "new", "problem"),
    [
        ("no tier", "[duty_officer, hq]", "[]", "2: tiers: List should have at least 1 item after validation, not 0"),
        ("a tier twice", "[duty_officer, hq]", "[hq, hq]", "2: tiers: one stands there twice"),
        ("a tier without a name", "[duty_officer, hq]", "['', hq]", "2: tiers.0: String should have at least 1 character"),
        ("too few waits", "[PT5M, PT15M]", "[PT5M]", "4: priorities.P1.accept: 1 waits for 2 tiers"),
        ("too many waits", "[PT5M, PT15M]", "[PT5M, PT5M, PT5M]", "4: priorities.P1.accept: 3 waits for 2 tiers"),
        ("no wait", "[PT5M, PT15M]", "[]", "4: priorities.P1.accept: List should have at least 1 item after validation, not 0"),
        ("zero", "[PT5M, PT15M]", "[PT5M, PT0S]", f"4: priorities.P1.accept.1: {WAIT}"),
        ("back in time", "first_action: PT30M", "first_action: -PT30M", f"4: priorities.P1.first_action: {WAIT}"),
        ("a year", "idle: PT6H", "idle: P1Y", f"4: priorities.P1.idle: {WAIT}"),
        ("ninety-one days", "idle: PT6H", "idle: P91D", f"4: priorities.P1.idle: {WAIT}"),
        ("a bare number", "idle: PT6H", "idle: 6", f"4: priorities.P1.idle: {ISO}"),
        ("minutes and seconds that YAML takes for a number", "idle: PT6H", "idle: 30:00", f"4: priorities.P1.idle: {ISO}"),
        ("nonsense", "idle: PT6H", "idle: soon", f"4: priorities.P1.idle: {ISO}"),
        ("nothing", "idle: PT6H", "idle:", f"4: priorities.P1.idle: {ISO}"),
        ("unknown key", "idle: PT6H", "idle: PT6H, idel: PT6H", "4: priorities.P1.idel: unknown key"),
        ("unknown key at the top", "version: 1", "version: 1\nteirs: []", "2: teirs: unknown key"),
        ("missing key", ", idle: PT6H", "", "4: priorities.P1.idle: is missing"),
        ("a key twice", "version: 1", "version: 1\nversion: 2", "2: version: stands here twice"),
        ("a priority missing", "  P2: {accept: [PT30M, PT2H], first_action: PT4H, idle: P2D}\n", "", "3: priorities: P2 missing"),
        ("an unknown priority", "P2:", "P4:", "5: priorities.P4: Input should be 'P1', 'P2' or 'P3'"),
        ("quiet on P1", "idle: PT6H", 'idle: PT6H, quiet: {start: "22:00", end: "07:00"}', "4: priorities.P1.quiet: only P3 may have quiet hours"),
        ("quiet hours that YAML takes for a number", '"22:00"', "22:00", '6: priorities.P3.quiet.start: a time is written in quotes, such as "22:00"'),
        ("version zero", "version: 1", "version: 0", "1: version: Input should be greater than or equal to 1"),
        ("no YAML", "tiers: [", "tiers: [[", "3: expected ',' or ']', but got '<scalar>'"),
    ],
)  # fmt: skip
def test_a_policy_with_an_error_is_refused_with_file_line_and_field(
    tmp_path: Path, what: str, old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    with pytest.raises(DataFileError) as refused:
        policy.load(write(tmp_path, GOOD.replace(old, new, 1)))
    assert refused.value.problems[0] == f"flows/escalation.yaml:{problem}", what


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: Input should be a valid dictionary"),
        ("[]", "1: Input should be a valid dictionary"),
        ("a: \x07", "1: "),
    ],
    ids=["empty", "a list", "a control character"],
)
def test_a_file_that_is_no_policy_at_all_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataFileError, match=rf"flows/escalation.yaml:{problem}"):
        policy.load(write(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"flows/escalation.yaml: No such file"):
        policy.load(tmp_path / "flows" / "escalation.yaml")


def test_any_change_makes_another_policy_and_a_comment_does_not(tmp_path: Path) -> None:
    first = policy.load(write(tmp_path, GOOD))
    assert policy.load(write(tmp_path, "# a comment\n" + GOOD)).id == first.id
    for old, new in (("PT5M", "PT6M"), ("version: 1", "version: 2"), ("duty_officer", "duty")):
        assert policy.load(write(tmp_path, GOOD.replace(old, new))).id != first.id


def test_a_registered_policy_comes_back_as_it_was(database: Database) -> None:
    rules = policy.load(SHIPPED)
    for _ in range(2):
        with database.transaction() as tx:
            policy.register(tx, rules, NOW)
    with database.reading() as tx:
        again = policy.registered(tx, rules.id)
        assert len(tx.scalars(sa.select(PolicyRow)).all()) == 1
    assert (again, again.id) == (rules, rules.id)


def test_an_unknown_policy_is_named(database: Database) -> None:
    with database.reading() as tx, pytest.raises(LookupError, match="policy 0000 is not registered"):
        policy.registered(tx, "0000")


def test_two_releases_may_register_at_the_same_time(database: Database) -> None:
    rules, start, problems = policy.load(SHIPPED), threading.Barrier(4), []

    def register() -> None:
        start.wait()
        try:
            with database.transaction() as tx:
                policy.register(tx, rules, NOW)
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
