"""Flows that would strand a person are refused, and the error says where."""

import shutil
from pathlib import Path

import pytest

from hotline.conversation.flow import Flows
from hotline.core.datafile import DataFileError

KEYWORDS = "concept\tlanguage_script\tvariants\tmatch\tnote\nYES\ten\tyes\twhole\t\nN1\tany\t1;one\twhole\t\n"
GOOD = """\
steps:
  a:
    ask: Question
    choices:
      - {say: Red, value: red}
      - {say: Blue, value: blue}
    save: colour
    next: b
  b:
    say: Bye
    end: true
"""
# The same with a step in between that is passed over unless COLOUR
MIDDLE = GOOD.replace("    end: true\n", "    only_if: {COLOUR}\n    next: c\n  c:\n    say: The end\n    end: true\n")
QUESTION = "steps:\n  a:\n    ask: Question\n"

REFUSED = [
    ("an unknown key", GOOD.replace("save:", "svae:"), "7: steps.a.svae: unknown key"),
    ("a dangling next", GOOD.replace("next: b", "next: z"), "8: steps.a.next: no step z in this flow"),
    ("a dangling goto", GOOD.replace("next: b", "goto: z"), "8: steps.a.goto: no flow z"),
    ("a dangling choice", GOOD.replace("blue}", "blue, next: z}"), "6: steps.a.choices.1.next: no step z in this flow"),
    ("an unreachable step", GOOD + "  c:\n    say: Lost\n    end: true\n", "12: steps.c: no way leads to this step"),
    ("neither text nor choices", "steps:\n  a:\n    end: true\n", "2: steps.a: a step needs a text: `ask` or `say`"),
    (
        "a value twice",
        GOOD.replace("value: blue", "value: red"),
        "6: steps.a.choices.1.value: the value red stands twice",
    ),
    ("a text twice", GOOD.replace("say: Blue", "say: Red"), "6: steps.a.choices.1.say: the text stands twice"),
    (
        "a silent loop",
        "steps:\n  a:\n    say: One\n    next: b\n  b:\n    say: Two\n    next: a\n",
        "2: steps.a: goes round in a circle without a question",
    ),
    (
        "a question that leads nowhere",
        QUESTION + "    save: x\n",
        "2: steps.a: needs `next` or `goto`: own words and skipping must lead somewhere",
    ),
    (
        "a question at the end",
        QUESTION + "    save: x\n    end: true\n",
        "5: steps.a.end: a question cannot be the end",
    ),
    ("own words not saved", QUESTION + "    next: a\n", "2: steps.a: a question in own words needs `save`"),
    (
        "two ways on",
        GOOD.replace("next: b", "next: b\n    goto: start"),
        "9: steps.a.goto: one way on: `next`, `goto` or `end`",
    ),
    ("one choice", GOOD.replace("      - {say: Blue, value: blue}\n", ""), "4: steps.a.choices: 2 to 8 choices"),
    (
        "an unknown concept",
        GOOD.replace("red}", "red, words: [RED]}"),
        "5: steps.a.choices.0.words: RED is not in keywords.tsv or frames.tsv",
    ),
    (
        "yes without quotes",
        GOOD.replace("value: red", "value: yes"),
        "5: steps.a.choices.0.value: Input should be a valid string",
    ),
    ("an unknown placeholder", GOOD.replace("Bye", "'{name}'"), "10: steps.b.say: unknown placeholder {name}"),
    (
        "a code that nobody issues",
        GOOD.replace("Bye", "'{code}'"),
        "10: steps.b.say: {code} needs the effect issue_code",
    ),
    (
        "an unknown effect",
        GOOD + "    effects: [fly]\n",
        "12: steps.b.effects.0: Input should be 'issue_code', 'clear_chat' or 'erase'",
    ),
    (
        "a confirmation that does not show what it asks about",
        QUESTION + "    save: x\n    confirm: Right?\n    next: a\n",
        "5: steps.a.confirm: must show {known}",
    ),
    (
        "a number from the larger to the smaller",
        GOOD.replace("value: red", "value: red, number: [9, 3]"),
        "5: steps.a.choices.0.number: from the smaller to the larger number",
    ),
    (
        "what is known, where nothing is confirmed",
        GOOD.replace("Bye", "'{known}'"),
        "10: steps.b.say: unknown placeholder {known}",
    ),
    (
        "a question that is left out abroad",
        GOOD.replace("save:", "home: true\n    save:"),
        "7: steps.a.home: only a remark on the way may be left out abroad",
    ),
    (
        "an end that is left out abroad",
        GOOD + "    home: true\n",
        "12: steps.b.home: only a remark on the way may be left out abroad",
    ),
    (
        "a condition on what nobody asks",
        MIDDLE.replace("COLOUR", "size: [red]"),
        "11: steps.b.only_if.size: no question saves size from choices",
    ),
    (
        "a condition that never holds",
        MIDDLE.replace("COLOUR", "colour: [green]"),
        "11: steps.b.only_if.colour: colour is never green",
    ),
    (
        "an end that may be passed over",
        GOOD + "    only_if: {colour: [red]}\n",
        "12: steps.b.only_if: a step that may be passed over cannot be the end",
    ),
    (
        "a place with choices",
        GOOD.replace("save:", "place: true\n    save:"),
        "7: steps.a.place: a place is a question in own words with `save`",
    ),
    (
        "a value nowhere kept",
        GOOD.replace("    save: colour\n", ""),
        "5: steps.a.choices.0.value: a value needs the step's `save`",
    ),
    ("broken YAML", "steps: [", "2: did not find expected node content"),
    ("a step twice", GOOD + "  b:\n    say: Bye\n    end: true\n", "12: b: stands here twice"),
    ("no steps", "steps: {}\n", "1: steps: Dictionary should have at least 1 item after validation, not 0"),
]


def write(folder: Path, text: str) -> Path:
    flows = folder / "flows"
    flows.mkdir()
    (flows / "keywords.tsv").write_text(KEYWORDS, encoding="utf-8")
    (flows / "slots.tsv").write_text("slot\tlanguage\twords\tnote\n", encoding="utf-8")
    (flows / "frames.tsv").write_text("fact\tframe\tnote\n", encoding="utf-8")
    for name in ("answers.model", "loanwords.tsv"):
        shutil.copy(f"flows/{name}", flows)
    for name in ("start", "help"):
        (flows / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    (flows / "tip.yaml").write_text(text, encoding="utf-8")
    return flows


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_fault_is_named_with_file_line_and_step(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataFileError) as refused:
        Flows.load(write(tmp_path, text), None)
    assert f"flows/tip.yaml:{message}" in refused.value.problems


def test_a_text_without_translation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError) as refused:
        Flows.load(write(tmp_path, GOOD), lambda language, text: (language, text) != ("sd", "Blue"))
    assert "flows/tip.yaml:6: steps.a.choices.1.say: no translation into sd" in refused.value.problems


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD.replace("next: b", "next: z"))
    (folder / "help.yaml").write_text(GOOD.replace("value: blue", "value: red"), encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Flows.load(folder, None)
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["flows/help.yaml", "flows/tip.yaml"]


def test_a_folder_without_a_start_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    (folder / "start.yaml").unlink()
    with pytest.raises(DataFileError, match=r"^flows/start\.yaml: is missing$"):
        Flows.load(folder, None)


def test_the_revision_changes_with_any_byte_of_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    before = Flows.load(folder, None).flows
    (folder / "tip.yaml").write_text(GOOD + "# a comment\n", encoding="utf-8")
    after = Flows.load(folder, None).flows
    assert before["tip"].revision != after["tip"].revision
    assert before["help"].revision == after["help"].revision


def test_a_condition_and_a_confirmation_that_make_sense_are_taken(tmp_path: Path) -> None:
    text = MIDDLE.replace("COLOUR", "colour: [red]").replace(
        "say: Bye", "ask: Who?\n    confirm: '{known}?'\n    save: who"
    )
    node = Flows.load(write(tmp_path, text), None).node("tip", "b")
    assert node.only_if == {"colour": ("red",)}
    assert node.confirm is not None
    assert node.confirm.text == "{known}?"


def test_only_where_messages_are_free_it_is_said(tmp_path: Path) -> None:
    """And a conversation that began before a release keeps to it."""
    free = GOOD.replace("    ask: Question\n", "    ask: Question\n    free: A question, free\n")
    for name in ("start", "help", "plain"):
        (tmp_path / f"{name}.yaml").write_text(free)
    (tmp_path / "keywords.tsv").write_text(KEYWORDS)
    (tmp_path / "slots.tsv").write_text("slot\tlanguage\twords\tnote\n")
    (tmp_path / "frames.tsv").write_text("fact\tframe\tnote\n")
    for name in ("answers.model", "loanwords.tsv"):
        shutil.copy(f"flows/{name}", tmp_path)
    for costs, said in ((False, "A question, free"), (True, "Question")):
        flows = Flows.load(tmp_path, has_text=None, free=not costs)
        assert flows.first("plain").say.text == said
        assert flows.pinned("plain", "older", free).first("plain").say.text == said
