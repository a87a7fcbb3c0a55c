"""Who is on duty, by text message; what is not understood; and STOP, which takes nobody off duty."""

import re

import pytest
import sqlalchemy as sa

from hotline.staff.tables import Officer
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, KARACHI
from tests.journeys.world import World

TWO = """
    amna   lahore duty_officer 08:00-20:00
    nadia  lahore duty_officer 08:00-18:00
    bilal  lahore assistant_director
    fatima hq hq
"""  # on one duty


def test_guessing_numbers_slows_down_and_never_holds_up_a_right_one(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    wrong = [str(number) for number in range(1000, 1011) if str(number) != token]
    for guess in wrong[:4]:
        amna.texts(f"1 {guess}")
        amna.expects(f"No report {guess} for you")
    amna.texts(f"1 {wrong[4]}")
    amna.expects("Reply 1 and")
    for guess in wrong[5:9]:
        amna.texts(f"who {guess}")
        amna.is_silent()
    amna.accepts()
    amna.expects("is yours")
    world.forward(minutes=16)
    amna.texts(f"1 {wrong[9]}")
    amna.expects(f"No report {wrong[9]} for you")
    assert len(world.events("token_unknown")) == 10


def test_what_is_not_understood_gets_one_help_line_in_ten_minutes_but_help_is_always_answered(
    world: World, amna: Phone
) -> None:
    for _ in range(3):
        amna.texts("good morning")
    amna.expects("Reply 1 and")
    amna.is_silent()
    for _ in range(2):
        amna.texts("help")
        amna.expects("Reply 1 and")
    world.forward(minutes=11)
    amna.texts("good morning")
    amna.expects("Reply 1 and")


@pytest.mark.parametrize("text", ["STOP", "end", "band", "بند", "unsubscribe"])
def test_stop_from_a_duty_phone_leaves_the_officer_on_duty_and_a_head_is_told_once(
    world: World, reporter: Phone, amna: Phone, dania: Phone, text: str
) -> None:
    amna.texts(text)
    amna.expects("You are still on duty")
    dania.expects("Amna sent STOP", "Please call")
    amna.texts(text)
    reporter.texts(CHILDREN)
    amna.expects_page()
    dania.is_silent()
    assert world.events("phone_stopped") == ["phone_stopped"] * 2
    world.forward(days=1)
    dania.reads_all()
    amna.texts(text)
    dania.expects("Amna sent STOP")


def test_stop_from_the_head_goes_to_the_desk(world: World, dania: Phone, fatima: Phone) -> None:
    dania.texts("stop")
    dania.expects("You are still on duty")
    fatima.expects("Dania sent STOP")


def test_who_is_alone_on_duty_stays_until_the_head_names_somebody(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.staff("""
        amna   lahore duty_officer 08:00-20:00
        nadia  lahore duty_officer 20:00-08:00
        bilal  lahore assistant_director
        fatima hq hq
    """)
    nadia = world.phone("nadia")
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.texts("duty off")
    amna.expects("you stay on", "Your head was told")
    bilal.expects("Amna asks to go off duty", "DUTY and a name")
    amna.texts("duty off")
    amna.expects("you stay on")
    bilal.is_silent()
    bilal.texts("DUTY nadia")
    bilal.expects("Nadia has the duty until 23/11 20:00.")
    nadia.expects("You have the duty until 23/11 20:00.")
    amna.expects("Nadia has the duty until 23/11 20:00.")
    world.forward(seconds=1)
    nadia.expects_page("P2", "Lahore")
    amna.is_silent()
    world.phone("two", "+923000000072").texts(CHILDREN)
    nadia.expects_page("P2", "Lahore")
    amna.is_silent()
    assert world.events("duty_off_refused", "duty_covered") == ["duty_off_refused"] * 2 + ["duty_covered"]


def test_who_is_one_of_two_goes_off_duty_and_comes_back(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff(TWO)
    nadia = world.phone("nadia")
    amna.texts("duty off")
    amna.expects("You are off duty until 23/11 18:00. Nadia has the duty.")
    reporter.texts(CHILDREN)
    nadia.expects_page()
    amna.is_silent()
    amna.texts("duty off")
    amna.expects("not on duty now")
    nadia.texts("duty off")
    nadia.expects("you stay on")
    world.forward(minutes=1)
    amna.texts("duty on")
    amna.expects("You have the duty until 23/11 18:00")
    world.forward(seconds=1)
    amna.expects_page()
    amna.texts("duty on")
    amna.expects("You have the duty until")
    bilal = world.phone("bilal")
    bilal.reads_all()
    world.phone("gulnaz").texts("duty on")


def test_only_a_head_names_who_has_the_duty_and_only_one_of_the_own_circle(
    world: World, amna: Phone, dania: Phone
) -> None:
    amna.texts("duty bilal")
    amna.expects("Only the head of the circle")
    assert world.events("denied", "duty_covered") == ["denied"]
    for name in ("gulnaz", "", "nobody at all", "a"):
        dania.texts(f"duty {name}")
        dania.expects("Which officer of your circle?")
    dania.texts("duty Dania")
    dania.expects("You have the duty until")
    amna.expects("Dania has the duty until")
    assert world.events("duty_covered") == ["duty_covered"]


def test_a_name_that_two_officers_bear_is_asked_for_again(world: World, dania: Phone) -> None:
    with world.transaction() as tx:
        named = {officer.username: officer for officer in tx.scalars(sa.select(Officer))}
        named["amna"].name, named["dania"].name = "Amna Bibi", "Dania Bibi"
    dania.texts("duty bibi")
    dania.expects("Which officer of your circle?")
    dania.texts("duty amna bibi")
    dania.expects("Amna Bibi has the duty")


def test_an_unknown_phone_learns_nothing_by_any_command(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(KARACHI)
    token = world.phone("gulnaz").expects_page()
    stranger = world.phone("stranger", "+923000000077")
    for text in (
        token,
        f"who {token}",
        "who",
        "list",
        f"note {token} x",
        f"done {token} 1 482193",
        "duty off",
        "duty amna",
    ):
        stranger.texts(text)
    said = " ".join(stranger.reads_all())
    assert not re.search(f"{token}|Gulnaz|Amna|duty|DUTY", said)
    amna.is_silent()


def test_a_head_who_names_somebody_away_ends_that_and_a_leave_to_come_ends_the_duty(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.staff(TWO)
    world.directory("leave: [{officer: nadia, from: 2026-11-23T17:00:00+05:00, until: 2026-11-24T08:00:00+05:00}]")
    nadia = world.phone("nadia")
    nadia.texts("duty off")
    nadia.expects("off duty until 23/11 17:00")
    bilal.texts("duty nadia")
    bilal.expects("Nadia has the duty until 23/11 17:00.")
    nadia.expects("You have the duty until 23/11 17:00.")
    reporter.texts(CHILDREN)
    nadia.expects_page("P2", "Lahore")
    assert world.events("tier_empty") == []


def test_who_goes_off_duty_is_there_for_a_duty_that_begins_later_where_nobody_was_asked(
    world: World, amna: Phone
) -> None:
    world.staff("""
        amna   lahore duty_officer 08:00-20:00
        nadia  lahore duty_officer 08:00-20:00
        amna   gujrat duty_officer 14:00-20:00
        gulnaz gujrat duty_officer 20:00-14:00
        bilal  lahore assistant_director
        fatima hq hq
    """)
    amna.texts("duty off")
    amna.expects("You are off duty until 23/11 14:00. Nadia has the duty.")
