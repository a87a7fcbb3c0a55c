"""The PIN with which an officer closes a report by SMS."""

import re

import pytest

from hotline import staff
from tests.journeys.world import World
from tests.support.paged import officer
from tests.web.site import Site

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("pin", "again", "said", "kept"),
    [
        ("482736", "482736", "Your PIN is saved.", True), ("۴۸۲۷۳۶", "۴۸۲۷۳۶", "Your PIN is saved.", True),
        ("482736", "482737", "The two PINs are not the same.", False), ("", "", "A PIN has 6 to 8 digits", False),
        ("123456", "123456", "A PIN has 6 to 8 digits", False), ("48273", "48273", "A PIN has 6 to 8 digits", False),
    ],
)  # fmt: skip
def test_an_officer_sets_the_pin_that_closes_by_sms(
    world: World, site: Site, pin: str, again: str, said: str, kept: bool
) -> None:
    amna = site.at_console("amna")
    amna.opens("/pin")
    assert "You have no PIN yet." in amna.page.text
    assert amna.sends("/pin", pin=pin, again=again).status_code == (200 if kept else 422)
    assert said in amna.page.text
    assert ("You have a PIN." in amna.page.text) is kept
    with world.transaction() as tx:
        right = staff.check_pin(tx, officer(world, "amna"), "482736", world.now).result == "right"
    assert right is kept
    assert not re.search(r'type="password"[^>]*value', amna.page.html), "never shown again"
