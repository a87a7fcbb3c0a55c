"""Values in messages, in six spellings; and English words that are other words in Roman Urdu."""

from pathlib import Path

import pytest

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
        ("wo ab usko nahi le ja rahe, larki ghar par hai", "MOVED_SOON", False),  # by a line that looks for "now"
        ("nahi jane dete", "NOT_LET_GO", True),
    ],
)
def test_a_fact_holds_beside_a_not_only_by_a_line_that_looks_for_it(text: str, fact: str, heeds: bool) -> None:
    assert READER.read(text).facts[fact].heeds is heeds
