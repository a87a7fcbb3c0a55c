"""Frames: which slots together, within how many words, show a fact; from flows/frames.tsv.

`NOT LET LEAVE within 5`: all three, in any order, within five words. `SELL|GIVE`: either. `!GOODS`: not near them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.conversation import table
from hotline.conversation.reading.slots import Slots, Span, merged

COLUMNS = ("fact", "frame", "note")
WITHIN = 6  # words, where a frame does not say
_DENIES = re.compile("NO(?!W)|DONT|CANT")  # slots whose names begin so deny; NOW is none
NEAR = 3  # words around a finding in which what must not stand there is looked for
_FRAME = re.compile(r"(?P<items>!?[A-Z][A-Z0-9_|]*(?: !?[A-Z][A-Z0-9_|]*)*)(?: within (?P<within>[0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the table. `items`: one slot of each must stand there; `absent`: none of these near them."""

    fact: str
    items: tuple[tuple[str, ...], ...]
    absent: tuple[str, ...]
    within: int
    place: str

    @property
    def heeds(self) -> bool:
        """Tell whether the line looks for a denial, as what must or must not stand there."""
        return any(_DENIES.match(name) for names in (*self.items, self.absent) for name in names)

    def find(self, found: Mapping[str, list[Span]]) -> Span | None:
        """The first words of a message that fit, if any do."""
        places = [merged(found, item) for item in self.items]
        if not all(places):
            return None
        for anchor in places[0]:
            span = _around(anchor, places[1:], self.within)
            if span is not None and not self._denied(span, found):
                return span
        return None

    def _denied(self, span: Span, found: Mapping[str, list[Span]]) -> bool:
        first, last = span[0] - NEAR, span[1] + NEAR
        for start, end in merged(found, self.absent):
            within = len(self.items) == 1 and span[0] <= start and end <= span[1]  # "koi masla nahi" is one expression
            if first <= start and end <= last and not within:
                return True
        return False


def _around(anchor: Span, others: Sequence[list[Span]], within: int) -> Span | None:
    """The words from the anchor to the nearest of each other item, if they are within reach; no word counts twice."""
    taken, first, last = [anchor], anchor[0], anchor[1]
    for spans in others:
        free = [span for span in spans if all(span[1] <= used[0] or used[1] <= span[0] for used in taken)]
        near = [span for span in free if max(last, span[1]) - min(first, span[0]) <= within]
        if not near:
            return None
        best = min(near, key=lambda span: abs(span[0] - anchor[0]))
        taken.append(best)
        first, last = min(first, best[0]), max(last, best[1])
    return first, last


@dataclass(frozen=True, slots=True)
class Frames:
    """The table. A frame is looked at only if the slots of its first item are there."""

    facts: frozenset[str]
    _by_slot: dict[str, tuple[Frame, ...]]

    @classmethod
    def load(cls, path: Path, slots: Slots, computed: frozenset[str]) -> tuple["Frames", list[str]]:
        """Read frames.tsv; the frames and the problems. `computed`: slots that no table lists, such as CHILD_AGE."""
        rows, problems = table.read(path, COLUMNS)
        problems += [problem for row in rows for problem in _faults(row, slots.names | computed)]
        frames = [frame(row) for row in rows] if not problems else []
        by_slot: dict[str, list[Frame]] = {}
        for one in frames:
            for slot in one.items[0]:
                by_slot.setdefault(slot, []).append(one)
        facts = frozenset(one.fact for one in frames)
        return cls(facts, {slot: tuple(several) for slot, several in by_slot.items()}), problems

    def find(self, found: Mapping[str, list[Span]]) -> dict[str, tuple[Frame, Span]]:
        """The facts that the slots of a message show, each with the frame that did and its words."""
        facts: dict[str, tuple[Frame, Span]] = {}
        for slot in found:
            for one in self._by_slot.get(slot, ()):
                if one.fact not in facts and (span := one.find(found)) is not None:
                    facts[one.fact] = (one, span)
        return facts


def frame(row: table.Row) -> Frame:
    """Make a frame of a checked row."""
    parsed = _FRAME.fullmatch(row["frame"])
    if parsed is None:
        raise ValueError(row.line)
    items = parsed["items"].split(" ")
    wanted = tuple(tuple(item.split("|")) for item in items if not item.startswith("!"))
    absent = tuple(name for item in items if item.startswith("!") for name in item[1:].split("|"))
    return Frame(row["fact"], wanted, absent, int(parsed["within"] or WITHIN), row.line)


def _faults(row: table.Row, known: set[str]) -> Iterator[str]:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", row["fact"]):
        yield row.problem("fact", "capitals, digits and _ only")
    parsed = _FRAME.fullmatch(row["frame"])
    if parsed is None:
        yield row.problem("frame", "slots apart by a space, | for or, ! for not, and `within 5` at the end")
        return
    names = re.findall(r"[A-Z][A-Z0-9_]*", parsed["items"])
    yield from (row.problem("frame", f"{name} is not in slots.tsv") for name in names if name not in known)
    if all(item.startswith("!") for item in parsed["items"].split(" ")):
        yield row.problem("frame", "needs a slot that must stand there")
