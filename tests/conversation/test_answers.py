"""Natural answers to every question with choices, from tests/data/answers.tsv: understood, and never misread."""

import zlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from hotline.conversation.choosing import answered
from hotline.conversation.letters import normalise
from tests.conversation.replies import FLOWS

NONE = "-"  # must not be taken for any choice
FLOOR, MISREAD = 0.9, 0.01
SAFETY = {("help", "safe"), ("family", "safe"), ("help", "danger")}


class Row(NamedTuple):
    """One answer: to which question, what it is taken for, and how it is spelt."""

    flow: str
    step: str
    answer: str
    value: str
    spelling: str

    @property
    def aside(self) -> bool:
        """A fifth of the rows, by which nobody tunes a word."""
        return zlib.crc32("\t".join(self[:3]).encode()) % 5 == 0

    @property
    def taken(self) -> str:
        """The choice that the answer is taken for: its value, its language, or where it leads."""
        node = FLOWS.node(self.flow, self.step)
        said = normalise(self.answer)
        option = answered(FLOWS.words, node, self.answer, said if said in node.options else FLOWS.words.mended(said))
        if option is None:
            return NONE
        return option.name(self.flow)


LINES = Path("tests/data/answers.tsv").read_text("utf-8").splitlines()[1:]
ROWS = [Row(*line.split("\t")) for line in LINES]
SPELLINGS = sorted({row.spelling for row in ROWS})


def share(rows: Iterable[Row]) -> float:
    answers = [row for row in rows if row.value != NONE]
    return sum(row.taken == row.value for row in answers) / len(answers)


@pytest.mark.parametrize("aside", [True, False], ids=["set aside", "tuned"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_natural_answers_are_understood(spelling: str, aside: bool) -> None:
    assert share(row for row in ROWS if row.spelling == spelling and row.aside is aside) >= FLOOR


@pytest.mark.parametrize("aside", [True, False], ids=["set aside", "tuned"])
def test_hardly_any_is_misread(aside: bool) -> None:
    rows = [row for row in ROWS if row.aside is aside]
    wrong = [row for row in rows if row.taken not in (NONE, row.value)]
    assert len(wrong) <= MISREAD * len(rows), wrong


def test_no_answer_about_safety_is_misread() -> None:
    rows = [row for row in ROWS if (row.flow, row.step) in SAFETY]
    risky = {"safe": "yes", "danger": "no"}  # to say so by mistake may kill
    assert [row for row in rows if row.taken == risky[row.step] != row.value] == []


def test_every_question_with_choices_has_its_rows() -> None:
    rows = defaultdict(set)
    for row in ROWS:
        rows[row.flow, row.step].add(row.value)
    asked = {
        (flow.name, node.here.step) for flow in FLOWS.flows.values() for node in flow.nodes.values() if node.choices
    }
    assert set(rows) == asked
    assert all(NONE in values and len(values) > 2 for values in rows.values())


WATCHED = (
    "he is asleep now but he checks it", "yes he is out but he looks at my phone", "my brother took my phone",
    "he looks at my phone", "wo mera phone dekhta hai", "apna phone us ke pas hai", "my phone is with him",
    "he left but he will be back", "wo gaya hai par abhi aa jayega", "saas so rahi hai par shohar ghar pe hai",
    "wo bahar khara hai", "main akeli nahi hun", "he is not sleeping", "wo soya nahi hai", "is he gone", "mehfooz jagah chahiye",
    "kya main safe hun", "agar wo so gaya to", "shayad wo chala gaya", "akeli nahi", "i am not alone", "not sleeping yet",
    "وہ سویا نہیں", "میں اکیلی نہیں ہوں", "هو ستل ناهي", "mujhe ghar se nikal diya", "main ghar se chali gai thi",
)  # fmt: skip


@pytest.mark.parametrize("answer", WATCHED)
@pytest.mark.parametrize("flow", ["help", "family"])
def test_who_may_be_watched_is_never_taken_for_safe(flow: str, answer: str) -> None:
    assert Row(flow, "safe", answer, NONE, "").taken != "yes"


IN_DANGER = (
    "no he is beating me now", "nahi wo mujhe maar raha hai", "theek nahi hun", "i am not fine", "main theek nahi",
    "nahi bachao mujhe", "no help me please", "ok", "theek hai", "khatra nahi to aur kya hai",
)  # fmt: skip


@pytest.mark.parametrize("answer", IN_DANGER[:-1])
def test_who_may_be_in_danger_is_never_taken_for_safe(answer: str) -> None:
    assert Row("help", "danger", answer, NONE, "").taken != "no"


@pytest.mark.parametrize(
    ("flow", "step", "answer", "value"),
    [
        ("tip", "what", "doosra wala", "begging"),
        ("tip", "what", "second one", "begging"),
        ("tip", "what", "aakhri", "other"),
        ("tip", "what", "ٻيو نمبر", "begging"),
        ("tip", "what", "option 3", "sexual_exploitation"),
        ("help", "age", "pehla", "adult"),
        ("help", "age", "12", "child"),
        ("help", "age", "1", "adult"),
        ("help", "age", "8 aur 10 saal k", "child"),
        ("help", "safe", "yes but quickly", "yes"),
        ("help", "safe", "kon", NONE),
        ("tip", "official", "ok", NONE),
        ("family", "what", "ransom", "ransom"),
        ("start", "menu", "خبر ناهي", NONE),
        ("help", "safe", "خير", NONE),
    ],
)
def test_an_answer_is_taken_for(flow: str, step: str, answer: str, value: str) -> None:
    assert Row(flow, step, answer, NONE, "").taken == value
