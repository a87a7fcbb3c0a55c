"""The mathematics of shifts: turns, handovers, Ramadan, holidays, and zones that put their clocks forward and back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import staff
from hotline.core.localtime import LOCAL
from hotline.staff.shifts import DAYS
from hotline.staff.tables import Shift
from tests.support.duty import at, clock, rotation, stretches, weekly, who

BERLIN, KOLKATA, HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")
EVERY_DAY = " ".join(DAYS)
WEEKS = rotation("amna bilal nadia", 7, "2026-11-23", "08:00")
ONE_DAY = rotation("amna bilal", 1, "2026-12-30", "20:00")
NIGHTS = rotation("amna bilal", 7, "2026-11-23", "08:00", days=list(DAYS), start_minute=20 * 60, end_minute=8 * 60)
KINDS = {date(2026, 12, 25): frozenset({"holiday"}), date(2027, 2, 8): frozenset({"ramadan"})}
EID = {date(2027, 2, 8): frozenset({"holiday", "ramadan"})}


@pytest.mark.parametrize(
    ("shift", "moment", "expected"),
    [
        (WEEKS, "2026-11-23 07:59:59", []),
        (WEEKS, "2026-11-23 08:00", ["amna"]),
        (WEEKS, "2026-11-30 07:59:59", ["amna"]),
        (WEEKS, "2026-11-30 08:00", ["bilal"]),
        (WEEKS, "2026-12-07 08:00", ["nadia"]),
        (WEEKS, "2026-12-14 08:00", ["amna"]),
        (WEEKS, "2026-12-31 23:59", ["nadia"]),
        (WEEKS, "2027-01-04 07:59", ["nadia"]),
        (WEEKS, "2027-01-04 08:00", ["amna"]),
        (WEEKS, "2036-11-24 08:00", ["amna"]),
        (ONE_DAY, "2026-12-31 19:59", ["amna"]),
        (ONE_DAY, "2026-12-31 20:00", ["bilal"]),
        (ONE_DAY, "2027-01-01 00:00", ["bilal"]),
        (ONE_DAY, "2027-01-01 20:00", ["amna"]),
        (NIGHTS, "2026-11-23 10:00", []),
        (NIGHTS, "2026-11-23 20:00", ["amna"]),
        (NIGHTS, "2026-11-30 07:59", ["amna"]),
        (NIGHTS, "2026-11-30 20:00", ["bilal"]),
        (rotation("amna bilal", 1, "2026-11-23", "08:00", starts_at=at("2026-11-25 00:00")), "2026-11-24 23:59", []),
        (rotation("amna bilal", 1, "2026-11-23", "08:00", starts_at=at("2026-11-25 00:00")), "2026-11-25 00:00", ["bilal"]),
        (rotation("amna", 1, "2026-11-23", "08:00", ends_at=at("2026-11-25 00:00")), "2026-11-25 00:00", []),
        (rotation("amna bilal amna", 1, "2026-11-23", "00:00"), "2026-11-25 12:00", ["amna"]),
    ],
)  # fmt: skip
def test_officers_take_turns_and_change_at_the_handover(shift: Shift, moment: str, expected: list[str]) -> None:
    assert who(shift, at(moment)) == expected


@pytest.mark.parametrize(
    ("shift", "moment", "expected"),
    [
        (weekly("mon", "09:00", "17:00", overlap=15), "2026-11-23 17:14:59", True),
        (weekly("mon", "09:00", "17:00", overlap=15), "2026-11-23 17:15", False),
        (weekly("mon", "09:00", "17:00", overlap=15), "2026-11-23 08:59", False),
        (weekly("sun", "20:00", "00:00", overlap=15), "2026-11-23 00:14", True),
        (weekly("sun", "20:00", "00:00", overlap=15), "2026-11-23 00:15", False),
        (weekly("sat", "23:59", "23:59", overlap=720), "2026-11-23 11:58", True),
        (weekly("sat", "23:59", "23:59", overlap=720), "2026-11-23 11:59", False),
    ],
)
def test_who_goes_stays_for_the_overlap(shift: Shift, moment: str, expected: bool) -> None:
    assert bool(who(shift, at(moment))) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-11-30 07:59", ["amna"]), ("2026-11-30 08:00", ["amna", "bilal"]), ("2026-11-30 08:29", ["amna", "bilal"]),
     ("2026-11-30 08:30", ["bilal"])],
)  # fmt: skip
def test_both_are_on_duty_while_a_turn_is_handed_over(moment: str, expected: list[str]) -> None:
    shift = rotation("amna bilal nadia", 7, "2026-11-23", "08:00", overlap=30)
    assert who(shift, at(moment)) == expected


@pytest.mark.parametrize(
    ("only", "kinds", "moment", "expected"),
    [
        ("ordinary", KINDS, "2026-12-24 10:00", True),
        ("ordinary", KINDS, "2026-12-25 10:00", False),
        ("holiday", KINDS, "2026-12-25 10:00", True),
        ("holiday", KINDS, "2026-12-26 10:00", False),
        ("ramadan", KINDS, "2027-02-08 10:00", True),
        ("ordinary", KINDS, "2027-02-08 10:00", False),
        ("ordinary ramadan", KINDS, "2027-02-08 10:00", True),
        ("ordinary ramadan", KINDS, "2026-12-25 10:00", False),
        ("holiday", EID, "2027-02-08 10:00", True),
        ("ramadan", EID, "2027-02-08 10:00", True),
        ("ordinary", EID, "2027-02-08 10:00", False),
    ],
)
def test_a_shift_for_days_of_some_kind_counts_on_those_only(
    only: str, kinds: staff.Kinds, moment: str, expected: bool
) -> None:
    for shift in (weekly(EVERY_DAY, "09:00", "17:00", only=only.split()), Shift(officer_id="amna", only=only.split())):
        assert bool(who(shift, at(moment), kinds)) is expected


def test_a_night_belongs_to_the_kind_of_day_on_which_it_began() -> None:
    night = weekly(EVERY_DAY, "20:00", "08:00", only=["holiday"])
    assert stretches(night, at("2026-12-24 00:00"), at("2026-12-28 00:00"), KINDS) == [("Fri 25 20:00", "Sat 26 08:00")]


def test_a_shift_of_whole_days_of_some_kind_runs_from_midnight_to_midnight() -> None:
    shift = Shift(officer_id="amna", only=["holiday"])
    assert stretches(shift, at("2026-12-01 00:00"), at("2026-12-31 00:00"), KINDS) == [("Fri 25 00:00", "Sat 26 00:00")]


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "hours"),
    [
        (LOCAL, "2026-11-23", "20:00", "08:00", 12.0),
        (BERLIN, "2026-03-28", "20:00", "08:00", 11.0),
        (BERLIN, "2026-10-24", "20:00", "08:00", 13.0),
        (BERLIN, "2026-03-29", "00:00", "24:00", 23.0),
        (BERLIN, "2026-10-25", "00:00", "24:00", 25.0),
        (BERLIN, "2026-03-29", "02:30", "10:00", 6.5),
        (BERLIN, "2026-10-25", "02:30", "10:00", 8.5),
        (BERLIN, "2026-07-01", "09:00", "17:00", 8.0),
        (KOLKATA, "2026-11-23", "09:00", "17:00", 8.0),
        (HOWE, "2026-10-04", "00:00", "24:00", 23.5),
        (HOWE, "2026-04-05", "00:00", "24:00", 24.5),
    ],
)
def test_a_shift_is_as_long_as_its_local_hours_are_where_clocks_change(
    zone: ZoneInfo, day: str, start: str, end: str, hours: float
) -> None:
    shift = Shift(officer_id="amna", days=list(DAYS), start_minute=clock(start), end_minute=clock(end))
    begin = datetime.fromisoformat(day).replace(tzinfo=zone) + timedelta(minutes=clock(start))
    (span,) = (one for one in staff.spans(shift, begin, begin, {}, zone) if one.begin == begin.astimezone(UTC))
    assert (span.end - span.begin) / timedelta(hours=1) == hours


@given(
    zone=st.sampled_from([LOCAL, BERLIN, KOLKATA, HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Africa/Casablanca")]),
    change=st.integers(0, 1439), other=st.integers(0, 1439),
    minutes=st.integers(0, 15 * 365 * 24 * 60),
)  # fmt: skip
def test_two_who_follow_each_other_round_the_clock_leave_no_hole_and_never_overlap_in_any_zone(
    zone: ZoneInfo, change: int, other: int, minutes: int
) -> None:
    day = Shift(officer_id="amna", days=list(DAYS), start_minute=change, end_minute=other)
    night = Shift(officer_id="bilal", days=list(DAYS), start_minute=other, end_minute=change)
    turns = Shift(rotation=["amna", "bilal"], every=1, first_day=date(2019, 1, 1), handover=change)
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    if change != other:
        assert len(who(day, now, {}, zone) + who(night, now, {}, zone)) == 1
    assert len(who(turns, now, {}, zone)) == 1


@pytest.mark.parametrize("before", ["2026-03-29 03:00", "2026-10-25 02:00", "2026-10-25 02:30"])
def test_a_handover_in_the_hour_that_clocks_skip_or_show_twice_is_one_moment(before: str) -> None:
    day = before[:10]
    goes = Shift(officer_id="amna", days=list(DAYS), start_minute=14 * 60, end_minute=150)
    comes = Shift(officer_id="bilal", days=list(DAYS), start_minute=150, end_minute=14 * 60)
    start = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    ends = {span.end for span in staff.spans(goes, start, start + timedelta(hours=8), {}, BERLIN)}
    begins = {span.begin for span in staff.spans(comes, start, start + timedelta(hours=8), {}, BERLIN)}
    assert len(ends & begins) == 1
