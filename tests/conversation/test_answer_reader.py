"""The second reader of answers: its file, what it makes of an answer, and what it is never asked to say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.conversation.choosing import answered, chosen
from hotline.conversation.letters import normalise
from hotline.conversation.reading import answers, examples
from hotline.conversation.reading.answers import NONE, AnswerReader
from hotline.core.datafile import DataFileError
from tests.conversation.replies import FLOWS

FILE = Path("flows") / answers.FILE
BANK = examples.load_answers(Path("flows/examples"))
# Where a likeness is not asked
UNTRAINED = {"start/menu", "start/more", "start/language", "delete/what", "delete/sure"}


def taken(flow: str, step: str, answer: str) -> str | None:
    """The name of the option that an answer is taken for."""
    option = answered(FLOWS.words, FLOWS.node(flow, step), answer, normalise(answer))
    return option.name(flow) if option is not None else None


def test_the_file_is_made_of_the_answers_as_they_are() -> None:
    """After a change of flows/examples/answers.tsv, `make model` writes it anew."""
    assert AnswerReader.load(FILE).header.answers == examples.checksum_of_answers(BANK)


def test_every_question_with_choices_has_its_answers() -> None:
    nodes = [node for flow in FLOWS.flows.values() for node in flow.nodes.values() if node.choices]
    asked = {f"{one.here.flow}/{one.here.step}": {way.name(one.here.flow) for way in one.choices} for one in nodes}
    known = {one.name: set(one.options) for one in FLOWS.words.answer_reader.header.questions}
    assert {name: options | {NONE} for name, options in asked.items() if name not in UNTRAINED} == known


@pytest.mark.parametrize(
    "text",
    ["", "😀" * 300, "a" * 4000, "مدد" * 1333, "ab گھر 漢字 đ \u202e\x00" * 200, "9" * 4000],
    ids=["empty", "emoji", "one letter", "no space", "scripts", "digits"],
)
def test_any_text_has_its_shares(text: str) -> None:
    shares = FLOWS.words.likely("help/situation", text)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares.values())


def test_a_question_without_answers_has_none() -> None:
    assert FLOWS.words.likely("help/where", "lahore") == {}


@pytest.mark.parametrize(
    ("flow", "step", "answer", "value"),
    [
        ("help", "safe", "شوہر سامنے بیٹھا ہے", "no"),
        ("help", "situation", "پاسپورٽ ٺيڪيدار کڻي ويو آهي", "papers_taken"),
        ("help", "police", "police please involve na ho", "no"),
        ("tip", "what", "fake job offer in Malaysia", "agent_fraud"),
        ("tip", "children", "mun khe pato konhe", "unknown"),
        ("family", "what", "do mahine se koi phone nahi aya", "missing"),
    ],
)
def test_an_answer_without_a_word_of_the_tables_is_understood(flow: str, step: str, answer: str, value: str) -> None:
    assert taken(flow, step, answer) == value


LIKE_SAFE = ["main akeli nahi hun", "i am not alone", "میں اکیلی نہیں ہوں", "theek nahi hun", "i am not fine"]
RISKY = [
    *(("help", "safe", "yes"), ("family", "safe", "yes"), ("help", "danger", "no"), ("help", "police", "yes")),
    *(("help", "ngo", "yes"), ("help", "contact", "hours"), ("help", "code", "coded"), ("delete", "sure", "erased")),
    ("professional", "consent", "yes"),
]


@pytest.mark.parametrize(("flow", "step", "value"), RISKY)
def test_a_likeness_alone_never_says_what_may_harm(flow: str, step: str, value: str) -> None:
    """It may agree with the yes or no that an answer opens with ("yes, and nobody reads it")."""
    node = FLOWS.node(flow, step)
    for text in [one.text for one in BANK if one.question == f"{flow}/{step}"] + LIKE_SAFE:
        said = normalise(text)
        option = answered(FLOWS.words, node, text, said)
        if option is not None and option.name(flow) == value:
            begins = [node.opening.get(" ".join(said.split(" ")[:size])) for size in (1, 2)]
            assert chosen(FLOWS.words, node, text, said) is option or option in [found[1] for found in begins if found]


@pytest.mark.parametrize(
    ("flow", "step", "answer"),
    [
        ("tip", "source", "main un mein se nahi hun"),
        ("tip", "source", "I am not one of the workers"),
        ("tip", "when", "abhi tak khatam nahi hua"),
        ("tip", "official", "koi bara aadmi peeche hai"),
        ("help", "age", "school jati hun"),
        ("help", "safe", "haan camera laga hua hai"),
        ("help", "safe", "yes my boss reads over my shoulder"),
        ("help", "safe", "haan ruko"),
        ("help", "safe", "yes when he sleeps"),
        ("help", "danger", "nahi nikal sakti"),
        ("help", "danger", "abhi nahi"),
        ("help", "police", "haan SHO khud aata hai yahan"),
        ("delete", "sure", "haan ruko"),
        ("delete", "what", "I don't want my phone messages deleted"),
    ],
)
def test_what_looks_like_an_option_and_is_none_is_asked_again(flow: str, step: str, answer: str) -> None:
    assert taken(flow, step, answer) is None


@pytest.mark.parametrize(
    ("flow", "step", "answer", "value"),
    [
        ("help", "safe", "wo aa raha hai main kya karun", "no"),
        ("help", "safe", "شوہر پاس بیٹھا ہے کیا کروں", "no"),
        ("help", "danger", "they are beating me when will you come", "yes"),
        ("help", "contact", "dont text here, i'll write myself when i can", "never"),
        ("help", "safe", "yes i am alone now", "yes"),
        ("help", "police", "haan batado unko", "yes"),
    ],
)
def test_a_question_in_it_hides_no_safe_answer(flow: str, step: str, answer: str, value: str) -> None:
    assert taken(flow, step, answer) == value


@pytest.mark.parametrize(
    ("step", "answer"), [("help/code", "not sure"), ("help/ngo", "خبر ناهي"), ("help/code", "pata nahi")]
)
def test_a_keyword_is_what_it_is(step: str, answer: str) -> None:
    """However like an option it is."""
    node, said = FLOWS.node(*step.split("/")), normalise(answer)
    shares = FLOWS.words.likely(step, answer)
    assert max(shares, key=lambda name: shares[name]) != NONE
    assert answered(FLOWS.words, node, answer, said) is chosen(FLOWS.words, node, answer, said) is None


@pytest.mark.parametrize("answer", ["12 log hain", "3 weeks", "since 2 years"])
def test_a_number_that_is_no_age_is_none(answer: str) -> None:
    assert taken("help", "age", answer) is None


def test_a_question_that_has_changed_is_read_by_the_tables_alone() -> None:
    """An operator adds an option: the answers that were written know nothing of it."""
    body = Path("flows/tip.yaml").read_text(encoding="utf-8")
    line = "      - {say: From the internet, value: internet"
    assert line in body
    changed = FLOWS.pinned(
        "tip", "other", body.replace(line, line.replace("internet, value: internet", "news, value: press"), 1)
    )
    text = "main bhi unhi qaidiyon mein hun"
    assert taken("tip", "source", text) == "self"
    assert answered(changed.words, changed.node("tip", "source"), text, normalise(text)) is None


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda body: body[:0], "its first line is damaged"),
        (lambda body: body[:-1], "is cut off"),
        (lambda body: body.replace(b'"version":1', b'"version":9', 1), "another version"),
        (lambda body: b"{}" + body, "its first line is damaged"),
    ],
    ids=["empty", "cut off", "version", "no JSON"],
)
def test_a_damaged_file_stops_the_start(tmp_path: Path, spoil: Callable[[bytes], bytes], problem: str) -> None:
    path = tmp_path / "flows" / answers.FILE
    path.parent.mkdir()
    path.write_bytes(spoil(FILE.read_bytes()))
    with pytest.raises(DataFileError, match=f"^flows/answers.model: .*{problem}"):
        AnswerReader.load(path)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="No such file or directory; `make model` writes it"):
        AnswerReader.load(tmp_path / answers.FILE)


def test_a_fault_in_the_answers_is_named(tmp_path: Path) -> None:
    rows = "flow\tstep\tanswer\tvalue\tspelling\nhelp\tsafe\t\tyes\tur\nhelp\tsafe\thaan\tyes\tpunjabi\n"
    (tmp_path / "answers.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        examples.load_answers(tmp_path)
    assert [problem.split("/")[-1] for problem in caught.value.problems] == [
        "answers.tsv:2:3: answer: is missing",
        "answers.tsv:3:5: spelling: one of ur, ur-Latn, sd, sd-Latn, en, mixed",
    ]


def test_the_header_names_each_question_once() -> None:
    first = json.loads(FILE.read_bytes().partition(b"\n")[0])
    names = [question["name"] for question in first["questions"]]
    assert len(names) == len(set(names))
