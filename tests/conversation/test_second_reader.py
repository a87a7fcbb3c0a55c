"""The second reader: its file, what it makes of a message, and the examples that it is made of."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.conversation import SecondReader, Words
from hotline.conversation.reading import examples, features, weights
from hotline.conversation.reading.second import EXAMPLES, FILE
from hotline.core.datafile import DataFileError

FLOWS = Path("flows").resolve()
WORDS = Words.load(FLOWS / "keywords.tsv")
READER = SecondReader.load(FLOWS)
BANK = examples.load(FLOWS / EXAMPLES)


def urgent(text: str) -> float:
    return READER.read(text, WORDS.reader.read(text).words, WORDS.signs(text)).urgent


def test_the_file_is_made_of_the_examples_as_they_are() -> None:
    """After a change of flows/examples, `make model` writes it anew."""
    assert READER.weights.header.examples == examples.checksum(BANK)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("apka shukria bohat acha kaam hai", "gate pe tala hai mujhe jane nahi dete roz marta hai"),
        ("is this service free of charge", "they locked the gate and took my passport please hurry"),
        ("شکریہ آپ کا بہت اچھا کام ہے", "بھائی کو ایران میں باندھ رکھا ہے دس لاکھ مانگ رہے ہیں"),
        ("مهرباني توهان جي", "سڀاڻي منهنجي ننڍي ڀيڻ جو زوري نڪاح آهي"),
    ],
)
def test_what_is_like_urgent_messages_is_likelier(less: str, more: str) -> None:
    assert urgent(less) < 0.3
    assert urgent(more) > 0.6


@pytest.mark.parametrize(
    "text",
    ["", " ", "😀" * 300, "a" * 4000, "مدد" * 1333, "x1" * 2000, "ab گھر 漢字 đ \u202e\x00" * 200, "\U0001d4d0" * 2000, "۔،؟!" * 900],
    ids=["empty", "space", "emoji", "one letter", "no space", "digits", "scripts", "beyond", "signs"],
)  # fmt: skip
def test_any_text_has_an_opinion(text: str) -> None:
    opinion = READER.read(text, WORDS.reader.read(text).words, WORDS.signs(text))
    found = [
        opinion.urgent,
        opinion.serious,
        opinion.integrity,
        *opinion.kinds.values(),
        *READER.languages(text).values(),
    ]
    assert all(0 <= each <= 1 for each in found)
    assert len(READER.nearest(text)) <= 2


@given(st.text())
def test_shares_are_shares_of_one(text: str) -> None:
    assert sum(READER.languages(text).values()) == pytest.approx(1)


def test_no_more_than_so_many_letters_are_looked_at() -> None:
    text = " ".join(one.text for one in BANK[:200])
    assert features.letters(text) == features.letters(text[: features.MAX_LETTERS])
    assert len(features.letters(text)) <= features.MAX_LETTERS * len(features.SIZES)


def test_spellings_of_one_word_are_one() -> None:
    assert features.words(["mujhay"]) == features.words(["mujhe"])
    assert features.words(["mujhe", "bachao"]) != features.words(["bachao", "mujhe"])


def test_an_example_is_nearest_to_itself() -> None:
    long = [one for one in BANK if len(one.text) > 40][::50]
    assert [READER.nearest(one.text, 1)[0].text for one in long] == [one.text for one in long]


def test_what_is_like_nothing_has_no_example() -> None:
    assert READER.nearest("漢字") == []


def header(**changed: object) -> bytes:
    return json.dumps(READER.weights.header.model_dump(mode="json") | changed).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; `make model` writes it"),
        (b"", "its first line is damaged; `make model` writes it anew"),
        (b"\x00\xff\n", "its first line is damaged; `make model` writes it anew"),
        (b"{}\n", "its first line is damaged; `make model` writes it anew"),
        (header(version=0) + b"\n", "it was made for another version; `make model` writes it anew"),
        (header(heads=["urgent"]) + b"\n", "it was made for another version; `make model` writes it anew"),
        (header(shifts=[0.0]) + b"\n", "its first line is damaged; `make model` writes it anew"),
        (header(steps=[[0.0]]) + b"\n", "its first line is damaged; `make model` writes it anew"),
        (header(shifts=[float("nan")] * len(weights.HEADS)) + b"\n", "its first line is damaged; `make model` writes it anew"),
        (header() + b"\nabc", "3 bytes of weights, 1757184 needed; `make model` writes it anew"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataFileError) as refused:
        SecondReader.load(tmp_path)
    assert refused.value.problems == [f"{tmp_path.name}/{FILE}: {message}"]


def test_the_same_weights_make_the_same_bytes(tmp_path: Path) -> None:
    written = (FLOWS / FILE).read_bytes()
    weights.dump(tmp_path / FILE, READER.weights.header, written.partition(b"\n")[2])
    assert (tmp_path / FILE).read_bytes() == written


HEADER = "text\tlanguage\tkind\tpriority\tlane\tplace\tabout\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\n", "1:1: the header must be text, language, kind, priority, lane, place, about, apart by tabs"),
        (HEADER + "hello\ten\n", "2:2: 2 columns, 7 needed"),
        (HEADER + "\ten\tgreeting\tP3\tcircle\t\tjunk\n", "2:1: text: is missing"),
        (HEADER + "hello\tde\tgreeting\tP3\tcircle\t\tjunk\n", "2:2: language: one of ur, sd, en"),
        (HEADER + "hello\ten\thallo\tP3\tcircle\t\tjunk\n", "2:3: kind: one of help, tip,"),
        (HEADER + "hello\ten\tgreeting\tP4\tcircle\t\tjunk\n", "2:4: priority: one of P1, P2, P3"),
        (HEADER + "hello\ten\tgreeting\tP3\tfast\t\tjunk\n", "2:5: lane: one of circle, integrity"),
    ],
)
def test_a_fault_in_an_example_is_named(tmp_path: Path, content: str, message: str) -> None:
    for spelling in examples.SPELLINGS:
        (tmp_path / f"{spelling}.tsv").write_text(content if spelling == "en" else HEADER, encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        examples.load(tmp_path)
    assert refused.value.problems[0].startswith(f"{tmp_path.name}/en.tsv:{message}")
