"""Stories of a roster over time: turns, leave, who stands in, swaps, borrowed nights, and what stays known afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.core import audit
from hotline.staff.directory import Preference
from tests.support.duty import NOW, RULES, Duty, at, made, short

pytestmark = pytest.mark.one_database

DUTY = "duty_officer"
STAFF = """\
zones:
  - {code: punjab-1, name: {en: Punjab Zone I}}
  - {code: hq, name: {en: Headquarters}}
circles:
  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}, head: dania}
  - {code: gujrat, zone: punjab-1, name: {en: AHTC Gujrat}}
  - {code: hq, zone: hq, name: {en: HQ desk}, desk: true}
officers:
  - {username: amna, name: Amna, rank: inspector, circle: lahore, gender: female, languages: [ur, en], wish: ur@latin, addresses: [{channel: sms, address: "+923000000001"}]}
  - {username: bilal, name: Bilal, rank: inspector, circle: lahore, gender: male, languages: [ur], addresses: [{channel: sms, address: "+923000000002"}]}
  - {username: nadia, name: Nadia, rank: inspector, circle: lahore, gender: female, languages: [sd], addresses: [{channel: sms, address: "+923000000003"}]}
  - {username: dania, name: Dania, rank: deputy_director, circle: lahore, addresses: [{channel: sms, address: "+923000000004"}]}
  - {username: omar, name: Omar, rank: inspector, circle: gujrat, addresses: [{channel: sms, address: "+923000000006"}]}
  - {username: fatima, name: Fatima, rank: hq, circle: hq, addresses: [{channel: sms, address: "+923000000005"}]}
shifts:
  - {circle: lahore, tier: duty_officer, rotation: {officers: [amna, bilal, nadia], every: P7D, start: 2026-11-23, handover: "08:00"}, overlap: PT15M}
  - {circle: lahore, tier: assistant_director, officer: dania, from: 2026-11-01}
  - {circle: gujrat, tier: duty_officer, officer: omar, weekly: {days: [mon, tue, wed, thu, fri, sat, sun], start: "08:00", end: "18:00"}}
  - {circle: gujrat, tier: duty_officer, borrow: lahore, weekly: {days: [mon, tue, wed, thu, fri, sat, sun], start: "18:00", end: "08:00"}}
  - {circle: hq, tier: hq, officer: fatima, from: 2026-11-01}
"""


@pytest.fixture
def duty(database_url: str, tmp_path: Path) -> Iterator[Duty]:
    """Three officers of Lahore in turn, week by week; Gujrat has its own by day and Lahore's by night."""
    yield from made(database_url, tmp_path, STAFF)


def cover(duty: Duty, name: str, start: str, until: str, replaces: str | None = None, seconds: int = 0) -> None:
    given = {"replaces": duty.id(replaces)} if replaces else {}
    now = NOW + timedelta(seconds=seconds)
    with duty.database.transaction() as tx:
        staff.cover(tx, "lahore", DUTY, duty.id(name), at(start), at(until), by="operator", now=now, **given)


def test_a_rotation_goes_round_with_both_on_duty_at_the_handover(duty: Duty) -> None:
    moments = ("2026-11-30 07:59", "2026-11-30 08:00", "2026-11-30 08:15", "2026-12-07 08:15", "2026-12-14 08:15")
    assert [duty.holds("lahore", DUTY, moment) for moment in moments] == [
        ["Amna"], ["Amna", "Bilal"], ["Bilal"], ["Nadia"], ["Amna"],
    ]  # fmt: skip


def test_a_circle_borrows_the_night_of_another_with_its_turns_and_who_stands_in(duty: Duty) -> None:
    cover(duty, "Nadia", "2026-11-24 20:00", "2026-11-25 02:00")
    moments = ("2026-11-24 17:59", "2026-11-24 18:00", "2026-11-24 23:00", "2026-11-25 03:00", "2026-11-25 08:00")
    assert [duty.holds("gujrat", DUTY, moment) for moment in moments] == [
        ["Omar"],
        ["Amna"],
        ["Nadia"],
        ["Amna"],
        ["Omar"],
    ]
    assert duty.known().held_by(duty.id("Amna"), at("2026-11-25 03:00")) == [("gujrat", DUTY), ("lahore", DUTY)]


def test_leave_inside_a_turn_is_a_gap_in_both_circles_until_somebody_stands_in(duty: Duty) -> None:
    duty.load("leave:\n  - {officer: amna, from: 2026-11-24, until: 2026-11-24}\n")
    assert duty.holds("lahore", DUTY, "2026-11-24 12:00") == []
    found = [(gap.circle, short(gap.start), short(gap.end)) for gap in duty.gaps(tiers=(DUTY, "hq"))]
    assert found == [
        ("gujrat", "Tue 24 00:00", "Tue 24 08:00"),
        ("gujrat", "Tue 24 18:00", "Wed 25 00:00"),
        ("lahore", "Tue 24 00:00", "Wed 25 00:00"),
    ]
    cover(duty, "Bilal", "2026-11-24 00:00", "2026-11-25 00:00", replaces="Amna")
    assert duty.gaps(tiers=(DUTY, "hq")) == []


def test_gaps_that_begin_within_three_days_are_told_with_their_whole_length(duty: Duty) -> None:
    duty.load(
        "leave:\n  - {officer: amna, from: 2026-11-26T09:59:00+05:00, until: 2026-11-28T10:00:00+05:00}\n"
        "  - {officer: bilal, from: 2026-12-01, until: 2026-12-01}\n"
    )
    with duty.database.reading() as tx:
        soon = [gap for gap in staff.gaps_soon(tx, (DUTY, "hq"), NOW) if gap.circle == "lahore"]
    assert [(short(gap.start), short(gap.end)) for gap in soon] == [("Thu 26 09:59", "Sat 28 10:00")]


def test_who_stands_in_for_everybody_and_the_later_word_counts(duty: Duty) -> None:
    cover(duty, "Bilal", "2026-11-24 00:00", "2026-11-25 00:00")
    assert duty.holds("lahore", DUTY, "2026-11-24 12:00") == ["Bilal"]
    cover(duty, "Nadia", "2026-11-24 10:00", "2026-11-24 14:00", seconds=1)
    moments = ("2026-11-24 09:59", "2026-11-24 10:00", "2026-11-24 14:00", "2026-11-25 00:00")
    assert [duty.holds("lahore", DUTY, moment) for moment in moments] == [["Bilal"], ["Nadia"], ["Bilal"], ["Amna"]]


def test_who_stands_in_may_hand_on_and_only_for_the_one_meant(duty: Duty) -> None:
    cover(duty, "Bilal", "2026-11-24 00:00", "2026-11-25 00:00", replaces="Amna")
    cover(duty, "Nadia", "2026-11-24 12:00", "2026-11-25 00:00", replaces="Bilal", seconds=1)
    cover(duty, "Omar", "2026-11-24 00:00", "2026-11-25 00:00", replaces="Dania", seconds=2)
    assert duty.holds("lahore", DUTY, "2026-11-24 11:59") == ["Bilal"]
    assert duty.holds("lahore", DUTY, "2026-11-24 12:00") == ["Nadia"]


def test_two_who_swap_take_each_others_duties(duty: Duty) -> None:
    duty.load(
        "swaps:\n  - {circle: lahore, tier: duty_officer, between: [amna, bilal], from: 2026-11-29, until: 2026-12-01}\n"
    )
    moments = ("2026-11-28 23:59", "2026-11-29 00:00", "2026-11-30 08:05", "2026-12-01 23:59", "2026-12-02 00:00")
    assert [sorted(duty.holds("lahore", DUTY, moment)) for moment in moments] == [
        ["Amna"], ["Bilal"], ["Amna", "Bilal"], ["Amna"], ["Bilal"],
    ]  # fmt: skip


def test_two_who_stand_in_by_one_file_are_both_on_duty(duty: Duty) -> None:
    row = "  - {circle: lahore, tier: duty_officer, officer: %s, from: 2026-11-24, until: 2026-11-24}\n"
    duty.load("overrides:\n" + row % "bilal" + row % "nadia")
    assert sorted(duty.holds("lahore", DUTY, "2026-11-24 12:00")) == ["Bilal", "Nadia"]


def test_ramadan_and_holidays_have_hours_of_their_own(duty: Duty) -> None:
    row = "  - {circle: gujrat, tier: assistant_director, officer: %s, weekly: {days: [mon, tue, wed, thu, fri], start: '%s', end: '%s'}, only: [%s]}\n"
    days = (
        row % ("omar", "08:00", "16:00", "ordinary")
        + row % ("omar", "07:00", "12:00", "ramadan")
        + row % ("dania", "00:00", "24:00", "holiday")
    )
    duty.load(
        "shifts:\n"
        + days
        + "ramadan:\n  - {from: 2027-02-08, until: 2027-03-09}\nholidays:\n  - {date: 2027-03-23, name: Pakistan Day}\n"
    )
    moments = (
        "2027-02-05 15:59",
        "2027-02-08 11:59",
        "2027-02-08 12:00",
        "2027-03-09 07:00",
        "2027-03-10 07:00",
        "2027-03-23 23:00",
    )
    found = [duty.holds("gujrat", "assistant_director", moment) for moment in moments]
    assert found == [["Omar"], ["Omar"], [], ["Omar"], [], ["Dania"]]


def test_who_was_on_duty_stays_known_after_an_edit(duty: Duty) -> None:
    shift = '{circle: gujrat, tier: duty_officer, officer: omar, weekly: {days: [mon, tue, wed, thu, fri, sat, sun], start: "08:00", end: "18:00"}'
    duty.load(f"shifts:\n  - {shift}, remove: true}}\n  - {shift.replace('omar', 'dania')}}}\n", at("2026-11-25 12:00"))
    assert duty.holds("gujrat", DUTY, "2026-11-26 12:00") == ["Dania"]
    moments = ("2026-11-23 09:59", "2026-11-24 12:00", "2026-11-25 11:59", "2026-11-25 12:00", "2026-11-26 12:00")
    assert [duty.held("gujrat", DUTY, moment) for moment in moments] == [[], ["Omar"], ["Omar"], ["Dania"], ["Dania"]]


def test_who_was_on_duty_stays_known_after_officers_leave_the_service_and_the_desk_moves(duty: Duty) -> None:
    amna = 'officers:\n  - {username: amna, name: Amna, rank: inspector, circle: lahore, active: %s, addresses: [{channel: sms, address: "+923000000001"}]}\n'
    duty.load(amna % "false", at("2026-11-24 12:00"))
    duty.load(amna % "true", at("2026-11-25 12:00"))
    moments = ("2026-11-24 11:59", "2026-11-24 12:00", "2026-11-25 11:59", "2026-11-25 12:00")
    assert [duty.held("lahore", DUTY, moment) for moment in moments] == [["Amna"], [], [], ["Amna"]]
    duty.load(
        "circles:\n  - {code: hq, zone: hq, name: {en: HQ}}\n  - {code: gujrat, zone: punjab-1, name: {en: G}, desk: true}\n",
        at("2026-11-26 12:00"),
    )
    assert duty.held("lahore", "hq", "2026-11-26 11:59") == ["Fatima"]
    assert duty.held("lahore", "hq", "2026-11-26 12:00") == []


def test_leave_and_who_stood_in_stay_known_and_coming_back_early_ends_it(duty: Duty) -> None:
    with duty.database.transaction() as tx:
        amna, until = duty.id("Amna"), at("2026-11-24 10:00")
        staff.leave(tx, amna, NOW, until, by=amna, now=NOW)
        assert staff.current_directory(tx).on_duty("lahore", DUTY, NOW) == [], "the transaction sees it too"
    back_at = at("2026-11-23 18:00")
    with duty.database.transaction() as tx:
        assert staff.back(tx, amna, by=amna, now=back_at)
        assert not staff.back(tx, amna, by=amna, now=back_at)
    assert duty.holds("lahore", DUTY, back_at) == ["Amna"]
    assert [duty.held("lahore", DUTY, moment) for moment in ("2026-11-23 17:59", "2026-11-23 18:00")] == [[], ["Amna"]]
    with duty.database.reading() as tx:
        rows = [(row.event, row.actor) for row in tx.scalars(sa.select(audit.AuditRow).order_by(audit.AuditRow.seq))]
    assert rows == [("directory_loaded", "operator"), ("duty_left", amna), ("duty_resumed", amna)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"officer_id": "nobody"}, (LookupError, "no such officer")),
        ({"circle": "multan"}, (LookupError, "no circle multan")),
        ({"until": NOW}, (ValueError, "ends before it begins")),
        ({"until": NOW + timedelta(days=181)}, (ValueError, "longer than 180 days")),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    duty: Duty, change: dict[str, object], problem: tuple[type[Exception], str]
) -> None:
    given = {
        "circle": "lahore",
        "officer_id": duty.id("Bilal"),
        "start": NOW,
        "until": NOW + timedelta(hours=1),
        **change,
    }
    with pytest.raises(problem[0], match=problem[1]), duty.database.transaction() as tx:
        staff.cover(tx, tier=DUTY, by="operator", now=NOW, **given)  # type: ignore[arg-type]
    assert duty.holds("lahore", DUTY, NOW) == ["Amna"]


def test_the_next_change_is_the_end_of_what_is_now(duty: Duty) -> None:
    known = duty.known()
    assert short(known.next_change("gujrat", DUTY, NOW)) == "Mon 23 18:00"
    assert short(known.next_change("lahore", DUTY, at("2026-11-29 12:00"))) == "Mon 30 08:00"
    assert known.next_change("lahore", DUTY, NOW) == NOW + timedelta(hours=24)
    row = '{circle: lahore, tier: zonal_director, officer: dania, weekly: {days: [mon, tue], start: "00:00", end: "24:00"}}'
    duty.load(f"shifts:\n  - {row}\n")
    assert short(duty.known().next_change("lahore", "zonal_director", NOW, hours=72)) == "Wed 25 00:00"


def test_heads_are_those_named_else_the_next_tier_else_the_desk(duty: Duty) -> None:
    def heads(circle: str) -> list[str]:
        return [head.name for head in duty.known().heads(circle, NOW, RULES.tiers)]

    assert (heads("lahore"), heads("gujrat")) == (["Dania"], ["Fatima"])
    duty.load("leave:\n  - {officer: dania, from: 2026-11-23, until: 2026-11-23}\n")
    assert heads("lahore") == ["Fatima"]
    duty.load("shifts:\n  - {circle: lahore, tier: deputy_director, officer: nadia, from: 2026-11-01}\n")
    assert heads("lahore") == ["Nadia"]


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        (Preference(), ["Bilal", "Amna", "Nadia"]),
        (Preference(female=True), ["Amna", "Nadia", "Bilal"]),
        (Preference(language="sd@latin"), ["Nadia", "Bilal", "Amna"]),
        (Preference(female=True, language="ur"), ["Amna", "Nadia", "Bilal"]),
        (Preference(female=True, language="sd"), ["Nadia", "Amna", "Bilal"]),
        (Preference(language="ps"), ["Bilal", "Amna", "Nadia"]),
    ],
)
def test_a_preference_orders_officers_and_leaves_nobody_out(
    duty: Duty, prefer: Preference, expected: list[str]
) -> None:
    known = duty.known()
    names = sorted(expected, key=["Bilal", "Amna", "Nadia"].index)
    ids = [duty.id(name) for name in names]
    found = sorted((known.members[one].duty() for one in ids), key=prefer.missed)
    assert [one.name for one in found] == expected


def test_an_officer_of_the_same_gender_or_language_stands_first_and_the_others_after(duty: Duty) -> None:
    def found(prefer: Preference | None) -> list[str]:
        handover = at("2026-11-30 08:05")
        held = duty.known().on_duty("lahore", DUTY, handover, prefer=prefer)
        return [one.name for one in held]

    assert found(None) == ["Amna", "Bilal"]
    cover(duty, "Nadia", "2026-11-30 08:00", "2026-11-30 09:00", replaces="Amna")
    assert (found(None), found(Preference(language="ur"))) == (["Nadia", "Bilal"], ["Bilal", "Nadia"])
    assert found(Preference(female=True, language="ur")) == ["Nadia", "Bilal"]


def test_officers_are_paged_in_the_language_they_wish(duty: Duty) -> None:
    (amna,) = duty.known().on_duty("lahore", DUTY, NOW)
    assert (amna.wish, amna.gender, amna.languages) == ("ur@latin", "female", ("ur", "en"))
    assert duty.known().members[duty.id("Bilal")].wish == "en"
