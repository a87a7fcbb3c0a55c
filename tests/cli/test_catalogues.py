"""The catalogues: complete, with the same placeholders, spelt with the right letters, in the right language.

How long the texts may be, and what they must not say: test_texts.py.
"""

import re
from pathlib import Path

import polib
import pycld2
import pytest
from babel.messages.frontend import CommandLineInterface

from hotline.cli import catalogues
from hotline.core import i18n
from tests.support.lint_chars import lint

LONG = 25  # characters from which the language of a text can be told
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


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


def test_the_lint_sees_the_letters_of_the_other_keyboard() -> None:
    assert lint("ur", "پيغام") == ["U+064A ي"]
    assert lint("sd", "ہمارا کوڈ") == ["U+06C1 ہ", "U+0688 ڈ"]
