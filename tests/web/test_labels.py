"""The words before and behind an answer on the sheet are those of the question that was asked."""

from pathlib import Path

import pytest

from hotline.conversation import Flows, normalise
from hotline.reports.tables import Report
from hotline.web.console import labels
from tests.journeys.world import World
from tests.web.site import Site

FLOWS = Flows.load(Path("flows"))
NODES = [node for flow in FLOWS.flows.values() for node in flow.nodes.values()]
COARSE = {("category", "other")}  # "Something else", and then "None of these"
UNASKED = {"code", "agent"}  # questions to us


def test_every_answer_has_a_label() -> None:
    asked = {node.save for node in NODES if node.question and node.save is not None}
    assert asked - UNASKED <= labels.FIELDS.keys()


def test_a_choice_is_called_on_the_sheet_as_it_was_called_in_the_question(site: Site) -> None:
    with site.app.test_request_context("/?language=en"):
        wrong = {
            (node.save, option.value, text)
            for node in NODES
            for number, text in node.say.choices
            if node.save is not None and (option := node.options.get(number)) is not None and option.value is not None
            if (node.save, option.value) not in COARSE and labels.value(node.save, option.value) != text
        }
    assert wrong == set()


@pytest.mark.parametrize(
    ("language", "country", "district"), [("en", "Libya", "Mandi Bahauddin"), ("ur", "لیبیا", "منڈی بہاؤالدین"), ("sd", "لبيا", "منڊي بهاؤالدين")]
)  # fmt: skip
def test_a_place_is_called_by_its_name(site: Site, language: str, country: str, district: str) -> None:
    with site.app.test_request_context(f"/?language={language}"):
        shown = [labels.place(Report(district=code)) for code in ("ly", "mandi-bahauddin", "gone-district", None)]
    assert [normalise(name) for name in shown[:2]] == [normalise(country), normalise(district)]
    assert shown[2:] == ["Gone District", ""]


def test_what_a_family_answers_stands_under_what_it_was_asked(world: World, site: Site) -> None:
    """ "10 days ago" is no answer to "Is it happening now?"."""
    for text in ("english", "3", "1", "Libya", "10 days ago", "my brother, 20", "agent Gul, by Dubai, 9 lakh"):
        world.send("+923000000099", text)
    fatima = site.at_console("fatima")
    fatima.opens("/")
    assert "Libya" in fatima.page.text
    fatima.opens(next(link for link in fatima.page.links if link.startswith("/reports/")))
    shown = " ".join(fatima.page.text.split())
    for row in (
        "What is happening? Not allowed to leave",
        "When was the last contact? 10 days ago",
        "Who is it? Age, woman or man. my brother, 20",
        "Who sent them, which way, how much was paid? agent Gul, by Dubai, 9 lakh",
    ):
        assert row in shown
    assert "Is it happening now?" not in shown
    assert "Circle HQ" not in shown or "Libya" in shown
