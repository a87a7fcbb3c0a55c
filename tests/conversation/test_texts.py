"""What is sent to people: short enough for an SMS or a USSD screen, and telling nothing to whoever holds the phone."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from hotline.casework.questions import REVEALING
from hotline.channels.sms_encoding import GSM_BASIC, encode_plan
from hotline.conversation import texts
from hotline.conversation.flow import Flows, Node
from hotline.conversation.letters import normalise
from hotline.conversation.rendering import render
from hotline.conversation.turn import Say
from hotline.core import i18n
from tests.bench import cost

FLOWS = Flows.load(Path("flows"))
NODES = [
    node
    for flows in (FLOWS, Flows.load(Path("flows"), free=True))
    for flow in flows.flows.values()
    for node in flow.nodes.values()
]
TONGUES = (*i18n.LANGUAGES, *i18n.PARTIAL)
MOST_PARTS, USSD_SCREEN = 2, 160
LONGEST_PLACE = {"ur": "ڈیرہ اسماعیل خان", "sd": "ڊيره اسماعيل خان"}  # elsewhere its Latin name
PREFIXES = (texts.HINT, texts.WHERE_WE_WERE)  # what may stand in front of any question
AGENT = {"name": "Al Noor Overseas Employment", "city": "Rawalpindi", "licence": "2331/RWP", "date": "2026-11-01"}

ASKED_FOR = {"info"}  # flows that answer a question about us: they may name things
# Whoever gets here has said that it is safe to text, or is at work.
POLICE = {("help", "police"), ("professional", "role")}


def catalogue(language: str) -> dict[str, str]:
    messages = i18n.read_catalogue(i18n.FOLDER / language / "LC_MESSAGES" / "messages.po")
    return {str(message.id): str(message.string) for message in messages if message.id}


KNOWN = catalogue("en")
OUTGOING = {name: text for name, text in vars(texts).items() if isinstance(text, str) and text in KNOWN}


def params(language: str) -> dict[str, str]:
    """The longest that each can be."""
    status = max((i18n.translate(text, language) for name, text in OUTGOING.items() if "STATUS" in name), key=len)
    agent = i18n.translate(texts.AGENT_LICENSED, language).format(**AGENT)
    return {"code": cost.CODE, "status": status, "agent": agent}


def says(node: Node, language: str) -> Iterator[Say]:
    """Every form in which a step is sent."""
    yield node.say
    if node.question:
        yield from (replace(node.say, before=before) for before in PREFIXES)
    if node is FLOWS.first("tip"):
        yield replace(node.say, before=texts.ACKNOWLEDGED)
    if node.confirm is not None:
        yield replace(node.confirm, known=LONGEST_PLACE.get(language, "Dera Ismail Khan"))


def messages(node: Node, language: str, channel: str) -> Iterator[str]:
    """What arrives: a remark comes in one message with the question behind it."""
    tongue = i18n.roman(language) if channel == "ussd" else language
    behind = ""
    if not node.question and node.onward is not None:
        behind = "\n" + render(FLOWS.node(node.onward.flow, node.onward.step).say, language, channel, params(tongue))
    for say in says(node, tongue):
        yield render(say, language, channel, params(tongue)) + behind


@pytest.mark.parametrize("language", TONGUES)
def test_every_message_fits_two_sms_with_its_options(language: str) -> None:
    sent = [message for node in NODES for message in messages(node, language, "sms")]
    sent += [i18n.translate(text, language) for text in OUTGOING.values()]
    assert [message for message in sent if encode_plan(message).parts > MOST_PARTS] == []


@pytest.mark.parametrize("language", TONGUES)
def test_half_of_the_questions_fit_one(language: str) -> None:
    sent = [render(node.say, language, "sms", params(language)) for node in NODES]
    assert median(encode_plan(message).parts for message in sent) == 1


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_ussd_screen_is_latin_and_fits(language: str) -> None:
    screens = [message for node in NODES for message in messages(node, language, "ussd")]
    assert [screen for screen in screens if len(screen) > USSD_SCREEN or not set(screen) <= GSM_BASIC] == []


@pytest.mark.parametrize("language", i18n.PARTIAL)
def test_roman_texts_double_no_price(language: str) -> None:
    said = catalogue(language).values()
    assert [text for text in said if not set(text) <= GSM_BASIC | {"{", "}"}] == []  # braces: placeholders


@pytest.mark.parametrize("language", TONGUES)
def test_no_text_tells_a_stranger_what_this_is_about(language: str) -> None:
    said = {("", name, i18n.translate(text, language)) for name, text in OUTGOING.items()}
    for node in NODES:
        here = node.here
        if here.flow not in ASKED_FOR:
            said |= {
                (here.flow, here.step, render(say, language, "sms", params(language))) for say in says(node, language)
            }
    found = {(flow, step, REVEALING.search(text)) for flow, step, text in said}
    told = {(flow, step, match[0].lower()) for flow, step, match in found if match}
    assert told == {(*where, i18n.translate("Police", language).lower()) for where in POLICE}


@pytest.mark.parametrize("language", TONGUES)
def test_no_text_names_a_place(language: str) -> None:
    with Path("flows/districts.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    names = {
        normalise(name) for row in rows for column in ("district", "urdu", "sindhi") for name in row[column].split(";")
    }
    said = [render(node.say, language, "sms", params(language)) for node in NODES if node.here.flow not in ASKED_FOR]
    said += [i18n.translate(text, language) for text in OUTGOING.values()]
    assert {word for text in said for word in normalise(text).split() if word in names} == set()


@pytest.mark.parametrize("language", TONGUES)
def test_a_plain_tip_costs_no_more_than_it_may(language: str) -> None:
    played = cost.tip(FLOWS, language)
    assert played.finished
    assert played.out <= cost.TIP_PARTS[language]


@pytest.mark.parametrize("language", TONGUES)
def test_a_whole_plea_costs_no_more_than_it_did(language: str) -> None:
    played = cost.plea(FLOWS, language)
    assert played.finished
    assert played.out <= cost.HELP_PARTS[language]


def test_the_wording_is_looked_at_in_every_spelling() -> None:
    words = (
        "trafficking",
        "smuggler",
        "victims",
        "انسانی اسمگلنگ",
        "انساني اسمگلنگ",
        "insani smagling",
        "mujrim",
        "ڏوهي",
        "FIA",
        "a crime",
    )
    assert [word for word in words if not REVEALING.search(word)] == []


def test_a_label_means_its_own_option_in_every_language() -> None:
    wrong = [
        (node.here, language, text)
        for node in NODES
        if node.options
        for number, text in node.say.choices
        for language in TONGUES
        if node.options.get(normalise(i18n.translate(text, language))) is not node.options[number]
    ]
    assert wrong == []
