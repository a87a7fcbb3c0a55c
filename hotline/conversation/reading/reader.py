"""What a message says: the facts that its words show, each with the words themselves; by slots.tsv and frames.tsv."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.conversation.letters import normalise
from hotline.conversation.reading import values
from hotline.conversation.reading.frames import Frames
from hotline.conversation.reading.slots import Entry, Slots, Span
from hotline.conversation.reading.spacing import Spacing
from hotline.core.datafile import DataFileError

MAX_WORDS = 400  # of a message are read; the rest is kept all the same
MAX_LETTERS = 4000
_SIGNS = str.maketrans({"۾": " ۾ ", "۽": " ۽ ", "'": None, "’": None})  # words of one sign, written to the one before


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a fact is thought to be there: the words of the message that show it, and the line of the table that says so.

    `heeds`: the line looks for a denial itself, so that the fact holds in a sentence with a "not" too.
    """

    words: str
    place: str
    heeds: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as it was read. `words` are normalised; `pieces` is for each of them what was really written."""

    pieces: tuple[str, ...]
    words: tuple[str, ...]
    slots: Mapping[str, list[Span]]
    facts: Mapping[str, Evidence]

    def quote(self, span: Span) -> str:
        """What was written there."""
        return " ".join(dict.fromkeys(self.pieces[span[0] : span[1]]))


class Reader:
    """The tables of flows/, ready to read messages by."""

    def __init__(self, slots: Slots, frames: Frames, numerals: Mapping[str, int], spacing: Spacing) -> None:
        self._slots, self._frames, self._numerals, self._spacing = slots, frames, numerals, spacing

    @classmethod
    def load(cls, folder: Path, numerals: Mapping[str, int]) -> "Reader":
        """Read slots.tsv and frames.tsv. Raises DataFileError: `flows/slots.tsv:12:3: message`."""
        slots, problems = Slots.load(folder / "slots.tsv")
        frames, others = Frames.load(folder / "frames.tsv", slots, values.COMPUTED)
        if problems or others:
            raise DataFileError(problems + (others if not problems else []))
        return cls(slots, frames, numerals, Spacing(slots.spellings()))

    @property
    def facts(self) -> frozenset[str]:
        """All facts that a message can show."""
        return self._frames.facts

    @lru_cache(maxsize=4)  # noqa: B019  # one message is asked for several times; there is one reader a process
    def read(self, text: str) -> Reading:
        """Read a message. Its cost is bounded whatever the text."""
        pieces, words = self._words(text)
        slots = self._slots.find(words)
        for name, spans in values.find(words, slots, self._numerals).items():
            slots[name] = slots.get(name, []) + spans
        empty = Reading(tuple(pieces), tuple(words), slots, {})
        shown = self._frames.find(slots)
        return Reading(
            empty.pieces, empty.words, slots,
            {fact: Evidence(empty.quote(span), frame.place, frame.heeds) for fact, (frame, span) in shown.items()},
        )  # fmt: skip

    def values(self, reading: Reading) -> list[int]:
        """The numbers of a message, in their order."""
        found = (values.number(word, self._numerals) for word in reading.words)
        return [value for value in found if value is not None]

    def entries(self, reading: Reading) -> Iterator[tuple[Entry, Span]]:
        """The lines of slots.tsv that a reading used."""
        return self._slots.entries(reading.words)

    def _words(self, text: str) -> tuple[list[str], list[str]]:
        pieces, words = list[str](), list[str]()
        for piece in text[:MAX_LETTERS].translate(_SIGNS).split():
            for word in normalise(piece).split(" "):
                for part in self._spacing.apart(word) if word else ():
                    pieces.append(piece)
                    words.append(part)
            if len(words) >= MAX_WORDS:
                break
        return pieces[:MAX_WORDS], words[:MAX_WORDS]
