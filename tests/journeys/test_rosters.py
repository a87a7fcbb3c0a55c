"""Nights are borrowed, Ramadan has hours of its own, colleagues swap and go on leave, a woman asks for a woman."""

from datetime import UTC, datetime

import pytest

from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World

pytestmark = pytest.mark.one_database

LINE = """
    amna   lahore duty_officer
    bilal  lahore assistant_director
    gulnaz karachi duty_officer
    fatima hq hq
"""
DAYS = "[mon, tue, wed, thu, fri, sat, sun]"


def test_a_circle_without_a_night_borrows_another_ones(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff(LINE.replace("amna   lahore duty_officer", "amna   lahore duty_officer 08:00-20:00"))
    world.directory(f"""
        shifts:
          - {{circle: lahore, tier: duty_officer, borrow: karachi, weekly: {{days: {DAYS}, start: "20:00", end: "08:00"}}}}
    """)
    world.forward(hours=12)  # ten in the evening
    reporter.texts(CHILDREN)
    world.phone("gulnaz").expects_page("P2", "Lahore")
    world.phone("gulnaz").accepts()
    world.phone("gulnaz").expects("is yours")
    amna.is_silent()


def test_in_ramadan_other_hours_hold(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff(LINE.replace("amna   lahore duty_officer", "amna   lahore duty_officer off"))
    world.directory(f"""
        ramadan: [{{from: 2027-02-08, until: 2027-03-09}}]
        officers:
          - {{username: nadia, name: Nadia, rank: inspector, circle: lahore, addresses: [{{channel: sms, address: "+923000000021"}}]}}
        shifts:
          - {{circle: lahore, tier: duty_officer, officer: amna, only: [ordinary, holiday], weekly: {{days: {DAYS}, start: "00:00", end: "24:00"}}}}
          - {{circle: lahore, tier: duty_officer, officer: nadia, only: [ramadan], weekly: {{days: {DAYS}, start: "00:00", end: "24:00"}}}}
    """)
    nadia = world.phone("nadia on the Ramadan shift", "+923000000021")
    for day, phone in ((7, amna), (8, nadia), (9, nadia)):
        world.database.moment = datetime(2027, 2, day, 9, 0, tzinfo=UTC)
        world.send(f"+92300000006{day}", CHILDREN)
        phone.expects_page("P2", "Lahore")
    amna.is_silent()


def test_who_is_on_leave_is_left_in_peace_and_paged_again_after_it(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff(LINE)
    world.directory("leave: [{officer: amna, from: 2026-11-23, until: 2026-11-24}]")
    reporter.texts(CHILDREN)
    world.phone("bilal").expects_page("P2", "Lahore")
    world.leap(days=2)
    world.phone("neighbour", "+923000000078").texts(CHILDREN)
    assert any("P2" in text for text in amna.reads_all())


def test_two_who_swap_are_paged_in_each_others_place(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer 08:00-20:00
        nadia  lahore duty_officer 20:00-08:00
        fatima hq hq
    """)
    world.directory(
        "swaps: [{circle: lahore, tier: duty_officer, between: [amna, nadia], from: 2026-11-23, until: 2026-11-23}]"
    )
    reporter.texts(CHILDREN)
    world.phone("nadia").expects_page("P2", "Lahore")
    amna.is_silent()


def test_a_leave_that_is_loaded_while_a_report_waits_moves_it_on_at_once(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page("P2", "Lahore")
    world.directory("leave: [{officer: amna, from: 2026-11-23T08:00:00+05:00, until: 2026-11-30T08:00:00+05:00}]")
    bilal.expects_page("P2", "Lahore", within="1s")
