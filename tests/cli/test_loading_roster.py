"""`hotline load` of rosters: rotations, leave, overrides, swaps, days; what is wrong is named, what was there stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.staff.tables import Dated, Leave, Override, Shift, SpecialDays, Spell
from tests.support.duty import NOW, Duty, at, made

pytestmark = pytest.mark.one_database

BASE = """\
zones: [{code: punjab-1, name: {en: Punjab Zone I}}, {code: hq, name: {en: Headquarters}}]
circles:
  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}, head: [bilal, amna]}
  - {code: gujrat, zone: punjab-1, name: {en: AHTC Gujrat}}
  - {code: hq, zone: hq, name: {en: HQ desk}, desk: true}
officers:
  - {username: amna, name: Amna, rank: inspector, circle: lahore, wish: sd@latin, addresses: [{channel: sms, address: "+923000000001"}]}
  - {username: bilal, name: Bilal, rank: inspector, circle: lahore, addresses: [{channel: sms, address: "+923000000002"}]}
shifts:
  - {circle: lahore, tier: duty_officer, rotation: {officers: [amna, bilal], every: P7D, start: 2026-11-23, handover: "08:00"}, overlap: PT15M}
  - {circle: gujrat, tier: duty_officer, borrow: lahore, weekly: {days: [mon], start: "20:00", end: "08:00"}, only: [ordinary, ramadan]}
  - {circle: gujrat, tier: duty_officer, officer: amna, from: 2026-12-01, until: 2026-12-31}
holidays: [{date: 2026-12-25, name: Quaid-e-Azam Day}]
ramadan: [{from: 2027-02-08, until: 2027-03-09}]
leave: [{officer: amna, from: 2026-12-01, until: 2026-12-10}]
overrides: [{circle: lahore, tier: duty_officer, officer: bilal, from: 2026-12-01T08:00:00+05:00, until: 2026-12-02T08:00:00+05:00, replaces: amna}]
swaps: [{circle: lahore, tier: duty_officer, between: [amna, bilal], from: 2026-12-05, until: 2026-12-06}]
"""
TABLES: tuple[type[Dated], ...] = (Shift, Override, Leave, SpecialDays, Spell)


@pytest.fixture
def duty(database_url: str, tmp_path: Path) -> Iterator[Duty]:
    """Two officers with everything that a file may say."""
    yield from made(database_url, tmp_path, BASE)


def rows(duty: Duty) -> list[tuple[Any, ...]]:
    """Everything the roster ever said."""
    with duty.database.reading() as tx:
        return sorted((tuple(row) for table in TABLES for row in tx.execute(sa.select(table.__table__))), key=repr)  # type: ignore[attr-defined]


def replaced(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new, 1)


TIERS = "there are duty_officer, assistant_director, deputy_director, zonal_director, hq"
ONE_OF = "it needs one of `officer`, `rotation` and `borrow`"
ROWS = [
    ("an unknown head", "head: [bilal, amna]", "head: [bilal, anna]", "3: circles.0.head.1: no officer anna"),
    ("an unknown head alone", "head: [bilal, amna]", "head: anna", "3: circles.0.head.0: no officer anna"),
    ("an unknown wish", "wish: sd@latin", "wish: fr", "7: officers.0.wish: Input should be 'en', 'ur', 'sd', 'ur@latin' or 'sd@latin'"),
    ("a call to what is no number", '{channel: sms, address: "+923000000001"}', "{channel: call, address: amna}", "7: officers.0.addresses.0.address: not a phone number"),
    ("WhatsApp to what is no number", '{channel: sms, address: "+923000000001"}', '{channel: whatsapp, address: "123"}', "7: officers.0.addresses.0.address: not a phone number"),
    ("one unknown in a rotation", "[amna, bilal], every", "[amna, anna], every", "10: shifts.0.rotation.officers.1: no officer anna"),
    ("a rotation of nobody", "[amna, bilal], every", "[], every", "10: shifts.0.rotation.officers: List should have at least 1 item after validation, not 0"),
    ("a turn of no time", "P7D", "P0D", "10: shifts.0.rotation.every: must be longer than zero and at most 90 days"),
    ("a turn backwards", "P7D", "-P7D", "10: shifts.0.rotation.every: must be longer than zero and at most 90 days"),
    ("a turn of a year", "P7D", "P1Y", "10: shifts.0.rotation.every: must be longer than zero and at most 90 days"),
    ("a turn of hours", "P7D", "PT36H", "10: shifts.0.rotation.every: must be whole days, such as P1D or P7D"),
    ("a turn as a number", "P7D", "7", "10: shifts.0.rotation.every: is written as an ISO 8601 duration, such as PT15M or P7D"),
    ("a handover at no hour", '"08:00"}, overlap', '"24:00"}, overlap', r"10: shifts.0.rotation.handover: String should match pattern '^([01]\d|2[0-3]):[0-5]\d$'"),
    ("a start that is no day", "start: 2026-11-23", "start: monday", "10: shifts.0.rotation.start: Input should be a valid date or datetime, input is too short"),
    ("no overlap", "PT15M", "PT0M", "10: shifts.0.overlap: must be longer than zero and at most 12 hours"),
    ("an overlap of a day", "PT15M", "P1D", "10: shifts.0.overlap: must be longer than zero and at most 12 hours"),
    ("an overlap of seconds", "PT15M", "PT15S", "10: shifts.0.overlap: must be whole minutes, such as PT15M"),
    ("a lender that is not there", "borrow: lahore", "borrow: multan", "11: shifts.1.borrow: no circle multan"),
    ("a circle that borrows from itself", "borrow: lahore", "borrow: gujrat", "11: shifts.1.borrow: is the circle itself"),
    ("a borrowed tier without a time", 'weekly: {days: [mon], start: "20:00", end: "08:00"}, ', "", "11: shifts.1: needs `weekly`, or `from` and `until`"),
    ("nobody", "borrow: lahore, ", "", f"11: shifts.1: has nobody; {ONE_OF}"),
    ("two ways to say who", "borrow: lahore", "borrow: lahore, officer: amna", f"11: shifts.1: has officer and borrow; {ONE_OF}"),
    ("an unknown kind of day", "[ordinary, ramadan]", "[friday]", "11: shifts.1.only.0: Input should be 'ordinary', 'holiday' or 'ramadan'"),
    ("no kind of day", "[ordinary, ramadan]", "[]", "11: shifts.1.only: List should have at least 1 item after validation, not 0"),
    ("a shift that ends before it begins", "until: 2026-12-31", "until: 2026-11-30", "12: shifts.2.until: ends before it begins"),
    ("a holiday on no day", "date: 2026-12-25", "date: christmas", "13: holidays.0.date: Input should be a valid date or datetime, input is too short"),
    ("a Ramadan backwards", "until: 2027-03-09", "until: 2027-02-07", "14: ramadan.0.until: ends before it begins"),
    ("a Ramadan of 31 days", "until: 2027-03-09", "until: 2027-03-10", "14: ramadan.0.until: is longer than 30 days"),
    ("leave of nobody", "leave: [{officer: amna", "leave: [{officer: anna", "15: leave.0.officer: no officer anna"),
    ("leave that ends before it begins", "until: 2026-12-10", "until: 2026-11-30", "15: leave.0.until: ends before it begins"),
    ("leave of a year", "until: 2026-12-10", "until: 2027-12-01", "15: leave.0.until: is longer than 180 days"),
    ("leave without an end", ", until: 2026-12-10", "", "15: leave.0.until: is missing"),
    ("leave from a moment without a zone", "from: 2026-12-01, until: 2026-12-10", "from: 2026-12-01T08:00:00, until: 2026-12-10", "15: leave.0.from: Input should have timezone info"),
    ("an override of no tier", "overrides: [{circle: lahore, tier: duty_officer", "overrides: [{circle: lahore, tier: duty", f"16: overrides.0.tier: no tier duty; {TIERS}"),
    ("an override of no circle", "overrides: [{circle: lahore", "overrides: [{circle: multan", "16: overrides.0.circle: no circle multan"),
    ("an override by nobody", "officer: bilal, from", "officer: bilaal, from", "16: overrides.0.officer: no officer bilaal"),
    ("an override for nobody", "replaces: amna", "replaces: anna", "16: overrides.0.replaces: no officer anna"),
    ("an override of no length", "until: 2026-12-02T08", "until: 2026-12-01T08", "16: overrides.0.until: ends before it begins"),
    ("a swap of one", "between: [amna, bilal]", "between: [amna]", "17: swaps.0.between: List should have at least 2 items after validation, not 1"),
    ("a swap with oneself", "between: [amna, bilal]", "between: [amna, amna]", "17: swaps.0.between: needs two officers"),
    ("a swap with nobody", "between: [amna, bilal]", "between: [amna, anna]", "17: swaps.0.between.1: no officer anna"),
    ("a swap backwards", "until: 2026-12-06", "until: 2026-12-04", "17: swaps.0.until: ends before it begins"),
    ("what is not there taken away", "until: 2026-12-31}", "until: 2026-12-30, remove: true}", "12: shifts.2: is not in the roster"),
    ("a word for yes or no", "until: 2026-12-31}", "until: 2026-12-31, remove: maybe}", "12: shifts.2.remove: Input should be a valid boolean, unable to interpret input"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "problem"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_wrong_is_named_with_its_place_and_the_running_roster_stays(
    duty: Duty, what: str, old: str, new: str, problem: str
) -> None:
    before = rows(duty)
    assert duty.refuses(replaced(old, new)) == [problem]
    assert rows(duty) == before, what
    assert duty.holds("lahore", "duty_officer") == ["Amna"]


def test_loading_a_file_again_adds_and_takes_away_nothing(duty: Duty) -> None:
    before = rows(duty)
    duty.load(BASE, NOW + timedelta(days=1))
    assert rows(duty) == before
    assert len(before) == 3 + 3 + 1 + 2 + 3


def kept(duty: Duty, table: type[Dated]) -> list[tuple[datetime, datetime | None]]:
    with duty.database.reading() as tx:
        found = tx.execute(sa.select(table.added_at, table.removed_at).order_by(table.added_at))
        return [(row[0], row[1]) for row in found]


@pytest.mark.parametrize(
    ("part", "table", "live"),
    [
        ('leave: [{officer: amna, from: 2026-12-01, until: 2026-12-10%s}]', Leave, 0),
        ("holidays: [{date: 2026-12-25, name: Quaid-e-Azam Day%s}]", SpecialDays, 1),
        ("ramadan: [{from: 2027-02-08, until: 2027-03-09%s}]", SpecialDays, 1),
        ("swaps: [{circle: lahore, tier: duty_officer, between: [bilal, amna], from: 2026-12-05, until: 2026-12-06%s}]", Override, 1),
        ("shifts: [{circle: gujrat, tier: duty_officer, officer: amna, from: 2026-12-01, until: 2026-12-31%s}]", Shift, 2),
        ('shifts: [{circle: lahore, tier: duty_officer, rotation: {officers: [amna, bilal], every: P7D, start: 2026-11-23, handover: "08:00"}, overlap: PT15M%s}]', Shift, 2),
    ],
)  # fmt: skip
def test_what_is_taken_away_stays_on_record_and_may_come_back(
    duty: Duty, part: str, table: type[Dated], live: int
) -> None:
    removed, again = NOW + timedelta(days=1), NOW + timedelta(days=3)
    before = kept(duty, table)
    for days in (1, 2):  # the second time there is nothing left to take away
        duty.load(part % ", remove: true", NOW + timedelta(days=days))
    ended = sorted(kept(duty, table), key=repr)
    assert [removed_at for _, removed_at in ended if removed_at is not None] == [removed] * (len(before) - live)
    duty.load(part % "", again)
    assert [added for added, _ in kept(duty, table) if added == again] == [again] * (len(before) - live)


def test_a_date_alone_means_the_whole_of_that_local_day(duty: Duty) -> None:
    moments = ("2026-11-30 23:59", "2026-12-01 00:00", "2026-12-31 23:59", "2027-01-01 00:00")
    shifts = duty.known().shifts["gujrat", "duty_officer"]
    (shift,) = (one for one in shifts if one.officer_id)
    assert (shift.starts_at, shift.ends_at) == (at(moments[1]), at(moments[3]))
    amna = duty.id("Amna")
    assert [duty.known().on_leave(amna, at(f"2026-12-{day}")) for day in ("01 00:00", "10 23:59", "11 00:00")] == [
        True,
        True,
        False,
    ]


def test_heads_and_wishes_are_kept_as_the_last_file_says(duty: Duty) -> None:
    assert [head.name for head in duty.known().heads("lahore", NOW)] == ["Bilal", "Amna"]
    assert duty.known().members[duty.id("Amna")].wish == "sd@latin"
    duty.load("circles:\n  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}}\n")
    assert duty.known().heads("lahore", NOW) == []


def test_all_problems_of_a_roster_are_told_at_once(duty: Duty) -> None:
    text = BASE.replace("leave: [{officer: amna", "leave: [{officer: anna").replace(
        "between: [amna, bilal]", "between: [x, y]"
    )
    assert [problem.split(": ")[1] for problem in duty.refuses(text)] == [
        "leave.0.officer",
        "swaps.0.between.0",
        "swaps.0.between.1",
    ]
