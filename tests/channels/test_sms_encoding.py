"""What a text costs as an SMS, and that no part of it breaks where a phone could not put it together."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.sms_encoding import GSM_BASIC, GSM_EXTENDED, PART, SINGLE, Plan, encode_plan, split, substitute

TEXTS = st.text(alphabet=st.one_of(st.sampled_from("ab {}€\n نمۈَ😀\u200d"), st.characters(codec="utf-8")), max_size=600)
WORDS = st.lists(st.text(alphabet="abc{کمَ", min_size=1, max_size=20), min_size=1, max_size=80).map(" ".join)


def units(text: str, alphabet: str) -> int:
    if alphabet == "gsm":
        return sum(2 if letter in GSM_EXTENDED else 1 for letter in text)
    return len(text.encode("utf-16-le")) // 2


def test_the_alphabet_has_all_its_letters() -> None:
    assert len(GSM_BASIC) == 127  # the 128th is the escape itself
    assert len(GSM_EXTENDED) == 10


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("", Plan("gsm", 0, 1)),
        ("a" * 160, Plan("gsm", 160, 1)),
        ("a" * 161, Plan("gsm", 161, 2)),
        ("a" * 306, Plan("gsm", 306, 2)),
        ("a" * 307, Plan("gsm", 307, 3)),
        ("€" * 80, Plan("gsm", 160, 1)),
        ("€" * 81, Plan("gsm", 162, 2)),
        ("م" * 70, Plan("ucs2", 70, 1)),
        ("م" * 71, Plan("ucs2", 71, 2)),
        ("م" * 134, Plan("ucs2", 134, 2)),
        ("م" * 135, Plan("ucs2", 135, 3)),
        ("😀" * 35, Plan("ucs2", 70, 1)),
        ("😀" * 36, Plan("ucs2", 72, 2)),
        ("a" * 159 + "\u2019", Plan("ucs2", 160, 3)),  # one curly quote: three times the price
    ],
)
def test_what_a_text_costs(text: str, plan: Plan) -> None:
    assert encode_plan(text) == plan


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("it\u2019s \u201csafe\u201d \u2013 now\u2026", 'it\'s "safe" - now...'),
        ("Reply\u00a01", "Reply 1"),
        ("soft\u00adly", "softly"),
        ("Já \u2019", "Já \u2019"),  # á is not in the alphabet: UCS-2 anyway, so nothing is touched
        ("مدد\u2019", "مدد\u2019"),
    ],
)
def test_typography_is_given_up_only_where_it_saves(text: str, sent: str) -> None:
    assert substitute(text) == sent


def test_parts_end_between_words() -> None:
    parts = split("آپ کی اطلاع مل گئی " * 10)
    assert [len(part) for part in parts] == [62, 66, 62]
    assert parts[1].startswith(" ")
    assert not parts[0].endswith(" ")


def test_a_vowel_sign_stays_on_its_letter() -> None:
    parts = split("ل" * 66 + "اَ" + "م" * 10)
    assert parts == ["ل" * 66, "اَ" + "م" * 10]


def test_an_escape_pair_is_not_torn() -> None:
    assert split("a" * 152 + "€" + "b" * 20) == ["a" * 152, "€" + "b" * 20]


@given(TEXTS)
def test_nothing_is_lost_and_no_part_is_too_long(text: str) -> None:
    plan, parts = encode_plan(text), split(text)
    bound = (SINGLE if len(parts) == 1 else PART)[plan.alphabet]
    assert "".join(parts) == text
    assert all(units(part, plan.alphabet) <= bound for part in parts)
    assert plan == Plan(plan.alphabet, units(text, plan.alphabet), len(parts))


@given(WORDS)
def test_words_that_fit_a_part_are_whole(text: str) -> None:
    assert [word for part in split(text) for word in part.split()] == text.split()


@given(TEXTS)
def test_a_part_begins_with_no_mark_unless_the_letter_before_is_overloaded(text: str) -> None:
    for before, after in zip(split(text), split(text)[1:], strict=False):
        if unicodedata.category(after[0]) in {"Mn", "Mc", "Me"}:
            assert len(before) > 30  # dozens of marks on one letter
