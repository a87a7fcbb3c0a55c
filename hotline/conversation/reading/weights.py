"""The weights of the second reader: one file, flows/reader.model, that `make model` writes.

A first line of JSON, then a byte for each head and number, the heads of one number side by side; the last byte of a
number says how rare it is. They stay in memory as they stand in the file: the bytes of a message's numbers are put
behind one another, and every so-manieth of them is added up, which Python does without a loop of its own.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hotline.conversation.reading.features import VIEWS
from hotline.core.datafile import DataFileError

VERSION = 1
LANGUAGES = ("ur", "sd", "en", "none")
KINDS = ("help", "tip", "family", "professional", "none")
ODDS = ("urgent", "serious", "integrity")  # each by itself
HEADS = (*(f"language {name}" for name in LANGUAGES), *ODDS, *(f"kind {name}" for name in KINDS))
RARITY = len(HEADS)  # the place of the last byte: the square of a number's weight by rarity
RARITY_STEP = 1 / 3  # what one step of it is worth
# Added to the square of a view's length: a message of two words would shout else.
DAMPING = (0.0, 200.0, 200.0)
ZERO = 128  # a byte that weighs nothing
_SIZE = len(HEADS) + 1  # bytes of a number


AnyHeader = TypeVar("AnyHeader", bound=BaseModel)


class Header(BaseModel):
    """The first line of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    version: int
    examples: str  # the checksum of the examples that it was made of
    views: tuple[int, ...]
    heads: tuple[str, ...]
    steps: tuple[tuple[float, ...], ...]  # by view and head: what one step of a byte is worth
    shifts: tuple[float, ...]  # by head: what a message without any n-gram has


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights, loaded."""

    header: Header
    _bytes: bytes

    @classmethod
    def load(cls, path: Path) -> "Weights":
        """Read the file. Raises DataFileError: `flows/reader.model: message`."""
        header, body = read(path, Header)
        fault = _fault(header, len(body))
        if fault:
            raise DataFileError([f"{path.parent.name}/{path.name}: {fault}; `make model` writes it anew"])
        return cls(header, body)

    def sums(self, views: Sequence[Iterable[int]]) -> list[float]:
        """What each head makes of a message, whose numbers are given for each view: its log odds."""
        return self.total([self.part(view, numbers) for view, numbers in enumerate(views)])

    def part(self, view: int, numbers: Iterable[int]) -> list[float]:
        """What each head makes of the numbers of one view."""
        sums, rarity = self._added(numbers)
        length = math.sqrt(rarity + DAMPING[view]) if rarity else 1.0
        return [each * step / length for each, step in zip(sums, self.header.steps[view], strict=True)]

    def total(self, parts: Sequence[Sequence[float]]) -> list[float]:
        """The log odds of each head, of what it makes of each view."""
        return [sum(shift) for shift in zip(self.header.shifts, *parts, strict=True)]

    def rarity(self, number: int) -> float:
        """The square of the weight that a number has for being rare."""
        return self._bytes[number * _SIZE + RARITY] * RARITY_STEP

    def _added(self, numbers: Iterable[int]) -> tuple[list[int], float]:
        rows = list(numbers)
        *heads, rarity = columns(self._bytes, _SIZE, rows)
        return [head - ZERO * len(rows) for head in heads], rarity * RARITY_STEP


def columns(table: bytes, width: int, rows: Iterable[int]) -> list[int]:
    """Add up each column over some rows of a table, `width` bytes a row."""
    found = b"".join([table[row * width : row * width + width] for row in rows])
    return [sum(found[column::width]) for column in range(width)]


def read(path: Path, kind: type[AnyHeader]) -> tuple[AnyHeader, bytes]:
    """Read a file of weights: its first line, and the bytes behind. Raises DataFileError: `flows/reader.model: message`."""
    shown = f"{path.parent.name}/{path.name}"
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        return kind.model_validate(json.loads(first)), body
    except OSError as error:
        raise DataFileError([f"{shown}: {error.strerror or 'unreadable'}; `make model` writes it"]) from error
    except (ValueError, ValidationError) as error:
        raise DataFileError([f"{shown}: its first line is damaged; `make model` writes it anew"]) from error


def dump(path: Path, header: BaseModel, body: bytes) -> None:
    """Write the file: the same weights make the same bytes."""
    fields: Mapping[str, object] = header.model_dump(mode="json")
    path.write_bytes(json.dumps(fields, separators=(",", ":")).encode() + b"\n" + body)


def _fault(header: Header, size: int) -> str:
    if header.version != VERSION or header.heads != HEADS or header.views != VIEWS:
        return "it was made for another version"
    shape = [len(steps) for steps in header.steps] == [len(HEADS)] * len(VIEWS) and len(header.shifts) == len(HEADS)
    if not shape or not all(map(math.isfinite, (*sum(header.steps, ()), *header.shifts))):
        return "its first line is damaged"
    wanted = sum(VIEWS) * _SIZE
    return "" if size == wanted else f"{size} bytes of weights, {wanted} needed"
