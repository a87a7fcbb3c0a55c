"""Safe hours in people's own words. What is not understood for certain is no hour at all."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.conversation.flow import Flows
from hotline.conversation.hours import DAY, LONGEST, Hours, parse
from hotline.core import i18n

MINUTES = st.integers(0, DAY - 1)
SPANS = st.builds(Hours, MINUTES, MINUTES)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("10 to 12 in the morning", "10:00", "12:00"),
        ("morning 10-12", "10:00", "12:00"),
        ("10.30 am - 12:15 pm", "10:30", "12:15"),
        ("from 10 till 12 in the morning", "10:00", "12:00"),
        ("صبح ۱۰ سے ۱۲", "10:00", "12:00"),
        ("subah das se bara", "10:00", "12:00"),
        ("subah das se barah baje tak", "10:00", "12:00"),
        ("صبح دس سے بارہ بجے", "10:00", "12:00"),
        ("صبح ڏهه کان ٻارهن", "10:00", "12:00"),
        ("subuh dah khan barhan taen", "10:00", "12:00"),
        ("din 2 se 4", "14:00", "16:00"),
        ("din 10 se 12", "10:00", "12:00"),
        ("دن 10 سے 12", "10:00", "12:00"),
        ("ڏينهن جو 11 کان 1", "11:00", "13:00"),
        ("din ko", "10:00", "16:00"),
        ("14:00-16:00", "14:00", "16:00"),
        ("9 to 11 pm", "21:00", "23:00"),
        ("8 to 10 at night", "20:00", "22:00"),
        ("9 to 5 in the evening", "09:00", "17:00"),
        ("11 to 6 in the morning", "23:00", "06:00"),
        ("10pm-12am", "22:00", "00:00"),
        ("10 p.m. to 2 a.m.", "22:00", "02:00"),
        ("raat 9 ke baad", "21:00", "23:00"),
        ("رات ۹ کے بعد", "21:00", "23:00"),
        ("raat 10 se 12", "22:00", "00:00"),
        ("raat 11 se 1", "23:00", "01:00"),
        ("subah", "07:00", "11:00"),
        ("صبح", "07:00", "11:00"),
        ("sham ko", "16:00", "19:00"),
        ("subah 10 se sham 4", "10:00", "16:00"),
        ("10 baje subah se 12", "10:00", "12:00"),
        ("10 baje subah se 4 baje sham", "10:00", "16:00"),
        ("subah 10 baje", "10:00", "11:00"),
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
     "+923000000099", "after the prayer", "5 am to 4 am", "11 se pehle 9 ke baad", "ke baad", "raat ke baad",
     # in the morning or at night?
     "10 to 12", "10-12", "das se bara", "۱۰ سے ۱۲", "ڏهه کان ٻارهن", "2 to 4", "10 baje", "9 ke baad", "9 se sham 5",
     # at any time, by day and by night
     "sabh waqt", "sabh", "سڀ وقت", "kisi bhi waqt", "har waqt", "har din 10 se 12", "every day 10 to 12", "din raat",
     "din raat 10 se 12", "subah sham 10 se 12",
     # one says the contrary of the other; days, not hours
     "subah 2 baje", "sham 1 baje", "3 din baad", "2 din", "۳ دن بعد"],
)  # fmt: skip
def test_what_is_not_certain_is_no_hour(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("language", [*i18n.LANGUAGES, *i18n.PARTIAL])
def test_the_example_in_the_question_is_understood(language: str) -> None:
    """People copy it: in every language it says in which half of the day."""
    question = Flows.load(Path("flows")).node("help", "hours").say.text
    example = re.split(r"[:؟?] ?", i18n.translate(question, language).strip())[-1]
    assert parse(example) == Hours(10 * 60, 12 * 60)


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
