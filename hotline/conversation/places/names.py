"""The names of places in a message, before anything is said of what they mean there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hotline.conversation.letters import normalise
from hotline.conversation.places.index import Index
from hotline.conversation.places.tables import Place, Tables

MAX_WORDS = 150  # of a message are searched
MAX_NAMES = 12  # are looked at: who writes more tells no place
SHORTEST = 2  # letters of a name: uk, حب
SHORTEST_SLIP = 8  # letters of a word with one wrong
SCRIPT = 1  # letter more in Arabic letters: without vowels more words are a letter apart
MAX_SLIPS = 20  # words looked up with a letter wrong, which costs ten times as much
HEAD = 3  # letters that tell whether a name may begin with a word

OBLIQUE = "ء"  # Sindhi: ڪراچيءَ ۾
BREAK = "ǃ"  # a letter to Unicode that nobody writes: it stands for a comma where only words are left
_BREAKS = re.compile(r"[,،;؛۔!?؟:()\n]+|(?<=\w\w\w)\.(?=\s|$)")
MARK_IN = "۾"  # Sindhi "in": a sign to Unicode, not a letter, so that normalise drops it

Role = Literal["in", "to", "going", "from", "bare", "of", "home", "none"]


@dataclass(slots=True)
class Name:
    """A name of one or several places, tokens `start` to `end`, and what stands around it (see around.py)."""

    start: int
    end: int
    key: str
    places: tuple[Place, ...]
    misspelt: bool = False
    role: Role = "bare"
    district: bool = False  # "district" or the like stands beside it
    alone: bool = False  # it stands between commas
    last: bool = False  # it ends the message
    firm: bool = False  # a word beside it says that it is a place
    now: bool = False  # "now" stands before it
    held: bool = False  # somebody is held, where it stands
    arrived: bool = False  # somebody has been moved by now

    @property
    def abroad(self) -> bool:
        """Whether it names no place in Pakistan."""
        return all(place.kind == "abroad" for place in self.places)


def tokens_of(text: str) -> list[str]:
    """The words of a message, normalised, and BREAK where a clause ends."""
    return normalise(_BREAKS.sub(f" {BREAK} ", text.replace(MARK_IN, " mein "))).split(" ")[:MAX_WORDS]


class Gazetteer:
    """All names, ready to be found in a message: the longer ones first, and in long words one wrong letter."""

    def __init__(self, index: Index, tables: Tables) -> None:
        words = tables.words
        self._index, self._nowhere = index, words.nowhere
        self._districts = {key for key in tables.own if any(place.kind == "district" for place in tables.names[key])}
        self._heads = {key[:size] for key in (*tables.names, *words.nowhere) for size in range(1, HEAD + 1)}
        self._plain = words.common | words.street | words.around | words.held | words.now | words.of

    def of(self, tokens: list[str]) -> list[Name]:
        """The names, in their order."""
        found, slips, at = list[Name](), 0, 0
        while at < len(tokens) and len(found) < MAX_NAMES:
            name = self._spelt(tokens, at)
            if name is None and slips < MAX_SLIPS and len(tokens[at]) >= SHORTEST_SLIP:
                slips += 1
                name = self._misspelt(tokens[at], at)
            if name is not None and name.places:
                found.append(name)
            at = name.end if name is not None else at + 1
        return found

    def _spelt(self, tokens: list[str], start: int) -> Name | None:
        """The longest name that begins here. It has no places if it only looks like one: "Khyber Pakhtunkhwa"."""
        if tokens[start][:HEAD] not in self._heads:
            return None
        for end in range(min(start + self._index.longest, len(tokens)), start, -1):
            words = tokens[start:end]
            key = "".join(words).removesuffix(OBLIQUE)
            if key in self._nowhere:
                return Name(start, end, key, ())
            places = self._index.spoken(words, key) if len(key) >= SHORTEST else ()
            if places:
                return Name(start, end, key, places)
        return None

    def _misspelt(self, word: str, at: int) -> Name | None:
        """A district a letter off. Who is from there is not there: "Lahori", "ملتانی"."""
        if word in self._plain:
            return None
        names = self._districts.intersection(self._index.alike(word, SHORTEST_SLIP + (0 if word.isascii() else SCRIPT)))
        names = {name for name in names if word[-1] not in "iی" or name[-1] in "iی"}
        places = dict.fromkeys(place for name in sorted(names) for place in self._index.exact(name))
        return Name(at, at + 1, word, tuple(places), misspelt=True) if places else None


def near(name: Name, others: list[Name]) -> Iterator[Name]:
    """The others that stand beside it, with a word between them at most."""
    for other in others:
        if other is not name and max(other.start - name.end, name.start - other.end) <= 1:
            yield other
