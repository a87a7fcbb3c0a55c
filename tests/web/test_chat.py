"""Somebody with a browser writes to the hotline: with and without JavaScript, twice by mistake, and in fear."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hotline.core.i18n import has_text, translate
from hotline.reports.tables import Report
from tests.journeys.world import World
from tests.web.site import Browser, Site

pytestmark = pytest.mark.one_database

TIP = "لاہور میں بھٹے پر <script>alert(1)</script> زبردستی کام"


@pytest.fixture
def reporter(site: Site) -> Browser:
    """Somebody who has just opened the page."""
    browser = site.browser()
    browser.opens("/chat")
    return browser


def says(world: World, browser: Browser, text: str) -> None:
    """Send a message, and load the page when the answer is there."""
    browser.sends("/chat/messages", text=text)
    world.settle()
    browser.opens("/chat")


def reports(world: World) -> int:
    """How many there are."""
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar_one()


def test_a_tip_by_web_chat_reaches_the_officer_and_is_answered(world: World, site: Site, reporter: Browser) -> None:
    amna = world.phone("amna", "+923000000001")
    says(world, reporter, TIP)
    amna.expects_page("P2", "Lahore")
    assert "&lt;script&gt;" in reporter.page.html
    assert TIP in reporter.page.text
    assert "آپ کا پیغام مل گیا" in reporter.page.text
    assert reporter.page.presses[:2] == ["1", "2"]  # what was said already is confirmed
    reporter.sends("/chat/messages", press="1")
    world.settle()
    reporter.opens("/chat")
    assert world.report().category == "forced_labour"


def test_who_does_not_know_how_to_begin_presses_the_button(world: World, reporter: Browser) -> None:
    reporter.sends("/chat/messages", press=reporter.page.presses[0])
    world.settle()
    reporter.opens("/chat")
    assert reporter.page.presses == ["1", "2", "3", "4", "5", "6"]
    assert reports(world) == 0


def test_an_answered_question_offers_nothing_to_press(world: World, reporter: Browser) -> None:
    says(world, reporter, "hello")
    reporter.sends("/chat/messages", press="1")
    reporter.opens("/chat")
    assert reporter.page.presses == []
    assert "1 اطلاع دیں" in reporter.page.text, "the options are still there to be read"


def test_a_double_tap_counts_once_and_another_text_from_the_same_page_counts(world: World, reporter: Browser) -> None:
    page = reporter.page
    for text in (TIP, TIP, "and one more thing"):
        reporter.page = page
        reporter.sends("/chat/messages", text=text)
    assert reports(world) == 1
    assert world.written() == [TIP, "and one more thing"]
    assert reporter.page.text.count(TIP) == 1


@pytest.mark.parametrize("text", ["", "   ", "\r\n\r\n"])
def test_nothing_is_no_message(world: World, reporter: Browser, text: str) -> None:
    reporter.sends("/chat/messages", text=text)
    assert reporter.status == 200
    assert world.events() == ["directory_loaded"]


def test_a_text_that_is_too_long_is_kept_cut_and_marked(world: World, site: Site, reporter: Browser) -> None:
    says(world, reporter, "لاہور میں " + "بھٹہ " * 2000)
    assert len(world.written()[0]) == 4000
    amna = site.at_console("amna")
    amna.opens(f"/reports/{world.report().id}")
    assert "(cut: it was too long)" in amna.page.text


def test_two_browsers_are_two_conversations(world: World, site: Site, reporter: Browser) -> None:
    says(world, reporter, TIP)
    other = site.browser()
    other.opens("/chat")
    assert TIP not in other.page.text


def test_deleting_takes_the_conversation_off_the_phone_and_leaves_the_report(world: World, reporter: Browser) -> None:
    says(world, reporter, TIP)
    reporter.sends("/chat/forget")
    assert reporter.client.get_cookie("chat") is None
    reporter.opens("/chat")
    assert TIP not in reporter.page.text
    assert world.written() == [TIP]


def test_a_page_whose_cookies_are_gone_keeps_what_was_typed(world: World, reporter: Browser) -> None:
    reporter.client.delete_cookie("session")
    reporter.sends("/chat/messages", text=TIP)
    assert reporter.status == 400
    assert TIP in reporter.page.text
    reporter.sends("/chat/messages", text=TIP)
    assert world.written() == [TIP]


def test_a_message_that_was_not_stored_is_not_shown_as_sent_and_can_be_sent_again(
    world: World, site: Site, reporter: Browser
) -> None:
    class Down:
        def receive(self, *_: object) -> bool:
            raise OperationalError("insert", {}, Exception("gone"))

    working = site.parts.intake
    site.parts.intake = Down()  # type: ignore[assignment]
    reporter.sends("/chat/messages", text=TIP)
    assert reporter.status == 503
    assert TIP in reporter.page.text
    site.parts.intake = working
    reporter.sends("/chat/messages", text=TIP)
    assert world.written() == [TIP]
    reporter.opens("/chat")
    assert reporter.page.text.count(TIP) == 1


def test_the_script_gets_the_conversation_when_it_changed_and_nothing_otherwise(
    world: World, reporter: Browser
) -> None:
    accept = {"Accept": "application/json"}
    answer = reporter.client.post("/chat/messages", data=reporter.page.hidden | {"text": TIP}, headers=accept)
    mark = answer.get_json()["mark"]
    assert "&lt;script&gt;" in answer.get_json()["html"]
    assert reporter.opens(f"/chat/messages?after={mark}", **accept).status_code == 204
    world.settle()
    news = reporter.opens(f"/chat/messages?after={mark}", **accept).get_json()
    assert "آپ کا پیغام مل گیا" in news["html"]
    assert news["message"] != reporter.page.hidden["message"]


def test_without_a_script_the_page_looks_for_the_answer_until_it_is_there(world: World, reporter: Browser) -> None:
    reporter.sends("/chat/messages", text=TIP)
    assert "http-equiv" in reporter.page.html
    world.settle()
    assert "http-equiv" not in reporter.opens("/chat").text


@pytest.mark.parametrize(
    ("language", "heard"), [("sd", "توهان جو پيغام ملي ويو"), ("en", "message"), ("ur", "آپ کا پیغام مل گیا")]
)
def test_the_answers_come_in_the_language_of_the_page(
    world: World, reporter: Browser, language: str, heard: str
) -> None:
    reporter.opens(f"/chat?language={language}")
    says(world, reporter, "Lahore: somebody is made to beg")
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Report.language)).one() == language
    assert f'<html lang="{language}"' in reporter.page.html
    assert has_text(language, "Send")
    assert translate("Send", language) in reporter.page.text


def test_a_look_over_the_shoulder_tells_nothing(world: World, reporter: Browser) -> None:
    reporter.opens("/chat?language=en")
    says(world, reporter, "hello")
    seen = reporter.page.text.lower()
    assert "<title>Chat</title>" in reporter.page.html
    assert [word for word in ("traffick", "fia", "hotline", "police", "agency", "report") if word in seen] == []
    reporter.opens("/chat/away")
    assert "<title>Calendar</title>" in reporter.page.html
    assert "November 2026" in reporter.page.text


def test_the_page_says_honestly_who_can_see_what(reporter: Browser) -> None:
    reporter.opens("/chat?language=en")
    assert "The phone company can see that this page was opened." in reporter.page.text
