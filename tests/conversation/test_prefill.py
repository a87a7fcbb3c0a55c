"""What own words say of questions to come."""

import pytest

from hotline.conversation.prefill import notice
from tests.journeys.arrangement import PLACES
from tests.journeys.world import LOADED

FOUND = notice(PLACES, LOADED.words)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12 people are locked in near Lahore", "en", {"place": "Lahore", "people": "12"}),
        ("لاہور میں ۱۲ لوگ بند ہیں", "ur", {"place": "لاہور", "people": "12"}),
        ("lahore mein 12 log band hain", "ur", {"place": "لاہور", "people": "12"}),
        ("لاهور ۾ 12 ماڻهو بند آهن", "sd", {"place": "لاهور", "people": "12"}),
        ("paanch larkiyan hain", "ur", {"people": "5"}),
        ("5 little girls", "en", {"people": "5"}),
        ("my brother is in dubai", "en", {"place": "United Arab Emirates"}),
        ("1 person", "en", {}),
        ("12 days ago, by night, people", "en", {}),
        ("4000 people" , "en", {}),
        ("1" * 4000 + " people", "en", {}),
        ("salam", "ur", {}),
        ("", "ur", {}),
    ],
)  # fmt: skip
def test_what_a_message_tells_of_questions_to_come(text: str, language: str, expected: dict[str, str]) -> None:
    assert FOUND(text, language) == expected
