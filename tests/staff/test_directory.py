"""Who is on duty at a moment: shifts over midnight, the year and its ends, in Pakistan's time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hotline import staff
from hotline.core import db
from hotline.core.datafile import DataFileError
from hotline.core.localtime import LOCAL
from hotline.local.demo.setup import DIRECTORY
from hotline.staff.directory import Gap
from hotline.staff.shifts import DAYS
from hotline.staff.tables import Officer, Shift
from tests.support.duty import NOW, RULES, Duty, at, made, weekly, who


def covers(shift: Shift, moment: datetime) -> bool:
    return bool(who(shift, moment))


@pytest.mark.parametrize(
    ("shift", "inside", "outside"),
    [
        (weekly("mon", "09:00", "17:00"),
         ["2026-11-23 09:00", "2026-11-23 16:59:59"], ["2026-11-23 08:59:59", "2026-11-23 17:00", "2026-11-24 10:00"]),
        (weekly("mon", "20:00", "08:00"),
         ["2026-11-23 20:00", "2026-11-23 23:59:59", "2026-11-24 00:00", "2026-11-24 07:59"],
         ["2026-11-23 07:59", "2026-11-23 00:00", "2026-11-24 08:00", "2026-11-24 20:00"]),
        (weekly("sun", "20:00", "08:00"), ["2026-11-22 23:00", "2026-11-23 07:00"], ["2026-11-23 20:00", "2026-11-22 07:00"]),
        (weekly("mon", "00:00", "24:00"), ["2026-11-23 00:00", "2026-11-23 23:59:59"], ["2026-11-24 00:00", "2026-11-22 23:59"]),
        (weekly("mon", "18:00", "24:00"), ["2026-11-23 23:59"], ["2026-11-24 00:00", "2026-11-23 17:59"]),
        (weekly("mon", "18:00", "00:00"), ["2026-11-23 23:59"], ["2026-11-24 00:00", "2026-11-23 00:00"]),
        (weekly("mon", "09:00", "09:00"), ["2026-11-23 09:00", "2026-11-24 08:59"], ["2026-11-23 08:59", "2026-11-24 09:00"]),
        (weekly("mon tue wed thu fri sat sun", "22:00", "06:00"), ["2026-11-30 23:00", "2026-12-01 05:59", "2026-12-31 23:59", "2027-01-01 05:59"],
         ["2026-12-01 06:00", "2027-01-01 21:59"]),
        (weekly("thu", "22:00", "06:00"), ["2026-12-31 22:00", "2027-01-01 05:59"], ["2026-12-31 05:00", "2027-01-01 22:00"]),
        (weekly("sat", "22:00", "06:00"), ["2028-02-26 22:00", "2028-02-27 05:00"], ["2028-02-28 05:00"]),
        (weekly("mon", "22:00", "06:00"), ["2028-02-28 22:00", "2028-02-29 05:59"], ["2028-02-29 06:00", "2028-03-01 05:00"]),
    ],
    ids=["day", "over midnight", "over the week's end", "whole day", "until 24:00", "until 00:00", "a day and night",
         "over month and year", "over the year's end", "February", "the 29th of February"],
)  # fmt: skip
def test_a_weekly_shift_covers_its_hours_in_pakistan_and_no_others(
    shift: Shift, inside: Sequence[str], outside: Sequence[str]
) -> None:
    assert [covers(shift, at(moment)) for moment in inside] == [True] * len(inside)
    assert [covers(shift, at(moment)) for moment in outside] == [False] * len(outside)


def test_the_day_is_pakistans_and_not_greenwichs() -> None:
    monday = weekly("mon", "00:00", "24:00")
    assert covers(monday, datetime(2026, 11, 22, 19, 0, tzinfo=UTC))  # Monday, midnight in Karachi
    assert not covers(monday, datetime(2026, 11, 23, 19, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("starts", "ends", "inside", "outside"),
    [
        ("2026-11-23 10:00", "2026-11-24 10:00", ["2026-11-23 10:00", "2026-11-24 09:59:59"], ["2026-11-23 09:59:59", "2026-11-24 10:00"]),
        ("2026-11-23 10:00", None, ["2026-11-23 10:00", "2040-01-01 00:00"], ["2026-11-23 09:59"]),
        (None, "2026-11-23 10:00", ["2020-01-01 00:00"], ["2026-11-23 10:00"]),
        ("2026-12-31 20:00", "2027-01-01 08:00", ["2026-12-31 23:59", "2027-01-01 00:00"], ["2027-01-01 08:00"]),
    ],
)  # fmt: skip
def test_a_shift_from_one_moment_to_another_covers_what_lies_between(
    starts: str | None, ends: str | None, inside: Sequence[str], outside: Sequence[str]
) -> None:
    shift = Shift(circle="lahore", tier="hq", officer_id="amna")
    shift.starts_at, shift.ends_at = at(starts) if starts else None, at(ends) if ends else None
    assert [covers(shift, at(moment)) for moment in inside] == [True] * len(inside)
    assert [covers(shift, at(moment)) for moment in outside] == [False] * len(outside)


def test_a_weekly_shift_may_have_a_first_and_a_last_day() -> None:
    shift = weekly("mon tue", "00:00", "24:00")
    shift.starts_at, shift.ends_at = at("2026-11-24 00:00"), at("2026-11-30 12:00")
    found = [covers(shift, at(f"2026-{day}")) for day in ("11-23 10:00", "11-24 10:00", "11-30 11:59", "11-30 12:00")]
    assert found == [False, True, True, False]


@given(
    day=st.sampled_from(DAYS), start=st.integers(0, 1439), end=st.integers(0, 1440), monday=st.integers(-900, 900),
    minutes=st.integers(0, 7 * 1440 - 1),
)  # fmt: skip
def test_a_shift_of_one_day_covers_as_many_minutes_as_it_is_long_wherever_the_week_stands(
    day: str, start: int, end: int, monday: int, minutes: int
) -> None:
    shift = Shift(days=[day], start_minute=start, end_minute=end)
    first = datetime.combine(date(2026, 11, 23) + timedelta(weeks=monday), datetime.min.time(), LOCAL)
    begins = first + timedelta(days=DAYS.index(day), minutes=start)
    length = timedelta(minutes=(end - start) if start < end else end - start + 1440)
    moment = first + timedelta(minutes=minutes)
    covered = any(
        begins + shifted <= moment < begins + shifted + length for shifted in (timedelta(), -timedelta(weeks=1))
    )
    assert covers(shift, moment) is covered


@pytest.fixture
def duty(database_url: str, tmp_path: Path) -> Iterator[Duty]:
    """The demo's directory on each kind of database."""
    yield from made(database_url, tmp_path)


def test_each_tier_is_held_by_its_officer_and_the_top_one_by_the_desk_for_everybody(duty: Duty) -> None:
    assert [duty.holds("lahore", tier) for tier in RULES.tiers] == [
        ["Amna"],
        ["Bilal"],
        ["Dania"],
        ["Ehsan"],
        ["Fatima"],
    ]
    assert duty.holds("karachi", "hq") == ["Fatima"]
    assert duty.holds("hq", "duty_officer") == []


def test_several_officers_may_hold_a_tier_and_each_stands_there_once(duty: Duty) -> None:
    more = "  - {circle: lahore, tier: duty_officer, officer: %s, from: 2026-01-01T00:00:00+05:00}\n"
    duty.load("shifts:\n" + more % "bilal" + more % "amna")
    assert sorted(duty.holds("lahore", "duty_officer")) == ["Amna", "Bilal"]


AMNAS = '[{channel: sms, address: "+923000000001"}]'


def change_officer(username: str, **values: object) -> str:
    known = {"name": username.title(), "rank": "inspector", "circle": "lahore", "addresses": AMNAS} | values
    return (
        f"officers:\n  - {{username: {username}, {', '.join(f'{name}: {value}' for name, value in known.items())}}}\n"
    )


def test_a_change_of_the_directory_is_seen_by_the_next_look(duty: Duty) -> None:
    assert duty.holds("lahore", "duty_officer") == ["Amna"]
    duty.load(change_officer("amna", name="Amna Khan"))
    assert duty.holds("lahore", "duty_officer") == ["Amna Khan"]
    duty.load(change_officer("amna", active="false"))
    assert duty.holds("lahore", "duty_officer") == []
    duty.load(DIRECTORY)
    assert duty.holds("lahore", "duty_officer") == ["Amna"]


def test_another_process_sees_the_change_too(duty: Duty, database_url: str) -> None:
    other = db.Database(database_url)
    with other.reading() as tx:
        assert staff.current_directory(tx).districts["lahore"] == "lahore"
    duty.load("circles:\n  - {code: karachi, zone: sindh, name: {en: AHTC Karachi}, districts: [Lahore]}\n")
    with other.reading() as tx:
        assert staff.current_directory(tx).districts["lahore"] == "karachi"
    other.engine.dispose()


def test_a_change_that_was_rolled_back_is_seen_by_nobody(duty: Duty) -> None:
    duty.holds("lahore", "duty_officer")
    with pytest.raises(DataFileError):
        duty.load(change_officer("amna", active="false") + "shifts:\n  - {circle: lahore, tier: none, officer: amna}\n")
    assert duty.holds("lahore", "duty_officer") == ["Amna"]


def test_a_transaction_reads_its_own_change(duty: Duty) -> None:
    with duty.database.transaction() as tx:
        tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one().active = False
        tx.flush()
        assert staff.current_directory(tx).on_duty("lahore", "duty_officer", NOW) == []


def test_a_full_roster_has_no_gap(duty: Duty) -> None:
    assert duty.gaps() == []


def test_a_tier_that_nobody_holds_is_one_gap(duty: Duty) -> None:
    duty.load(change_officer("amna", active="false"))
    assert duty.gaps() == [Gap("lahore", "duty_officer", NOW, NOW + timedelta(days=14))]


def test_neighbouring_gaps_are_one_and_others_stay_apart(duty: Duty) -> None:
    duty.load(change_officer("amna", active="false"))
    duty.load(
        "shifts:\n"
        '  - {circle: lahore, tier: duty_officer, officer: bilal, weekly: {days: [mon, wed], start: "08:00", end: "20:00"}}\n'
        '  - {circle: lahore, tier: duty_officer, officer: dania, weekly: {days: [mon], start: "20:00", end: "08:00"}}\n'
    )
    found = [
        (gap.start.astimezone(LOCAL).strftime("%a %H:%M"), gap.end.astimezone(LOCAL).strftime("%a %H:%M"))
        for gap in duty.gaps(7)
    ]
    assert found == [("Tue 08:00", "Wed 08:00"), ("Wed 20:00", "Mon 08:00")]


def test_an_officer_who_cannot_be_paged_leaves_a_gap(duty: Duty) -> None:
    duty.load(change_officer("amna", addresses="[]"))
    assert duty.holds("lahore", "duty_officer") == []
    assert [(gap.circle, gap.tier) for gap in duty.gaps()] == [("lahore", "duty_officer")]


def test_without_a_desk_the_problem_is_named(sqlite_url: str) -> None:
    database = db.Database(sqlite_url)
    with database.reading() as tx, pytest.raises(LookupError, match=r"desk.*README#directory"):
        _ = staff.current_directory(tx).desk
    database.engine.dispose()
