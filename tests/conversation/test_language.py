"""The language of the first reply."""

from pathlib import Path

import pytest

from hotline.conversation import SecondReader, language

READER = SecondReader.load(Path("flows"))


def guess(text: str) -> str | None:
    return language.guess(text, READER)


@pytest.mark.parametrize(
    ("text", "spoken"),
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
        ("  ", None),
        ("👍👍 !!", None),
        ("0300 1234567", None),
        ("salam", None),
        ("assalam o alaikum", None),
        ("السلام علیکم", None),
        ("hello sir", None),
        ("Ali", None),
        ("OK", None),
        ("Fatima bibi", None),
        ("lahore", None),
        ("کراچی", None),
        ("ڳوٺ", "sd"),
        ("آهي", "sd"),
        ("help me", "en"),
        ("my name is Ali", "en"),
        ("hello koi hai", "ur"),
        ("madad chahiye", "ur"),
        ("mera naam ali hai", "ur"),
        ("bachayo", "sd"),
        ("hello sir I am from Multan", "en"),
        ("پلیز help کریں", "ur"),
        ("please bhai help kro mera boss passport nahi de raha", "ur"),
        ("sir boss salary na pyo de passport hun wat aahe", "sd"),
        ("سر boss passport نہیں دے رہا", "ur"),
        ("سائین اسان کی قید کیو آہی", "sd"),
    ],
)
def test_guess(text: str, spoken: str | None) -> None:
    assert guess(text) == spoken


ROWS = [line.split("\t") for line in Path("tests/data/language.tsv").read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(
    ("script", "share"), [("ur", 0.97), ("sd", 0.97), ("en", 0.97), ("ur-Latn", 0.97), ("sd-Latn", 0.91)]
)
def test_three_words_are_enough_most_of_the_time(script: str, share: float) -> None:
    """The test file says where the sentences come from."""
    mine = [sentence for written, sentence in ROWS if written == script]
    right = [guess(" ".join(sentence.split()[:3])) == script[:2] for sentence in mine]
    assert len(mine) >= 30
    assert sum(right) / len(right) >= share


@pytest.mark.parametrize("script", ["ur", "sd", "en", "ur-Latn", "sd-Latn"])
def test_a_whole_sentence_is_nearly_always_enough(script: str) -> None:
    right = [guess(sentence) == script[:2] for written, sentence in ROWS if written == script]
    assert sum(right) / len(right) >= 0.97
