"""Somebody in danger may be abroad: there 15 is nobody's number. And a place abroad is called by its name."""

import re

import pytest

from hotline.core.i18n import translate
from tests.journeys.desk import walk
from tests.journeys.phones import Phone
from tests.journeys.world import World

CALL = "If you can, call 15."
DANGER = {"help/safe": "1", "help/danger": "1"}


def told(world: World, phone: Phone) -> bool:
    """Tell whether 15 was named, in any language."""
    heard = world.air.heard[phone.number]
    return any(translate(CALL, language) in message for message in heard for language in ("ur", "sd", "en"))


@pytest.mark.parametrize(
    ("number", "first", "place", "named"),
    [
        ("+923000000099", "help me", "Lahore", True),
        ("+923000000099", "help me", "9", True),
        ("+923000000099", "help me", "a house behind the market", True),
        ("+923000000099", "help me", "Libya", False),
        ("+923000000099", "مدد کریں", "ترکی", False),
        ("+923000000099", "madad karen", "dubai mein", False),
        ("+923000000099", "help me, we are held in Libya", "9", False),
        ("+971500000099", "help me", "9", False),
        ("+971500000099", "help me", "Lahore", False),
        ("+218910000099", "help me", "a house behind the market", False),
        ("whatsapp:+905000000099", "help me", "9", False),
    ],
)
def test_15_is_never_named_to_a_number_or_a_place_abroad(
    world: World, number: str, first: str, place: str, named: bool
) -> None:
    phone = world.phone("sana", number)
    phone.texts(first)
    walk(world, phone, "help/where", DANGER)
    phone.texts(place)
    walk(world, phone, "help/contact")
    assert told(world, phone) is named


def test_15_is_named_after_the_place_and_only_to_somebody_in_danger(world: World, reporter: Phone) -> None:
    reporter.texts("help me")
    walk(world, reporter, "help/where", DANGER)
    assert not told(world, reporter)
    other = world.phone("other", "+923000000098")
    other.texts("help me")
    walk(world, other, "help/contact", {"help/safe": "1", "help/danger": "2", "help/where": "Lahore"})
    assert not told(world, other)


@pytest.mark.parametrize(("wish", "name"), [("en", "Libya"), ("ur", "لیبیا"), ("sd", "لبيا"), ("ur@latin", "Libya")])
def test_an_officers_phone_is_told_the_name_of_the_country(world: World, reporter: Phone, wish: str, name: str) -> None:
    world.staff(f"fatima hq hq wish={wish}")
    fatima = world.phone("fatima")
    reporter.texts("my brother is kept by agents in Libya")
    fatima.texts(re.findall(r"\b\d{4}\b", fatima.expects())[0])
    fatima.expects(name)
