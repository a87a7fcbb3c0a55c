"""The catalogues: complete, spelt with the right letters, short, and neutral where anybody may be reading."""

import re
from pathlib import Path

import polib
import pycld2
import pytest
from babel.messages.frontend import CommandLineInterface

from hotline import catalogues, i18n
from hotline.channels.sms_encoding import encode_plan
from hotline.conversation import texts
from hotline.conversation.flow import Flows
from hotline.conversation.render import render
from tests.lint_chars import lint

FLOWS = Flows.load(Path("flows"))
CODE = "4821736050"
LONG = 25  # characters from which the language of a text can be told
MOST_PARTS = 2
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
REVEALING = re.compile(
    r"traffick|smuggl|\bFIA\b|agency|police|victim|crime|hotline|circle"
    r"|اسمگل|سمگل|ایف آئی اے|ايف آءِ اي|پولیس|پوليس|متاثر|جرم|ڏوهه|ہیلپ لائن|هيلپ لائين",
    re.IGNORECASE,
)
KNOWN = {entry.msgid for entry in polib.pofile("locales/en/LC_MESSAGES/messages.po")}
# What arrives before the person said that it is safe, or without their having just written.
UNSOLICITED = [
    *(value for value in vars(texts).values() if isinstance(value, str) and value in KNOWN),
    *(FLOWS.node("start", step).say.text for step in FLOWS.flows["start"].nodes),
    *(FLOWS.node("help", step).say.text for step in ("safe", "quiet", "where", "need", "code", "coded", "done")),
]


def entries(language: str) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(f"locales/{language}/LC_MESSAGES/messages.po") if not entry.obsolete]


@pytest.mark.parametrize("language", ["ur", "sd", *i18n.PARTIAL])
def test_every_text_is_translated_and_none_by_guess(language: str) -> None:
    assert [entry.msgid for entry in entries(language) if not entry.msgstr or entry.fuzzy] == []


def test_the_three_catalogues_hold_the_same_texts() -> None:
    english, urdu, sindhi = ([entry.msgid for entry in entries(language)] for language in ("en", "ur", "sd"))
    assert english == urdu == sindhi


@pytest.mark.parametrize("language", catalogues.SOURCES)
def test_the_catalogues_hold_the_texts_of_the_code_and_no_others(tmp_path: Path, language: str) -> None:
    template = tmp_path / "messages.pot"
    extract = ["pybabel", "-q", "extract", "-F", "babel.cfg", "--no-location", "-o", str(template)]
    CommandLineInterface().run([*extract, *catalogues.SOURCES[language]])  # type: ignore[no-untyped-call]
    assert {entry.msgid for entry in polib.pofile(str(template))} == {entry.msgid for entry in entries(language)}


@pytest.mark.parametrize("language", ["ur", "sd", *i18n.PARTIAL])
def test_placeholders_are_equal(language: str) -> None:
    for entry in entries(language):  # one that is said twice may be said once, where a message has to be short
        assert set(PLACEHOLDER.findall(entry.msgid)) == set(PLACEHOLDER.findall(entry.msgstr)), entry.msgid


@pytest.mark.parametrize("language", ["ur", "sd"])
def test_the_letters_are_those_of_the_language(language: str) -> None:
    assert [(entry.msgstr, faults) for entry in entries(language) if (faults := lint(language, entry.msgstr))] == []


@pytest.mark.parametrize("language", ["ur", "sd"])
def test_a_second_opinion_recognises_the_language(language: str) -> None:
    words = [PLACEHOLDER.sub(" ", entry.msgstr) for entry in entries(language)]
    long = [text for text in words if len(text) >= LONG]
    recognised = [text for text in long if pycld2.detect(text)[2][0][1] == language]
    assert len(recognised) >= 0.95 * len(long), set(long) - set(recognised)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_prompt_fits_two_sms_with_its_options(language: str) -> None:
    messages = [
        render(node.say, language, "sms", {"code": CODE})
        for flow in FLOWS.flows.values()
        for node in flow.nodes.values()
    ]
    sizes = sorted(encode_plan(message).parts for message in messages)
    assert sizes[-1] <= MOST_PARTS
    assert sizes[len(sizes) // 2] == 1


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_an_unsolicited_text_gives_nobody_away(language: str) -> None:
    said = [i18n.translate(text, language) for text in UNSOLICITED]
    assert [text for text in said if REVEALING.search(text)] == []


def test_no_text_names_the_agency_or_the_crime() -> None:
    shown = [node.say.text for flow in FLOWS.flows.values() for node in flow.nodes.values()]
    assert [text for text in shown if REVEALING.search(text)] == []


def test_the_lint_sees_the_letters_of_the_other_keyboard() -> None:
    assert lint("ur", "پيغام") == ["U+064A ي"]
    assert lint("sd", "ہمارا کوڈ") == ["U+06C1 ہ", "U+0688 ڈ"]
