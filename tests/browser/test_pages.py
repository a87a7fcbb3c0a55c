"""The chat and the console on a phone of 320 pixels, with JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.world import World
from tests.web.site import PASSWORD, Site

TIP = "لاہور میں بھٹے پر زبردستی کام"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_a_chat_needs_no_reload(world: World, phone: Page) -> None:
    phone.goto("/chat")
    phone.fill("#text", TIP)
    phone.click("#send")
    expect(phone.locator(".mine .text")).to_have_text(TIP)
    expect(phone.locator("#text")).to_have_value("")
    world.settle()
    expect(phone.locator(".theirs button").first).to_be_visible()
    phone.click("button[value='1']")
    expect(phone.locator(".mine .text").nth(1)).to_have_text("1")
    assert world.written() == [TIP, "1"]


def test_what_was_not_sent_stays_in_the_box_and_counts_once_when_sent_again(world: World, phone: Page) -> None:
    phone.goto("/chat")
    phone.fill("#text", TIP)

    def lose_the_answer(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]  # it arrives, and nobody hears of it
        route.fulfill(status=502)  # type: ignore[attr-defined]

    phone.route("**/chat/messages", lose_the_answer)
    phone.click("#send")
    expect(phone.locator("#unsent")).to_be_visible()
    expect(phone.locator("#text")).to_have_value(TIP)
    phone.unroute("**/chat/messages")
    expect(phone.locator(".mine .text")).to_have_text(TIP)  # the page has looked, and still knows what it was sending
    phone.click("#send")
    expect(phone.locator("#unsent")).to_be_hidden()
    assert world.written() == [TIP]


@pytest.mark.parametrize("way", ["the button", "Escape"])
def test_leaving_quickly_leaves_no_way_back_by_one_press(phone: Page, way: str) -> None:
    phone.goto("/chat/away")
    phone.goto("/chat")
    phone.fill("#text", "help")
    phone.keyboard.press("Escape") if way == "Escape" else phone.click("#away")
    expect(phone).to_have_title("Calendar")
    phone.go_back()
    expect(phone).to_have_title("Calendar")


@pytest.mark.parametrize("language", ["ur", "sd", "en"])
def test_every_page_fits_a_small_phone(world: World, site: Site, phone: Page, language: str) -> None:
    site.at_console("amna")
    world.send("+923000000099", f"{TIP} {'w' * 200}")
    world.send("+923000000099", "1")
    world.send("+923000000099", "Ichhra, Lahore")
    seen = [phone.goto(f"/chat?language={language}") and phone.evaluate(FITS)]
    phone.goto("/login")
    seen.append(phone.evaluate(FITS))
    phone.fill("[name=username]", "amna")
    phone.fill("[name=password]", PASSWORD)
    phone.click("main button")
    phone.wait_for_selector(".line a")
    seen.append(phone.evaluate(FITS))
    phone.click(".line a")
    phone.wait_for_selector("table")
    seen.append(phone.evaluate(FITS))
    assert seen == [True] * 4
