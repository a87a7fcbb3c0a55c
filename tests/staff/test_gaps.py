"""Gaps are exact: they agree with asking who is on duty minute by minute, for any roster."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.core.localtime import LOCAL
from hotline.staff.directory import Directory, Member, Window, ends
from hotline.staff.shifts import DAYS
from hotline.staff.tables import Leave, Override, Shift
from tests.support.duty import at, rotation, short, weekly

TIER = "duty_officer"
OFFICERS = ("amna", "bilal", "nadia", "nobody")  # the last can't be paged
CIRCLES = ("lahore", "gujrat")
START = datetime(2026, 3, 27, 19, 0, tzinfo=UTC)  # clocks in Berlin go forward on the 29th
BERLIN = ZoneInfo("Europe/Berlin")


def known(
    shifts: list[Shift],
    overrides: list[Override] = [],  # noqa: B006
    leaves: list[Leave] = [],  # noqa: B006
    holidays: frozenset[date] = frozenset(),
    zone: ZoneInfo = LOCAL,
) -> Directory:
    """A directory of these rows."""
    members = {name: Member(name, name, "inspector", "lahore", False, ()) for name in OFFICERS}
    places: dict[tuple[str, str], list[Shift]] = defaultdict(list)
    standing: dict[tuple[str, str], list[Override]] = defaultdict(list)
    away: dict[str, list[Leave]] = defaultdict(list)
    for shift in sorted(shifts, key=ends):
        places[shift.circle, TIER].append(shift)
    for override in sorted(overrides, key=ends):
        standing[override.circle, TIER].append(override)
    for leave in leaves:
        away[leave.officer_id].append(leave)
    return Directory(
        circles={code: {"en": code} for code in CIRCLES}, desks=(), districts={}, members=members, by_address={},
        pageable=frozenset(OFFICERS[:3]), shifts=dict(places), overrides=dict(standing), leaves=dict(away),
        kinds={day: frozenset({"holiday"}) for day in holidays}, zone=zone,
    )  # fmt: skip


def gaps(people: Directory, start: str, end: str) -> list[tuple[str, str]]:
    window = Window(people, at(start), at(end))
    return [(short(gap.start), short(gap.end)) for gap in window.gaps("lahore", TIER)]


def instead(officer: str, start: str, end: str, replaces: str | None = None, added: int = 0) -> Override:
    when = START + timedelta(seconds=added)
    return Override(circle="lahore", tier=TIER, officer_id=officer, replaces=replaces, starts_at=at(start),
                    ends_at=at(end), added_at=when)  # fmt: skip


def away(officer: str, start: str, end: str) -> Leave:
    return Leave(officer_id=officer, starts_at=at(start), ends_at=at(end))


WEEK = ("2026-11-23 10:00", "2026-11-30 10:00")  # Monday to Monday
DAY, NIGHT = weekly(" ".join(DAYS), "08:00", "20:00"), weekly(" ".join(DAYS), "20:00", "08:00", officer_id="bilal")
TURNS = rotation("amna bilal nadia", 1, "2026-11-23", "08:00")
NIGHTS = [(short(at(f"2026-11-{day} 20:00")), short(at(f"2026-11-{day + 1} 08:00"))) for day in range(23, 30)]
ROWS: list[tuple[str, Directory, list[tuple[str, str]]]] = [
    ("nobody at all", known([]), [("Mon 23 10:00", "Mon 30 10:00")]),
    ("day and night", known([DAY, NIGHT]), []),
    ("seven minutes on one day", known([weekly("mon", "00:00", "24:00"), weekly("tue", "00:07", "24:00"),
                                        weekly("wed thu fri sat sun", "00:00", "24:00")]), [("Tue 24 00:00", "Tue 24 00:07")]),
    ("an officer who can't be paged", known([DAY, weekly(" ".join(DAYS), "20:00", "08:00", officer_id="nobody")]), NIGHTS),
    ("leave inside a rotation", known([TURNS], [], [away("bilal", "2026-11-20 00:00", "2026-11-24 21:30")]),
     [("Tue 24 08:00", "Tue 24 21:30")]),
    ("leave, with somebody for it", known([TURNS], [instead("nadia", "2026-11-24 08:00", "2026-11-24 21:00", "bilal")],
                                          [away("bilal", "2026-11-20 00:00", "2026-11-24 21:30")]),
     [("Tue 24 21:00", "Tue 24 21:30")]),
    ("somebody for one who isn't there", known([DAY], [instead("nadia", *WEEK, "bilal")]), NIGHTS),
    ("somebody for everybody where nobody is", known([], [instead("nadia", "2026-11-23 08:00", "2026-11-30 09:59")]),
     [("Mon 30 09:59", "Mon 30 10:00")]),
    ("two circles that borrow from each other", known([Shift(circle="lahore", borrow="gujrat"), Shift(circle="gujrat", borrow="lahore")]),
     [("Mon 23 10:00", "Mon 30 10:00")]),
    ("a lender with a gap", known([Shift(circle="lahore", borrow="gujrat"), weekly("mon tue wed thu fri sat", "00:00", "24:00", circle="gujrat")]),
     [("Sun 29 00:00", "Mon 30 00:00")]),
    ("an overlap longer than the gap", known([weekly(" ".join(DAYS), "00:00", "23:30", overlap=30)]), []),
    ("an overlap shorter than the gap", known([weekly("mon tue wed thu fri sat sun", "00:00", "24:00", ends_at=at("2026-11-25 00:00"), overlap=30),
                                               weekly("wed thu fri sat sun mon", "01:00", "24:00"), weekly("thu fri sat sun mon", "00:00", "01:00")]),
     [("Wed 25 00:30", "Wed 25 01:00")]),
    ("a holiday without anybody", known([weekly(" ".join(DAYS), "00:00", "24:00", only=["ordinary"])], holidays=frozenset({date(2026, 11, 26)})),
     [("Thu 26 00:00", "Fri 27 00:00")]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "people", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_gap_begins_and_ends_to_the_moment(what: str, people: Directory, expected: list[tuple[str, str]]) -> None:
    assert gaps(people, *WEEK) == expected


@pytest.mark.parametrize(("moment", "held"), [("2026-11-25 11:59", ["amna"]), ("2026-11-25 12:00", [])])
def test_a_shift_that_ended_still_has_its_overlap(moment: str, held: list[str]) -> None:
    people = known([Shift(circle="lahore", officer_id="amna", ends_at=at("2026-11-25 00:00"), overlap=720)])
    assert [duty.name for duty in people.on_duty("lahore", TIER, at(moment))] == held


def test_a_window_of_no_length_has_no_gap() -> None:
    assert gaps(known([]), WEEK[0], WEEK[0]) == []


QUARTER = st.integers(0, 95).map(lambda number: number * 15)  # minutes of a day
MOMENT = st.integers(-2 * 96, 4 * 96).map(lambda number: START + timedelta(minutes=15 * number))
PERIOD = st.tuples(MOMENT, MOMENT).filter(lambda period: period[0] < period[1])
ONE = st.sampled_from(OFFICERS)


@st.composite
def shift(draw: st.DrawFn) -> Shift:
    made = Shift(circle=draw(st.sampled_from(CIRCLES)), overlap=draw(st.sampled_from([None, 15, 720])))
    who = draw(st.sampled_from(["officer", "officer", "rotation", "borrow"]))
    if who == "officer":
        made.officer_id = draw(ONE)
    elif who == "borrow":
        made.borrow = draw(st.sampled_from(CIRCLES))
    else:
        made.rotation, made.every = draw(st.lists(ONE, min_size=1, max_size=3)), draw(st.integers(1, 3))
        made.first_day, made.handover = date(2026, 3, draw(st.integers(20, 30))), draw(QUARTER)
    if draw(st.booleans()):
        made.days = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True))
        made.start_minute, made.end_minute = draw(QUARTER), draw(QUARTER)
    made.starts_at, made.ends_at = draw(st.sampled_from([(None, None), draw(PERIOD)]))
    made.only = draw(st.sampled_from([None, None, ["ordinary"], ["holiday"]]))
    return made


@st.composite
def override(draw: st.DrawFn) -> Override:
    start, end = draw(PERIOD)
    return Override(
        circle=draw(st.sampled_from(CIRCLES)), tier=TIER, officer_id=draw(ONE), replaces=draw(st.none() | ONE),
        starts_at=start, ends_at=end, added_at=START + timedelta(seconds=draw(st.integers(0, 2))),
    )  # fmt: skip


@st.composite
def leave(draw: st.DrawFn) -> Leave:
    start, end = draw(PERIOD)
    return Leave(officer_id=draw(ONE), starts_at=start, ends_at=end)


def every(minutes: int, start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start
    while moment < end:
        yield moment
        moment += timedelta(minutes=minutes)


@given(
    shifts=st.lists(shift(), max_size=4), overrides=st.lists(override(), max_size=3), leaves=st.lists(leave(), max_size=2),
    holidays=st.frozensets(st.integers(25, 31).map(lambda day: date(2026, 3, day)), max_size=2),
    zone=st.sampled_from([LOCAL, BERLIN]), offset=st.integers(0, 60),
)  # fmt: skip
@settings(max_examples=60)
def test_gaps_agree_with_asking_at_every_turn(
    shifts: list[Shift], overrides: list[Override], leaves: list[Leave], holidays: frozenset[date],
    zone: ZoneInfo, offset: int,
) -> None:  # fmt: skip
    """Everything changes at quarters of an hour, so that asking in the middle of each, from anywhere on, sees all."""
    people = known(shifts, overrides, leaves, holidays, zone)
    start, end = START + timedelta(minutes=offset), START + timedelta(days=2, minutes=offset)
    for circle in CIRCLES:
        found = list(Window(people, start, end).gaps(circle, TIER))
        assert all(gap.start < gap.end for gap in found)
        assert all(one.end < other.start for one, other in pairwise(found))
        for moment in every(5, start, end):
            empty = people.on_duty(circle, TIER, moment) == []
            assert any(gap.start <= moment < gap.end for gap in found) is empty, (circle, moment)


@given(
    shifts=st.lists(shift(), max_size=4), overrides=st.lists(override(), max_size=3), leaves=st.lists(leave(), max_size=2),
    moments=st.lists(st.tuples(st.integers(0, 4 * 24 * 60), st.sampled_from([1, 5, 24, 72])), min_size=2, max_size=20),
)  # fmt: skip
def test_what_was_asked_before_changes_no_answer(
    shifts: list[Shift], overrides: list[Override], leaves: list[Leave], moments: list[tuple[int, int]]
) -> None:
    """The directory keeps its last answer for as long as it holds; a new one has none to keep."""
    kept = known(shifts, overrides, leaves)
    for minute, hours in moments:
        now, new = START + timedelta(minutes=minute), known(shifts, overrides, leaves)
        for circle in CIRCLES:
            held = Window(new, now, now).holders(circle, TIER, now)
            assert [one.officer_id for one in kept.on_duty(circle, TIER, now)] == held
            quarter = now + timedelta(minutes=15 - now.minute % 15)  # when everything changes
            later = every(15, quarter, now + timedelta(hours=hours))
            change = next((at for at in later if set(Window(new, at, at).holders(circle, TIER, at)) != set(held)), None)
            assert kept.next_change(circle, TIER, now, hours) == (change or now + timedelta(hours=hours))


@given(change=st.integers(0, 1439), length=st.integers(1, 180))
@settings(max_examples=10)
def test_a_gap_of_minutes_is_found_minute_by_minute(change: int, length: int) -> None:
    end = (change + 1440 - length) % 1440
    people = known([Shift(circle="lahore", officer_id="amna", days=list(DAYS), start_minute=change, end_minute=end)])
    found = list(Window(people, START, START + timedelta(days=1)).gaps("lahore", TIER))
    for moment in every(1, START, START + timedelta(days=1)):
        empty = people.on_duty("lahore", TIER, moment) == []
        assert any(gap.start <= moment < gap.end for gap in found) is empty
