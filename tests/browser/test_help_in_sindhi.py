"""A whole request for help in the web chat, in Sindhi, right to left, on a phone of 320 pixels."""

import re

from playwright.sync_api import Page, expect

from hotline import reports
from tests.journeys.world import World

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
PLEA = "مون کي مدد گھرجي"
# Safe to text, in danger, where, myself, a child, a girl, cannot leave, to get out, no more words, no texts later,
# no police, no shelter, a code.
ANSWERS = ("1", "1", "لاڙڪاڻو", "1", "2", "1", "1", "1", "9", "1", "2", "2", "1")


def test_a_child_asks_for_help_and_gets_a_code(world: World, phone: Page) -> None:
    phone.goto("/chat?language=sd")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.locator("html")).to_have_attribute("lang", "sd")
    for asked, text in enumerate((PLEA, *ANSWERS)):
        _says(phone, text)
        expect(phone.locator(".mine .text").nth(asked)).to_have_text(text)
        world.settle()
        expect(phone.locator(".theirs .text").nth(asked)).to_be_visible()
        assert phone.evaluate(FITS)
    assert re.search(r"\b\d{10}\b", phone.locator(".theirs .text").last.inner_text())
    assert (world.report().kind, world.report().priority, world.report().language) == ("help", 1, "sd")
    with world.transaction() as tx:
        written = reports.read_entries(tx, reports.pick_up(tx, world.keys, world.report()))
    said = {entry.field: entry.value or entry.text for entry in written}
    assert (said["age"], said["situation"], said["consent_police"]) == ("child", "held", "no")
    assert said["place"] == "لاڙڪاڻو"


def _says(phone: Page, text: str) -> None:
    """A number by its button where there is one."""
    button = phone.locator(f".theirs:last-of-type button[value='{text}']")
    if text.isdigit() and button.count():
        button.last.click()
        return
    phone.fill("#text", text)
    phone.click("#send")
