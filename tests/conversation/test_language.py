"""The language of the first reply."""

import pytest

from hotline.conversation.language import guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("مجھے مدد چاہیے", "ur"),
        ("بھٹے پر بچوں سے کام لیا جا رہا ہے", "ur"),
        ("هتي ٻارن کان ڪم ورتو پيو وڃي", "sd"),
        ("مون کي مدد گھرجي", "sd"),
        ("اسان جي ڳوٺ ۾", "sd"),
        ("there are children locked in a house", "en"),
        ("I need help", "en"),
        ("mere gaon mein bachay kaam kar rahe hain", "ur"),
        ("bhatta par log band hain", "ur"),
        ("asan khe madad khape", "sd"),
        ("muhnjo bhau ghum thi wayo aahe", "sd"),
        ("", None),
        ("123", None),
        ("😀", None),
        ("مدد", None),
        ("zzzz", None),
    ],
)
def test_guess(text: str, language: str | None) -> None:
    assert guess(text) == language
