"""Safe hours in people's own words. What is not understood for certain is no hour at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.conversation.hours import DAY, LONGEST, Hours, parse

MINUTES = st.integers(0, DAY - 1)
SPANS = st.builds(Hours, MINUTES, MINUTES)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("10 to 12", "10:00", "12:00"),
        ("10-12", "10:00", "12:00"),
        ("10.30 - 12:15", "10:30", "12:15"),
        ("from 10 till 12", "10:00", "12:00"),
        ("۱۰ سے ۱۲", "10:00", "12:00"),
        ("das se bara", "10:00", "12:00"),
        ("das se barah baje tak", "10:00", "12:00"),
        ("دس سے بارہ بجے", "10:00", "12:00"),
        ("ڏهه کان ٻارهن", "10:00", "12:00"),
        ("dah khan barhan taen", "10:00", "12:00"),
        ("2 to 4", "14:00", "16:00"),
        ("11 to 1", "11:00", "13:00"),
        ("14:00-16:00", "14:00", "16:00"),
        ("9 to 11 pm", "21:00", "23:00"),
        ("10pm-12am", "22:00", "00:00"),
        ("10 p.m. to 2 a.m.", "22:00", "02:00"),
        ("raat 9 ke baad", "21:00", "23:00"),
        ("رات ۹ کے بعد", "21:00", "23:00"),
        ("raat 11 se 1", "23:00", "01:00"),
        ("subah", "07:00", "11:00"),
        ("صبح", "07:00", "11:00"),
        ("sham ko", "16:00", "19:00"),
        ("subah 10 se sham 4", "10:00", "16:00"),
        ("10 baje subah se 4 baje sham", "10:00", "16:00"),
        ("10 baje", "10:00", "11:00"),
        ("dopahar 2 baje", "14:00", "15:00"),
        ("before 9 at night", "19:00", "21:00"),
        ("22 to 6", "22:00", "06:00"),
    ],
)
def test_hours_in_own_words(text: str, start: str, end: str) -> None:
    found = parse(text)
    assert found is not None
    assert [f"{minute // 60:02}:{minute % 60:02}" for minute in (found.start, found.end)] == [start, end]


@pytest.mark.parametrize(
    "text",
    ["", "😀", "any time", "not 10 to 12", "10 to 12 nahi", "when he is out", "subah aur sham", "99", "9 10 11", "25 to 27",
     "+923000000099", "after the prayer", "5 am to 4 am", "11 se pehle 9 ke baad", "ke baad", "raat ke baad"],
)  # fmt: skip
def test_what_is_not_certain_is_no_hour(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_hours_or_none(text: str) -> None:
    found = parse(text)
    assert found is None or (0 <= found.start < DAY and 0 <= found.end < DAY and found.length <= LONGEST)


@given(SPANS, SPANS, MINUTES)
def test_narrower_hours_lie_within_the_wider_ones_at_every_minute(wide: Hours, narrow: Hours, minute: int) -> None:
    moment = datetime(2026, 11, 23, minute // 60, minute % 60, tzinfo=UTC)
    if wide.cover(narrow) and narrow.contain(moment):
        assert wide.contain(moment)


@pytest.mark.parametrize(
    ("hour", "inside"), [(16, False), (17, True), (18, True), (19, True), (20, True), (21, False), (4, False)]
)
def test_hours_may_pass_midnight(hour: int, inside: bool) -> None:
    """Ten in the evening until two, in Karachi, five hours ahead of UTC."""
    assert Hours(22 * 60, 2 * 60).contain(datetime(2026, 11, 23, hour, 0, tzinfo=UTC)) is inside
