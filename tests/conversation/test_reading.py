"""Values in messages, in six spellings; and English words that are other words in Roman Urdu."""

from pathlib import Path

import pytest

from hotline.conversation.reading import loanwords
from hotline.conversation.words import Words

READER = Words.load(Path("flows/keywords.tsv")).reader


@pytest.mark.parametrize(
    ("text", "slot", "words"),
    [
        ("میری بیٹی چودہ سال کی ہے", "CHILD_AGE", "چودہ"),
        ("meri beti terah saal ki hai", "CHILD_AGE", "terah"),
        ("ٻارهن سالن جي ڇوڪري", "CHILD_AGE", "ٻارهن"),
        ("chodhan saalan ji chokri", "CHILD_AGE", "chodhan"),
        ("girl of twelve", "CHILD_AGE", "twelve"),
        ("im 15 n they put mehndi", "CHILD_AGE", "15"),
        ("larki 16, class fellow", "CHILD_AGE", "16,"),
        ("14saal ki larki", "CHILD_AGE", "14saal"),
        ("uski umar 11 hai", "CHILD_AGE", "11"),
        ("class 8 me hun", "CHILD_AGE", "8"),
        ("6 saal ho gaye", "DURATION", "6"),
        ("10 saal pehle ki baat", "DURATION", "10"),
        ("after 3 years contract", "DURATION", "3"),
        ("5 lakh mangte hain", "SUM", "5"),
        ("50k diya", "SUM", "50k"),
        ("kal 5 baje", "CLOCK", "5"),
        ("one girl goes at 4", "CLOCK", "4"),
        ("white corolla LEB 4471", "PLATE", "LEB 4471"),
    ],
)
def test_a_number_is_read_as_what_it_counts(text: str, slot: str, words: str) -> None:
    reading = READER.read(text)
    assert [reading.quote(span) for span in reading.slots.get(slot, [])] == [words]


@pytest.mark.parametrize("text", ["me 2019 me gaya", "rs 1200 rupay", "sirf 3000 dete", "12 larkiyan hain"])
def test_a_number_is_no_age_and_no_plate(text: str) -> None:
    assert not {"PLATE", "CHILD_AGE"} & set(READER.read(text).slots)


@pytest.mark.parametrize(("text", "is_me"), [("they beat me", True), ("help me", True), ("ghar me chori", False)])
def test_an_english_word_counts_only_among_english(text: str, is_me: bool) -> None:
    assert ("ME" in READER.read(text).slots) is is_me


@pytest.mark.parametrize(
    ("text", "fact", "heeds"),
    [
        ("abhi larki ko gari mein nahi le ja rahe", "IN_VEHICLE", False),  # by a line that looks for "now"
        ("nahi jane dete", "NOT_LET_GO", True),
    ],
)
def test_a_fact_holds_beside_a_not_only_by_a_line_that_looks_for_it(text: str, fact: str, heeds: bool) -> None:
    assert READER.read(text).facts[fact].heeds is heeds


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("پلیز سیو می", "RESCUE"),
        ("مجھے کڈنیپ کر لیا ہے", "KIDNAPPED"),
        ("رینسم مانگ رہے ہیں", "RANSOM"),
        ("مون کي ڪڊنيپ ڪيو اٿن", "KIDNAPPED"),
        ("میں سوسائیڈ کر لوں گی", "SUICIDE"),
    ],
)
def test_english_words_in_our_letters_are_read_as_english(text: str, fact: str) -> None:
    reading = READER.read(text)
    assert fact in reading.facts
    assert reading.evidence(fact).isascii() is False  # the officer reads what was written


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("help me\tہیلپمی\t", "2:1: english: one word of small letters"),
        ("kidnap\tkidnap\t", "2:2: written: kidnap: one word in Urdu or Sindhi letters"),
        ("kidnap\tکڈ نیپ\t", "2:2: written: کڈ نیپ: one word in Urdu or Sindhi letters"),
        ("sell\tبیچ\t", "2:2: written: بیچ stands in slots.tsv too"),
        ("kidnap\tکڈنیپ\t\nhold\tکڈنیپ\t", "3:2: written: کڈنیپ is kidnap above"),
    ],
)
def test_a_fault_in_the_loanwords_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "flows" / "loanwords.tsv"
    path.parent.mkdir()
    path.write_text(f"english\twritten\tnote\n{line}\n", encoding="utf-8")
    _, problems = loanwords.load(path, frozenset({"بیچ"}))
    assert problems == [f"flows/loanwords.tsv:{problem}"]


@pytest.mark.parametrize("word", ["muzaffargarh", "construction", "accommodation", "mghkdrtkplsjq"])
def test_a_long_word_does_not_fall_into_letters(word: str) -> None:
    assert READER.read(word).words == (word,)


@pytest.mark.parametrize("text", ["nobody hits him", "he is fed, no beating", "wo marta nahi bas kaam leta hai"])
def test_a_denied_blow_is_none(text: str) -> None:
    assert "VIOLENCE" not in READER.read(text).facts
