"""What the second reader adds to triage: it raises, and never lowers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hotline.conversation.reading import examples
from hotline.conversation.words import Words
from hotline.core.datafile import DataFileError
from hotline.core.priority import Priority
from hotline.reports.triage import Triage

FLOWS = Path("flows").resolve()
WORDS = Words.load(FLOWS / "keywords.tsv")
TRIAGE = Triage.load(FLOWS / "triage.yaml", WORDS)
ALONE = replace(TRIAGE, reader=None)  # the rules
BANK = examples.load(FLOWS / "examples")
READ_FIRST = "Read first: it is like urgent messages"


def changed(**values: Any) -> Triage:
    """Triage with other thresholds."""
    assert TRIAGE.file.second_reader is not None
    thresholds = TRIAGE.file.second_reader.model_copy(update=values)
    return replace(TRIAGE, file=TRIAGE.file.model_copy(update={"second_reader": thresholds}))


@pytest.mark.parametrize("answers", [{}, {"when": "past"}, {"children": "yes"}], ids=["none", "past", "children"])
def test_it_never_lowers(answers: dict[str, str | None]) -> None:
    for one in BANK[::12]:
        found, by_rules = TRIAGE.rate("tip", [one.text], answers), ALONE.rate("tip", [one.text], answers)
        assert found.priority <= by_rules.priority
        assert set(by_rules.reasons) - set(found.reasons) <= {TRIAGE.file.default.reason}


def test_sorting_only_gains_pages_and_the_integrity_lane_where_a_rule_found_something() -> None:
    for one in BANK[::12]:
        found, by_rules = TRIAGE.sort([one.text]), ALONE.sort([one.text])
        assert found.integrity >= by_rules.integrity
        if by_rules.says or by_rules.aside is not None:
            assert found.aside in (None, by_rules.aside)


def test_what_no_rule_finds_anything_in_is_set_aside_only_if_it_is_like_nothing() -> None:
    text = "koi acha resort batao murree me"
    assert changed(nothing=0.01, calm=0.99).sort([text]).aside is not None
    assert changed(nothing=0.99, calm=0.99).sort([text]).aside is None
    assert changed(nothing=0.01, calm=0.001).sort([text]).aside is None


def test_more_texts_never_lower() -> None:
    for one, other in zip(BANK[::40], BANK[1::40], strict=False):
        both, alone = TRIAGE.rate("tip", [one.text, other.text], {}), TRIAGE.rate("tip", [one.text], {})
        assert both.priority <= alone.priority or alone.reasons == (TRIAGE.file.default.reason,)


def test_what_is_like_urgent_messages_is_read_first() -> None:
    past: dict[str, str | None] = {"when": "past"}
    text = next(one.text for one in BANK if one.priority == "P1" and ALONE.rate("tip", [one.text], past).priority == 3)
    found = changed(first=0.01, urgent=0.99, signs=()).rate("tip", [text], past)
    assert found.priority == Priority.P2
    assert found.reasons == (READ_FIRST, "It happened before")


def test_a_reason_of_nothing_does_not_stand_beside_one() -> None:
    found = changed(first=0.01, urgent=0.99).rate("tip", ["meri behan ghar"], {})
    assert found.reasons == (READ_FIRST,)


def test_it_needs_a_sign_of_its_own_to_be_as_urgent_as_can_be() -> None:
    assert changed(urgent=0.01, first=0.01, signs=()).rate("tip", ["bachi ghar"], {}).priority == Priority.P2
    assert changed(urgent=0.01, first=0.01, signs=("CHILD",)).rate("tip", ["bachi ghar"], {}).priority == Priority.P1


def test_where_an_official_is_named_less_likeness_will_do_for_the_integrity_lane() -> None:
    text = "police wala ghar aya"
    assert changed(integrity=0.001, unnamed=0.999).sort([text]).integrity
    assert not changed(integrity=0.001, unnamed=0.999, officials=("BOSS",)).sort([text]).integrity
    assert changed(integrity=0.999, unnamed=0.001, officials=("BOSS",)).sort([text]).integrity
    assert not changed(integrity=0.999, unnamed=0.001).sort([text]).integrity


def test_officials_without_a_name_are_heard() -> None:
    text = "lady at the registration counter makes cards for girls who are nobody's daughters, 40 thousand each"
    assert TRIAGE.sort([text]).integrity
    assert not ALONE.sort([text]).integrity


def test_a_name_alone_is_like_nothing() -> None:
    assert changed(first=0.01).rate("tip", ["Ali"], {}).reasons == (TRIAGE.file.default.reason,)


def test_the_kind_is_chosen_where_no_rule_does_and_only_if_it_is_sure() -> None:
    text = "mera beta dubai gaya tha ab us ka koi pata nahi"
    by_rules = next((row.kind for row in ALONE.file.kinds if row.when.holds("", WORDS.contains(text), {})), None)
    assert changed(kind=0.01).sort([text]).kind == (by_rules or "family")
    assert changed(kind=0.99).sort(["aurat wahan hai"]).kind == "tip"


def test_a_plea_takes_a_lead_over_a_tip() -> None:
    """Who may be telling of others is asked what they saw."""
    text = "they beat the workers here every day"
    assert ALONE.sort([text]).kind == "tip"
    assert changed(lead=0.001).sort([text]).kind == "help"
    assert changed(lead=0.5).sort([text]).kind == "tip"


def test_the_officer_sees_what_it_is_like_only_where_it_counted() -> None:
    text = "us ke bare me kuch likhna hai"
    alike = changed(first=0.01, urgent=0.99).assess("tip", [text], {})
    assert len(alike.alike) == 2
    assert all(text[:4] in ("P1: ", "P2: ", "P3: ") for text in alike.alike)
    assert ALONE.assess("tip", [text], {}).alike == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"signs": "[NONE]"}, "second_reader.signs: NONE is in no table"),
        ({"officials": "[NONE]"}, "second_reader.officials: NONE is in no table"),
        ({"urgent": "1.5"}, "second_reader.urgent: Input should be less than 1"),
        ({"kind": "many"}, "second_reader.kind: Input should be a valid number"),
        ({"junk": "0.8"}, "second_reader.junk: unknown key"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    fields = {
        **dict.fromkeys(
            ("urgent", "first", "integrity", "unnamed", "serious", "nothing", "calm", "kind", "lead"), "0.5"
        ),
        "signs": "[CHILD]",
        "officials": "[OFFICIAL]",
        "reason": "R",
        "aside": "{reason: A}",
        **changes,
    }
    path = tmp_path / "flows" / "triage.yaml"
    path.parent.mkdir()
    rows = "".join(f"  {name}: {value}\n" for name, value in fields.items())
    path.write_text(f"default: {{priority: P2, reason: R}}\nrules: []\nsecond_reader:\n{rows}", encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        Triage.load(path, WORDS)
    assert message in refused.value.problems[0]


def test_without_its_file_nothing_starts(tmp_path: Path) -> None:
    path = tmp_path / "flows" / "triage.yaml"
    path.parent.mkdir()
    path.write_bytes((FLOWS / "triage.yaml").read_bytes())
    with pytest.raises(DataFileError) as refused:
        Triage.load(path, WORDS)
    assert refused.value.problems == ["flows/reader.model: No such file or directory; `make model` writes it"]
