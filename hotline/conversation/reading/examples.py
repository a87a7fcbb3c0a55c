"""The labelled examples of flows/examples: what the second reader is made of, and shown for its reason."""

import hashlib
import heapq
import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from hotline.conversation import table
from hotline.conversation.letters import normalise
from hotline.conversation.reading import features
from hotline.core.datafile import DataFileError

COLUMNS = ("text", "language", "kind", "priority", "lane", "place", "about")
ANSWER_COLUMNS = ("flow", "step", "answer", "value", "spelling")
SPELLINGS = ("ur", "ur-Latn", "sd", "sd-Latn", "en", "mixed")  # a file each
VALUES = {
    "language": ("ur", "sd", "en"),
    "kind": (
        *("help", "tip", "family", "professional", "question", "thanks", "abuse", "advert", "wrong_number", "test"),
        "greeting",
    ),
    "priority": ("P1", "P2", "P3"),
    "lane": ("circle", "integrity"),
}
COMMON = 0.02  # the share of examples from which on an n-gram tells them apart no more
TELLING = 400  # runs of a message are looked up, the rarest: this bounds the work
RUN = (4,)  # letters
LEAST = 0.1  # of 1, a text of the same runs: what is less like a message says nothing of it


@dataclass(frozen=True, slots=True)
class Example:
    """A message that somebody might send, and what it is. `spelling`: the file that it stands in."""

    text: str
    language: str
    kind: str
    priority: str
    lane: str
    spelling: str
    place: str  # where it stands, "flows/examples/ur.tsv:12"


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer that somebody might give, and the option that it means ("-": none). `question`: "help/safe"."""

    question: str
    text: str
    option: str
    spelling: str


def load_answers(folder: Path) -> list[LabelledAnswer]:
    """All answers. Raises DataFileError: `examples/answers.tsv:12:3: message`."""
    rows, problems = table.read(folder / "answers.tsv", ANSWER_COLUMNS)
    problems += [row.problem("answer", "is missing") for row in rows if not row["answer"]]
    problems += [
        row.problem("spelling", f"one of {', '.join(SPELLINGS)}") for row in rows if row["spelling"] not in SPELLINGS
    ]
    if problems:
        raise DataFileError(problems)
    return [
        LabelledAnswer(f"{row['flow']}/{row['step']}", row["answer"], row["value"], row["spelling"]) for row in rows
    ]


def load(folder: Path) -> list[Example]:
    """All examples. Raises DataFileError: `examples/ur.tsv:12:3: message`."""
    examples, problems = list[Example](), list[str]()
    for spelling in SPELLINGS:
        rows, faults = table.read(folder / f"{spelling}.tsv", COLUMNS)
        problems += faults + [problem for row in rows for problem in _faults(row)]
        examples += [
            Example(row["text"], row["language"], row["kind"], row["priority"], row["lane"], spelling, row.line)
            for row in rows
        ]
    if problems:
        raise DataFileError(problems)
    return examples


def checksum(examples: Sequence[Example]) -> str:
    """A checksum of all that the weights are made of."""
    return _checksum((one.text, one.language, one.kind, one.priority, one.lane, one.spelling) for one in examples)


def checksum_of_answers(answers: Sequence[LabelledAnswer]) -> str:
    """The same of answers."""
    return _checksum((one.question, one.text, one.option) for one in answers)


def _checksum(rows: Iterable[tuple[str, ...]]) -> str:
    return hashlib.sha256("\n".join(map("\t".join, rows)).encode()).hexdigest()


def _faults(row: table.Row) -> Iterator[str]:
    if not row["text"]:
        yield row.problem("text", "is missing")
    for column, values in VALUES.items():
        if row[column] not in values:
            yield row.problem(column, f"one of {', '.join(values)}")


class Nearest:
    """Finds the examples that share most runs of four letters with a message, rare ones counting more."""

    def __init__(self, examples: Sequence[Example], rarity: Callable[[int], float]) -> None:
        self._examples, self._rarity = examples, rarity
        seen = [array("H", sorted(features.letters(normalise(one.text), RUN))) for one in examples]
        counts = array("I", bytes(4 * features.LETTERS))
        for number in chain.from_iterable(seen):
            counts[number] += 1
        most = max(int(COMMON * len(examples)), 2)
        told = (count if count <= most else 0 for count in counts)
        self._lengths = array("f", (math.sqrt(sum(map(rarity, numbers))) or 1.0 for numbers in seen))
        # One array for all lists of examples, number by number: an object for each number would take ten times as much.
        self._starts = array("I", accumulate(told, initial=0))
        self._where = array("H", bytes(2 * self._starts[-1]))
        free = self._starts[:]
        for position, numbers in enumerate(seen):
            for number in numbers:
                if counts[number] <= most:
                    self._where[free[number]] = position
                    free[number] += 1

    def find(self, text: str, count: int) -> list[Example]:
        """The nearest examples, the nearest first; none that shares nothing."""
        runs = features.letters(normalise(text), RUN)
        shared: dict[int, float] = defaultdict(float)
        for number in sorted(runs, key=self._frequency)[:TELLING]:
            weight = self._rarity(number)
            for position in self._where[self._starts[number] : self._starts[number + 1]]:
                shared[position] += weight / self._lengths[position]
        least = LEAST * math.sqrt(sum(map(self._rarity, runs)))
        best = heapq.nlargest(count, shared, key=lambda one: (shared[one], -one))
        return [self._examples[position] for position in best if shared[position] >= least]

    def _frequency(self, number: int) -> int:
        return self._starts[number + 1] - self._starts[number]
