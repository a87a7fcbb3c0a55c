"""The second reader of answers: which option of a question an answer is like, by flows/answers.model.

`make model` makes the file of flows/examples/answers.tsv. After a first line of JSON it has a table for each question: a
byte for each option and number. A table is read as in `weights.py`; what comes out are probabilities.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from hotline.conversation.reading import features
from hotline.conversation.reading.weights import ZERO, columns, read
from hotline.core.datafile import DataFileError

FILE = "answers.model"
VERSION = 1
# Numbers of letters, words and signs: answers are short and need fewer than messages
VIEWS = (1 << 13, 1 << 13, 1 << 12)
NONE = "-"  # no option
_STARTS = tuple(accumulate(VIEWS, initial=0))[:-1]


class Question(BaseModel):
    """What is written of a question beside its table. `name`: "help/safe"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    options: tuple[str, ...]  # by name, and NONE
    steps: tuple[tuple[float, ...], ...]  # by view and option: what one step of a byte is worth
    shifts: tuple[float, ...]  # by option


class AnswersHeader(BaseModel):
    """The first line of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    version: int
    answers: str  # the checksum of the answers that it was made of
    views: tuple[int, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """The tables of all questions that answers were written for."""

    header: AnswersHeader
    _tables: Mapping[str, tuple[Question, bytes]]

    @classmethod
    def load(cls, path: Path) -> "AnswerReader":
        """Read the file. Raises DataFileError: `flows/answers.model: message`."""
        header, body = read(path, AnswersHeader)
        sizes = [sum(VIEWS) * len(question.options) for question in header.questions]
        if header.version != VERSION or header.views != VIEWS or len(body) != sum(sizes):
            fault = "it was made for another version, or is cut off; `make model` writes it anew"
            raise DataFileError([f"{path.parent.name}/{path.name}: {fault}"])
        ends = list(accumulate(sizes))
        tables = (body[end - size : end] for size, end in zip(sizes, ends, strict=True))
        return cls(header, {one.name: (one, table) for one, table in zip(header.questions, tables, strict=True)})

    def shares(self, question: str, views: Sequence[Iterable[int]]) -> dict[str, float]:
        """How likely each option is meant, and NONE; nothing for a question that no answers were written for.

        `views` is what `numbers` makes of the answer.
        """
        if question not in self._tables:
            return {}
        known, table = self._tables[question]
        odds = list(known.shifts)
        for steps, view in zip(known.steps, views, strict=True):
            rows = list(view)
            sums, length = columns(table, len(known.options), rows), math.sqrt(len(rows)) or 1.0
            for at, (total, step) in enumerate(zip(sums, steps, strict=True)):
                odds[at] += (total - ZERO * len(rows)) * step / length
        return _softmax(known.options, odds)


def numbers(normalised: str, words: Sequence[str], signs: Iterable[str]) -> tuple[set[int], ...]:
    """The numbers of an answer, view by view: those of a message, counted in fewer."""
    views = (features.letters(normalised), features.words(words), features.signs(signs))
    return tuple(
        {start + number % size for number in view} for start, size, view in zip(_STARTS, VIEWS, views, strict=True)
    )


def _softmax(names: Sequence[str], odds: Sequence[float]) -> dict[str, float]:
    highest = max(odds)
    found = [math.exp(each - highest) for each in odds]
    total = sum(found)
    return {name: each / total for name, each in zip(names, found, strict=True)}
