"""Shifts end, people leave, rosters change and calendars turn over; somebody is always paged."""

from datetime import UTC, datetime

import pytest

from hotline import reports
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, KARACHI, NOWHERE
from tests.journeys.world import World


def test_the_shift_changes_in_the_middle_of_an_escalation(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer
        bilal  lahore assistant_director 08:00-20:00
        nadia  lahore assistant_director 20:00-08:00
        fatima hq hq
    """)
    world.forward(hours=9, minutes=50)  # ten minutes to eight in the evening
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=30)
    world.phone("nadia").expects_page("P2", "Lahore")
    world.nobody_else_is_paged()


def test_who_was_paged_before_the_shift_changed_may_still_accept(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer 08:00-20:00
        nadia  lahore duty_officer 20:00-08:00
        bilal  lahore assistant_director
        fatima hq hq
    """)
    world.forward(hours=9, minutes=50)
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=15)
    amna.accepts()
    amna.expects("is yours")
    reporter.texts("X")
    world.phone("neighbour", "+923000000078").texts(CHILDREN)
    world.phone("nadia").expects_page()


def test_the_roster_is_edited_while_a_report_is_paged(world: World, reporter: Phone, amna: Phone, bilal: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.staff("""
        nadia  lahore duty_officer
        amna   lahore assistant_director
        sana   lahore deputy_director
        fatima hq hq
    """)
    world.phone("nadia").expects_page("P2", "Lahore", within="1s")
    world.forward(minutes=30)
    amna.expects_page("P2", "Lahore")
    bilal.is_silent()
    amna.passes()
    amna.expects("passed on")
    world.phone("sana").expects_page(within="1s")
    world.nobody_else_is_paged()
    world.ledger_balances()


def test_an_officer_in_two_circles_has_a_number_for_each_report(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer
        amna   karachi duty_officer
        fatima hq hq
    """)
    reporter.texts(CHILDREN)
    lahore = amna.expects_page(circle="Lahore")
    world.phone("neighbour", "+923000000078").texts(KARACHI)
    karachi = amna.expects_page(circle="Karachi")
    assert lahore != karachi
    amna.texts(f"1 {karachi}")
    amna.expects(karachi, "is yours")
    assert {report.circle for report in world.reports() if report.accepted_by} == {"karachi"}


def test_nobody_is_on_duty_anywhere_and_hq_is_woken_all_the_same(world: World, reporter: Phone, fatima: Phone) -> None:
    world.staff("amna lahore duty_officer off\n fatima hq hq off")
    reporter.texts(DANGER)
    fatima.expects_page("P1", "Lahore")
    assert world.events("tier_empty", "nobody_on_duty") == ["tier_empty"] * 5 + ["nobody_on_duty"]
    fatima.expects_page("P1", "Lahore", same_token=True, within="15m")
    world.ledger_balances()


def test_a_night_shift_holds_both_sides_of_midnight(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer 22:00-06:00 mon
        bilal  lahore assistant_director
        fatima hq hq
    """)
    world.forward(hours=13, minutes=50)
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=11)  # Tuesday has begun; the shift that began on Monday has not ended
    world.phone("neighbour", "+923000000078").texts(DANGER)
    amna.expects_page("P1")
    world.forward(hours=6)
    world.phone("another", "+923000000079").texts(CHILDREN)
    world.phone("bilal").reads_all()
    amna.is_silent()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 30, 18, 50, tzinfo=UTC),  # ten to midnight in Karachi, the month's last day
        datetime(2026, 12, 31, 18, 50, tzinfo=UTC),  # and the year's
        datetime(2028, 2, 28, 18, 50, tzinfo=UTC),  # before a leap day
        datetime(2026, 12, 31, 23, 50, tzinfo=UTC),  # and where the year ends in London
    ],
)
def test_a_report_climbs_through_midnight_month_and_year_end(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone, moment: datetime
) -> None:
    world.database.moment = moment
    reporter.texts(CHILDREN)
    amna.expects_page("P2")
    bilal.expects_page("P2", within="30m")
    dania.expects_page("P2", within="30m")
    reporter.texts(DANGER)
    dania.expects_page("P1", same_token=True)
    bilal.accepts()
    bilal.expects("is yours")
    world.nobody_else_is_paged()
    assert DANGER in world.written()
    world.ledger_balances()


def test_a_month_of_reports_is_read_after_the_keys_have_changed(world: World, reporter: Phone) -> None:
    reporter.texts("Lahore: they lock the workers in")
    world.leap(days=8)  # December has begun, and with it another key
    reporter.texts("Lahore: they took their passports")
    with world.transaction() as tx:
        texts = [
            reports.read_entries(tx, reports.pick_up(tx, world.keys, report))[0].text for report in world.reports()
        ]
    assert sorted(texts) == ["Lahore: they lock the workers in", "Lahore: they took their passports"]


def test_a_duress_word_rings_whoever_has_come_on_duty_at_hq_meanwhile(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    reporter.texts(NOWHERE)
    fatima.expects_page()
    world.staff("sara hq hq")
    reporter.texts("wrong number")
    world.phone("sara").expects_page("P1")
    world.ledger_balances()
