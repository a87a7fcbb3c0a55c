"""Finding the place in a text: see `Places.find` for the rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.conversation.letters import normalise
from hotline.conversation.places.index import Index
from hotline.conversation.places.names import MARK_IN
from hotline.conversation.places.passing import Passing, narrowed
from hotline.conversation.places.tables import Place, Tables, read
from hotline.core.datafile import DataFileError

MAX_WORDS = 60  # of an answer are searched; who writes more has named the place by then
MAX_MISSPELT = 20  # of them with a letter wrong, which costs ten times as much
LONG = 8  # letters: a name that a wrong letter does not make another word
_SEGMENTS = re.compile(r"[,،;؛.۔\n()/|-]+")


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A name of several places: one question decides. The likeliest stands first."""

    options: tuple[Place, ...]

    @property
    def home(self) -> Place | None:
        """The one option in Pakistan, if the others are abroad: Gujrat and Hyderabad, until India is confirmed."""
        home = [place for place in self.options if place.kind == "district"]
        return home[0] if len(home) == 1 else None


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    key: str
    places: tuple[Place, ...]


class Places:
    """All names of all places, ready for look-ups."""

    def __init__(self, tables: Tables) -> None:
        self._words = tables.words
        self._around = tables.words.around
        self._plain = tables.words.common | tables.words.street | self._around
        self._traps = tables.words.trap | tables.words.beside
        self._index = Index(tables)
        self._passing = Passing(self._index, tables)
        self._districts = {place.code: place for place in tables.places if place.kind == "district"}
        self._districts |= {name.casefold(): place for name, place in tables.english.items()}

    @classmethod
    def load(cls, districts: Path) -> "Places":
        """Read districts.tsv and, beside it, towns.tsv, countries.tsv and placewords.tsv.

        Raises DataFileError: `flows/districts.tsv:12:3: district: stands here twice` (line and column from 1).
        """
        tables, problems = read(districts)
        if problems:
            raise DataFileError(problems)
        return cls(tables)

    def district(self, name_or_code: str) -> Place | None:
        """The district of this English name ("Mandi Bahauddin") or code ("mandi-bahauddin"), spelt as in the table."""
        return self._districts.get(name_or_code.strip().casefold())

    def find(self, text: str) -> Place | Ambiguous | None:
        """The place that an answer to "where?" names.

        1. The whole answer, less the small words around it, is a name.
        2. It is a long name with one letter wrong, left out, too many or swapped with its neighbour ("Jhelum Vlley",
           before the Jhelum in it is seen).
        3. A run of words inside it is a name, or what stands between commas.
        4. The whole is a short name with such a mistake, or a run of words inside is a long one.
        None: no place, or none that we know.
        """
        tokens = self._tokens(text)
        if not tokens:
            return None
        found = self._whole(tokens) or self._long(tokens) or self._named(text, tokens) or self._misspelt(tokens)
        return _answer(self._at_home(tokens, found))

    def options(self, text: str, language: str) -> tuple[str, ...]:
        """The names, in that language, among which an answer to "where?" leaves a choice; none if it leaves no doubt.

        The likeliest stands first; the name of a place abroad is its country's.
        """
        found = self.find(text)
        return tuple(place.called(language) for place in found.options) if isinstance(found, Ambiguous) else ()

    @lru_cache(maxsize=4)  # noqa: B019  # one message asks twice; there is one index a process
    def mention(self, text: str) -> Place | None:
        """The district or country that a free message names in passing, if there is no doubt about it."""
        return self._passing.place(text)

    def _tokens(self, text: str) -> list[str]:
        return normalise(text.replace(MARK_IN, " mein ")).split(" ")[:MAX_WORDS] if text.strip() else []

    def _at_home(self, tokens: list[str], places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Without places abroad if the text speaks of a district or a province: "zila Gujrat" is not in India."""
        home = tuple(place for place in places if place.kind == "district")
        return home if home and not self._words.home.isdisjoint(tokens) else places

    def _whole(self, tokens: list[str]) -> tuple[Place, ...]:
        return self._index.exact("".join(tokens)) or self._index.exact("".join(self._core(tokens)))

    def _long(self, tokens: list[str]) -> tuple[Place, ...]:
        return self._index.near("".join(self._core(tokens)), shortest=LONG)

    def _core(self, tokens: list[str]) -> list[str]:
        return [token for token in tokens if token not in self._around and not token.isdigit()]

    def _named(self, text: str, tokens: list[str]) -> tuple[Place, ...]:
        spans = self._spans(tokens, shortest=3)
        streets = [span for span in spans if tokens[span.end : span.end + 1] and tokens[span.end] in self._words.street]
        inside = [place for span in spans if span not in streets for place in span.places]
        if inside:
            return tuple(inside)
        segments = (self._tokens(segment) for segment in _SEGMENTS.split(text))
        alone = [place for segment in segments for place in self._whole(segment)]
        return tuple(alone or [place for span in streets for place in span.places])

    def _spans(self, tokens: list[str], shortest: int) -> list[_Span]:
        """Runs of words that are names, the longer ones first served; without names that are ordinary words."""
        spans: list[_Span] = []
        taken: set[int] = set()
        for start, end in _runs(len(tokens), self._index.longest):
            key = "".join(tokens[start:end])
            places = self._index.exact(key) if len(key) >= shortest else ()
            if places and key not in self._traps and taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                spans.append(_Span(start, end, key, places))
        return sorted(spans, key=lambda span: span.start)

    def _misspelt(self, tokens: list[str]) -> tuple[Place, ...]:
        core = self._core(tokens)
        if len(core) > 1 or (core and core[0] not in self._words.common):
            whole = self._index.near("".join(core), shortest=4)
            if whole:
                return whole
        found: list[Place] = []
        for start, end in _runs(len(tokens[:MAX_MISSPELT]), self._index.longest):
            if not self._plain.issuperset(tokens[start:end]):
                found += self._index.near("".join(tokens[start:end]), shortest=6)
        return tuple(found)


def _runs(count: int, longest: int) -> Iterator[tuple[int, int]]:
    """Start and end of every run of at most `longest` words, longer ones first."""
    for size in range(min(longest, count), 0, -1):
        for start in range(count - size + 1):
            yield start, start + size


def _answer(places: tuple[Place, ...]) -> Place | Ambiguous | None:
    options = narrowed(list(places))
    if len(options) > 1:
        return Ambiguous(tuple(options))
    return options[0] if options else None
