"""One person, one spelling: otherwise a returning reporter is a stranger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.phone import is_phone, normalise


@pytest.mark.parametrize(
    "raw",
    [
        "+923000000001",
        "03000000001",
        "923000000001",
        "00923000000001",
        " 923000000001",  # a + that a form decoder took for a space
        "0300 0000001",
        "0300-000-0001",
        "(0300) 0000001",
        "۰۳۰۰۰۰۰۰۰۰۱",  # Urdu digits
        "٠٣٠٠٠٠٠٠٠٠١",  # Arabic digits
        "\u202a+923000000001\u202c",  # copied from a right-to-left screen
        "0092 300 0000001",
    ],
)
def test_every_spelling_of_a_number_is_one_number(raw: str) -> None:
    assert normalise(raw) == "+923000000001"
    assert is_phone(raw)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("TELENOR", "TELENOR"),
        (" 8300 ", "8300"),
        ("786", "786"),
        ("1-800-FLOWERS", "1-800-FLOWERS"),
        ("whatsapp:PK.1a2b3c4d", "whatsapp:PK.1a2b3c4d"),
        ("whatsapp:+923000000001", "whatsapp:+923000000001"),
        ("+92", "+92"),
        ("+92300000000", "+92300000000"),  # a digit short
        ("923000000001923000000001", "923000000001923000000001"),
        ("", ""),
        ("+", "+"),
        ("0" * 5000, "0" * 5000),
        ("\ud800", "\ud800"),
        ("03000000001\x00", "03000000001\x00"),
    ],
)
def test_what_is_no_number_stays_as_it_is(raw: str, kept: str) -> None:
    assert normalise(raw) == kept
    assert not is_phone(raw)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+39 333 0000000", "+393330000000"),
        (" 393330000000", "+393330000000"),
        ("00393330000000", "+393330000000"),
        (" 6560000000", "+6560000000"),  # without its + it would be of Pakistan
    ],
)
def test_a_number_abroad_stays_abroad(raw: str, number: str) -> None:
    assert normalise(raw) == number


@given(st.text(alphabet=st.sampled_from("0123456789+ -()۰۱٣a:\u202a"), max_size=24))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    assert normalise(normalise(raw)) == normalise(raw)
