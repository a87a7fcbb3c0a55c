"""How urgent a report is, by the rules of flows/triage.yaml. The reasons are facts for the officer, never a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from hotline.conversation.words import Words
from hotline.datafile import DataFile, DataFileError, Strict

Priority = Literal["P1", "P2", "P3"]


class When(Strict):
    """All that is given must hold."""

    words: tuple[str, ...] = ()
    answer: dict[str, str] = Field(default_factory=dict)
    kind: Literal["tip", "help"] | None = None


class Verdict(Strict):
    """What holds when no rule does."""

    priority: Priority
    reason: str


class Rule(Verdict):
    """One line of the table."""

    when: When

    def holds(self, kind: str, concepts: frozenset[str], answers: Mapping[str, str | None]) -> bool:
        """Whether everything under `when` is so."""
        return (
            (not self.when.words or not concepts.isdisjoint(self.when.words))
            and all(answers.get(field) == value for field, value in self.when.answer.items())
            and self.when.kind in (None, kind)
        )


class TriageFile(Strict):
    """flows/triage.yaml."""

    default: Verdict
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A priority and why: `reasons` are English msgids, those of this priority first."""

    priority: Priority
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Triage:
    """The rules, loaded."""

    file: TriageFile
    words: Words

    @classmethod
    def load(cls, path: Path, words: Words) -> "Triage":
        """Raises DataFileError: `flows/triage.yaml:7: rules.0.when.words: message`."""
        file = DataFile(path)
        model = file.parse(TriageFile)
        problems = [
            file.problem(message, "rules", position, "when", *where)
            for position, rule in enumerate(model.rules)
            for message, where in _faults(rule.when, words)
        ]
        if problems:
            raise DataFileError(problems)
        return cls(model, words)

    def assess(self, kind: str, texts: Sequence[str], answers: Mapping[str, str | None]) -> Assessment:
        """The highest priority of the rules that hold.

        `kind` is "tip" or "help"; `texts` is all that the person typed; `answers` are choice values by field.
        """
        concepts = frozenset[str]().union(*(self.words.contains(text) for text in texts))
        held: list[Verdict] = [rule for rule in self.file.rules if rule.holds(kind, concepts, answers)]
        held = sorted(held or [self.file.default], key=lambda rule: rule.priority)
        return Assessment(held[0].priority, tuple(dict.fromkeys(rule.reason for rule in held)))


def _faults(when: When, words: Words) -> list[tuple[str, tuple[str, ...]]]:
    if not (when.words or when.answer or when.kind):
        return [("needs `words`, `answer` or `kind`", ())]
    unknown = [concept for concept in when.words if concept not in words.variants]
    return [(f"{concept} is not in keywords.tsv", ("words",)) for concept in unknown]
