"""What a message says: the facts that its words show, each with the words themselves; by slots.tsv and frames.tsv."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from hotline.conversation.letters import normalise
from hotline.conversation.reading import loanwords, values
from hotline.conversation.reading.frames import Frames
from hotline.conversation.reading.slots import Slots, Span, Spelling
from hotline.conversation.reading.spacing import Spacing
from hotline.core.datafile import DataFileError

MAX_WORDS = 400  # of a message are read; the rest is kept all the same
MAX_LETTERS = 4000
_SIGNS = str.maketrans({"۾": " ۾ ", "۽": " ۽ ", "'": None, "’": None})  # words of one sign, written to the one before


@dataclass(frozen=True, slots=True)
class Shown:
    """Where in a message a fact shows, and the line of frames.tsv that says so.

    `heeds`: the line looks for a denial itself, so that the fact holds in a sentence with a "not" too.
    """

    span: Span
    place: str
    heeds: bool = False


@dataclass(frozen=True)
class Reading:
    """A message as it was read: its normalised words, the slots among them, and the facts that these show."""

    text: str
    words: tuple[str, ...]
    origins: tuple[int, ...]  # for each word its place among the normalised words as they were written: "14saal" is two
    slots: Mapping[str, list[Span]]
    facts: Mapping[str, Shown]

    def quote(self, span: Span) -> str:
        """What was written there, as it was written."""
        return " ".join(dict.fromkeys(self._pieces[span[0] : span[1]]))

    def evidence(self, fact: str) -> str:
        """The words that show a fact, as they were written."""
        return self.quote(self.facts[fact].span)

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        """For each word what was really written; the word itself if that can't be told."""
        pieces = self.text.translate(_SIGNS).split()
        written = [piece for piece in pieces for _ in normalise(piece).split()]
        if self.origins and len(written) <= self.origins[-1]:
            return self.words
        return tuple(written[origin] for origin in self.origins)


class Reader:
    """The tables of flows/, ready to read messages by."""

    def __init__(self, slots: Slots, frames: Frames, numerals: Mapping[str, int], loans: Mapping[str, str]) -> None:
        self._slots, self._frames, self._numerals, self._loans = slots, frames, numerals, loans
        self._spacing = Spacing(slots.spellings())

    @classmethod
    def load(cls, folder: Path, numerals: Mapping[str, int]) -> "Reader":
        """Read slots.tsv, frames.tsv and loanwords.tsv. Raises DataFileError: `flows/slots.tsv:12:3: message`."""
        slots, problems = Slots.load(folder / "slots.tsv")
        frames, others = Frames.load(folder / "frames.tsv", slots, values.COMPUTED)
        loans, faults = loanwords.load(folder / "loanwords.tsv", slots.spellings())
        if problems or others or faults:
            raise DataFileError(problems + (others if not problems else []) + faults)
        return cls(slots, frames, numerals, loans)

    @property
    def facts(self) -> frozenset[str]:
        """All facts that a message can show."""
        return self._frames.facts

    @property
    def slots(self) -> frozenset[str]:
        """All slots that can stand in a message."""
        return frozenset(self._slots.names) | values.COMPUTED

    @lru_cache(maxsize=4)  # noqa: B019  # one message is asked for several times; there is one reader a process
    def read(self, text: str) -> Reading:
        """Read a message. Its cost is bounded whatever the text."""
        spaced = normalise(text[:MAX_LETTERS].translate(_SIGNS))
        apart = [self._spacing.apart(word) for word in spaced.split(" ")[:MAX_WORDS] if word]
        words = [self._loans.get(part, part) for parts in apart for part in parts]
        origins = tuple(origin for origin, parts in enumerate(apart) for _ in parts)
        slots = self._slots.find(words)
        for name, spans in values.find(words, slots, self._numerals).items():
            slots[name] = slots.get(name, []) + spans
        found = self._frames.find(slots)
        facts = {fact: Shown(span, frame.place, frame.heeds) for fact, (frame, span) in found.items()}
        return Reading(text, tuple(words), origins, slots, facts)

    def values(self, reading: Reading) -> list[int]:
        """The numbers of a message, in their order."""
        found = (values.number(word, self._numerals) for word in reading.words)
        return [value for value in found if value is not None]

    def entries(self, reading: Reading) -> Iterator[tuple[Spelling, Span]]:
        """The lines of slots.tsv that a reading used."""
        return self._slots.entries(reading.words)
