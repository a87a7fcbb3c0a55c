"""The kinds of mistake that a careful reader found in the texts, each kept out of every text that there will be.

The terms stand in locales/README.md.
"""

import re
from collections import defaultdict
from pathlib import Path

import polib
import pytest

from hotline.casework import texts as casework_texts
from hotline.conversation.flow import Flows, Node
from hotline.conversation.rendering import render
from hotline.core import i18n
from hotline.escalation import texts as page_texts
from hotline.messaging import officer_text

FLOWS = Flows.load(Path("flows"))
NODES = [node for flow in FLOWS.flows.values() for node in flow.nodes.values()]
TRANSLATED = (*i18n.LANGUAGES[:2], *i18n.PARTIAL)
WE = {"ur": r"\bہم\b", "sd": r"\bاسان\b", "ur@latin": r"\bhum\b", "sd@latin": r"\basan\b", "en": r"\bwe\b"}
# What a term must not be called: another word for it, or a word that means something else.
STRAY = {
    "ur": r"بڑی عمر|بالغ|\bپن\b|شہری|بتانے والا|بتانے والے|بتانے والی|مکمل ہو|سربراہ|پیشہ ور|\bعضو\b",
    "sd": r"وڏي عمر|بالغ|\bپن\b|شهري|ٻڌائيندڙ|مڪمل ٿي|سربراه|پيشيور|پينڻ",
    "ur@latin": r"bari umar|balig|mukammal ho|sarbarah|\buzv",
    "sd@latin": r"waddi umar|balig|mukamal thi|sarbarah|\buzw",
}
INQUIRY = r"جانچ|جاچ|jaanch|jaach"  # "check" in "Check an agent"; an inquiry is an inquiry
CHECK = {"Check an agent"}
# Spellings that nobody types, and second spellings of a word that has one.
UNTYPED = {
    "ur@latin": "jaega jaegi jaenge uthaega bataen mitaen jaen paigham amla amle karein likhein bhejein dekhein parhein galat",
    "sd@latin": "nahe vayo vendo bye cha taaeen taen panhinjo galat hujhe mokliyo pan wanan wanyo pucho byehar jaye paigham"
    " amlo amle pehrin thye kehro chadan mon khano",
}
EMPTY_LABELS = {"Other", "Signs", "Questions"}  # of what? and "Other" stood in two places that mean two things


def entries(language: str) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(f"locales/{language}/LC_MESSAGES/messages.po") if not entry.obsolete]


def said(node: Node, language: str) -> str:
    return i18n.translate(node.say.text, language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_term_has_one_word(language: str) -> None:
    stray = re.compile(STRAY[language], re.IGNORECASE)
    assert [entry.msgstr for entry in entries(language) if stray.search(entry.msgstr)] == []
    inquiries = [entry for entry in entries(language) if re.search(INQUIRY, entry.msgstr)]
    assert {entry.msgid for entry in inquiries} <= CHECK


@pytest.mark.parametrize("language", i18n.PARTIAL)
def test_roman_texts_are_spelt_as_people_type_and_in_one_way(language: str) -> None:
    untyped = set(UNTYPED[language].split())
    found = {word for entry in entries(language) for word in re.findall(r"[a-z]+", entry.msgstr.lower())}
    assert found & untyped == set()


def test_an_aspirate_of_sindhi_is_written_in_one_way() -> None:
    """گھر, not گهر; ڪجھ, not ڪجهه."""
    assert [entry.msgstr for entry in entries("sd") if re.search("گه(?!ه)|ڪجهه|هڪجهڙ", entry.msgstr)] == []


@pytest.mark.parametrize("language", [*TRANSLATED, "en"])
def test_whoever_asks_to_be_allowed_something_says_who_asks(language: str) -> None:
    """لکھیں alone is "please write" and "shall we write": what somebody agrees to must have its subject."""
    asked = [node for node in NODES if re.match(r"May we|Which person", node.say.text) or "we act" in node.say.text]
    assert {node.here.step for node in asked} >= {"contact", "elsewhere", "police", "ngo", "anyway"}
    assert [text for node in asked if not re.search(WE[language], text := said(node, language), re.IGNORECASE)] == []


def test_the_police_are_asked_about_as_one_of_others() -> None:
    """The report is with an agency of the police already: consent to "the police" would be uninformed."""
    assert "local police too" in FLOWS.node("help", "police").say.text
    assert "FIA" in FLOWS.node("info", "about").say.text


def test_nothing_is_promised_that_nobody_can_keep() -> None:
    promises = re.compile(r"trained|costs nothing|\bfree\b(?! to leave)", re.IGNORECASE)
    assert [node.say.text for node in NODES if promises.search(node.say.text)] == []
    told = [(node, language) for node in NODES for language in TRANSLATED]
    assert [node.here for node, language in told if re.search(r"مفت|\bmuft\b", said(node, language))] == []
    free = Flows.load(Path("flows"), free=True)
    assert "Free" in free.first("start").say.text
    assert "مفت" in render(free.first("start").say, "ur", "sms")


def test_an_age_is_asked_by_its_number_and_the_answers_stand_in_its_order() -> None:
    """Whoever answers before reading the options must not turn a child into an adult."""
    order = {"ur": ("زیادہ", "کم"), "sd": ("وڌيڪ", "گھٽ"), "ur@latin": ("zyada", "kam"), "sd@latin": ("wadhik", "ghat")}
    node = FLOWS.node("help", "age")
    assert [node.options[number].value for number in ("1", "2")] == ["adult", "child"]
    for language, words in order.items():
        question = said(node, language).lower()
        assert "18" in question
        assert question.index(words[0]) < question.index(words[1])
        labels = [i18n.translate(text, language).lower() for _, text in node.say.choices]
        assert [label.split(" ")[0] for label in labels] == list(words)


@pytest.mark.parametrize("language", [*TRANSLATED, "en"])
def test_a_label_is_understood_by_itself(language: str) -> None:
    labels = {(node.here.flow, text) for node in NODES for _, text in node.say.choices}
    assert {text for _, text in labels} & EMPTY_LABELS == set()
    several = [i18n.translate(text, language) for _, text in labels]
    assert [text for text in several if "/" in text and "Language" not in text] == []


def test_one_english_text_is_one_thing() -> None:
    """What stands in two places must mean the same there: "Something else" does; a gender is no kind of crime."""
    places = defaultdict(set)
    for node in NODES:
        for _, text in node.say.choices:
            places[text].add((node.here.flow, node.save))
    assert {text for text, where in places.items() if ("help", "gender") in where and len(where) > 1} == set()


@pytest.mark.parametrize("language", sorted(i18n.RIGHT_TO_LEFT))
def test_officers_texts_do_not_turn_round(language: str) -> None:
    """A phone takes the direction of a line from its first letter."""
    modules = (officer_text, page_texts, casework_texts)
    every = {
        value for module in modules for name, value in vars(module).items() if name.isupper() and isinstance(value, str)
    }
    kind = i18n.translate("tip", language)
    shown = {text: i18n.translate(text, language).replace("{kind}", kind) for text in every}
    first = {text: re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", said)) for text, said in shown.items()}
    assert [text for text, letter in first.items() if letter is not None and letter[0].isascii()] == []


def test_a_number_that_nobody_answers_abroad_is_named_behind_the_place() -> None:
    """15 is asked for where it is known whether it answers, and where it can be left out."""
    named = [node for node in NODES if re.search(r"\bcall 15\b", node.say.text)]
    assert [(node.here.flow, node.here.step, node.say.home) for node in named] == [("help", "call", True)]
    before = {
        (node.here.flow, node.here.step, node.kind)
        for node in NODES
        for to in (node.onward, *(option.to for option in node.options.values()))
        if to == named[0].here
    }
    assert before == {("help", "where", "place")}


def test_a_field_has_one_meaning() -> None:
    """Else the label of one question stands before the answer to another."""
    questions = defaultdict(set)
    for node in NODES:
        if node.question and node.save is not None:
            questions[node.save].add((node.here.flow, node.here.step))
    several = {field for field, asked in questions.items() if len(asked) > 1}
    assert several == {"place", "safe", "situation", "who", "what", "more", "category"}
