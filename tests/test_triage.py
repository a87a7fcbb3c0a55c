"""How urgent: the rule of the brief, as rows."""

from pathlib import Path

import pytest

from hotline import i18n
from hotline.conversation.words import Words
from hotline.datafile import DataFileError
from hotline.triage import Triage

WORDS = Words.load(Path("flows/keywords.tsv"))
TRIAGE = Triage.load(Path("flows/triage.yaml"), WORDS)

ROWS = [
    ("nothing known", "tip", [], {}, "P2"),
    ("a plea that does not say why", "help", ["madad"], {}, "P2"),
    ("a plea for rescue", "help", ["bachao"], {}, "P1"),
    ("danger now", "help", [], {"danger": "yes"}, "P1"),
    ("no danger", "help", [], {"danger": "no"}, "P2"),
    ("danger in Urdu", "tip", ["وہ ہمیں مار دیں گے"], {}, "P1"),
    ("danger in Sindhi", "tip", ["اسان کي خطرو آهي"], {}, "P1"),
    ("danger in English", "tip", ["they will kill us"], {}, "P1"),
    ("danger in Roman Urdu", "tip", ["hum khatre mein hain"], {}, "P1"),
    ("danger in Roman Sindhi", "tip", ["asan khe jaan jo khatro aahe"], {}, "P1"),
    ("locked up", "tip", ["hum band hain"], {}, "P1"),
    ("ransom", "tip", ["وہ تاوان مانگ رہے ہیں"], {}, "P1"),
    ("a weapon", "tip", ["us ke paas pistol hai"], {}, "P1"),
    ("children now", "tip", [], {"children": "yes", "when": "now"}, "P1"),
    ("children before", "tip", [], {"children": "yes", "when": "past"}, "P2"),
    ("an agent, in the past", "tip", [], {"category": "agent_fraud", "when": "past"}, "P3"),
    ("an agent, now", "tip", [], {"category": "agent_fraud", "when": "now"}, "P2"),
    (
        "an agent in the past and an official",
        "tip",
        [],
        {"category": "agent_fraud", "when": "past", "official": "yes"},
        "P2",
    ),
    ("danger beats the past", "tip", ["danger"], {"category": "agent_fraud", "when": "past"}, "P1"),
    ("own words are no value", "tip", [], {"children": None, "when": None}, "P2"),
]


@pytest.mark.parametrize(
    ("kind", "texts", "answers", "priority"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_priority(kind: str, texts: list[str], answers: dict[str, str | None], priority: str) -> None:
    assert TRIAGE.assess(kind, texts, answers).priority == priority


def test_the_reasons_of_the_priority_come_first_and_once() -> None:
    reasons = TRIAGE.assess("help", ["bachao", "khatra", "danger"], {"when": "now"}).reasons
    assert reasons == (
        "Words of danger",
        "A plea for rescue",
        "Somebody asks for help",
        "Words that ask for help",
        "It is happening now",
    )


def test_every_reason_can_be_read_in_every_language() -> None:
    reasons = [TRIAGE.file.default.reason, *(rule.reason for rule in TRIAGE.file.rules)]
    assert all(i18n.has_text(language, reason) for reason in reasons for language in i18n.LANGUAGES)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{priority: P4, when: {kind: help}, reason: R}", "3: rules.0.priority: Input should be 'P1', 'P2' or 'P3'"),
        ("{priority: P1, when: {words: [NONE]}, reason: R}", "3: rules.0.when.words: NONE is not in keywords.tsv"),
        ("{priority: P1, when: {}, reason: R}", "3: rules.0.when: needs `words`, `answer` or `kind`"),
        ("{priority: P1, when: {word: [HELP]}, reason: R}", "3: rules.0.when.word: unknown key"),
        (
            "{priority: P1, when: {answer: {danger: yes}}, reason: R}",
            "3: rules.0.when.answer.danger: Input should be a valid string",
        ),
        ("{priority: P1, when: {kind: help}}", "3: rules.0.reason: is missing"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, rule: str, message: str) -> None:
    path = tmp_path / "flows" / "triage.yaml"
    path.parent.mkdir()
    path.write_text(f"default: {{priority: P2, reason: R}}\nrules:\n  - {rule}\n", encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Triage.load(path, WORDS)
    assert f"flows/triage.yaml:{message}" in refused.value.problems
