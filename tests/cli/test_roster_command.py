"""`hotline roster`: who is on duty now, who was at any moment, and where nobody will be."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline.cli import main
from tests.support.duty import NOW, Duty, at, made

pytestmark = pytest.mark.one_database

OFF = 'officers:\n  - {username: amna, name: Amna, rank: inspector, circle: lahore, active: false, addresses: [{channel: sms, address: "+923000000001"}]}\n'


@pytest.fixture
def duty(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Duty]:
    """The demo's directory, known to the command line."""
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    yield from made(database_url, tmp_path)


def roster(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["roster", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_a_past_moment_is_answered_as_the_roster_was_then(duty: Duty) -> None:
    duty.load(OFF, at("2026-11-25 12:00"))
    assert roster("--at", "2026-11-25T03:00+05:00").startswith("hq: duty_officer: -;")
    assert "lahore: duty_officer: Amna;" in roster("--at", "2026-11-25T03:00+05:00")
    assert "lahore: duty_officer: Amna;" in roster("--at", "2026-11-25T06:59Z")
    assert "lahore: duty_officer: Amna;" in roster("--at", "2026-11-25T11:59"), "without a zone, Pakistan's time"
    assert "lahore: duty_officer: -;" in roster("--at", "2026-11-25T12:00")
    assert "gap" not in roster("--at", "2026-11-25T12:00")


def test_before_anything_was_on_record_nobody_is_named_and_the_reason_is_told(duty: Duty) -> None:
    said = roster("--at", "2026-11-20T03:00+05:00")
    assert said.splitlines()[0] == "nothing is on record before 2026-11-23 10:00"
    assert "Amna" not in said


def test_the_roster_is_one_object_of_ids_and_names(duty: Duty) -> None:
    found = json.loads(roster("--at", "2026-11-25T03:00+05:00", "--json"))
    assert found["at"] == "2026-11-25T03:00:00+05:00"
    assert {"circle": "lahore", "tier": "duty_officer", "officers": [{"id": duty.id("Amna"), "name": "Amna"}]} in found[
        "on_duty"
    ]
    assert found["gaps"] == []


def test_gaps_are_an_object_too(duty: Duty) -> None:
    duty.load(OFF)
    found = json.loads(roster("--gaps", "--json"))
    assert (found["on_duty"], [(gap["circle"], gap["tier"]) for gap in found["gaps"]]) == (
        [],
        [("lahore", "duty_officer")],
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "yesterday"), "a moment is written as 2026-11-20T03:00+05:00"),
        (("--at", "2026-11-20T03:00+05:00", "--gaps"), "--gaps looks ahead from now; leave --at out"),
    ],
)
def test_what_cannot_be_asked_is_said(duty: Duty, words: tuple[str, ...], said: str) -> None:
    assert said in roster(*words, code=2)


def test_the_demo_has_somebody_at_every_tier_all_year_round(duty: Duty) -> None:
    assert duty.gaps(days=365) == []
    assert [duty.holds("karachi", "duty_officer", NOW + timedelta(days=days)) for days in (0, 7)] == [
        ["Gulnaz"],
        ["Kamran"],
    ]
