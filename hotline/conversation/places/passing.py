"""A place named in passing: which of the names in a free message says where it happens, see `Passing.place`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from hotline.conversation.places.index import Index
from hotline.conversation.places.spans import narrowed, runs
from hotline.conversation.places.tables import Place, Tables
from hotline.conversation.words import normalise

MAX_WORDS = 150  # of a message are searched
SHORTEST = 3  # letters of a name: lhr, isb
SHORTEST_SLIP = 7  # letters of a word with one wrong, where a word beside it says that it is a place
SHORTEST_BARE_SLIP = 8  # and where none does
SCRIPT = 1  # letter more in Arabic letters: without vowels more words are a letter apart
MAX_SLIPS = 40  # words looked up with a letter wrong, which costs ten times as much
PHRASE = 3  # words in the longest small phrase
NOW_WORDS = 3  # "now" stands at most so far before the place
ARRIVED_WORDS = 6  # and "brought" so far before or behind it
NEAR_WORDS = 5  # and "came", "called" so far behind it
PLAN_WORDS = 4  # and "visa" so far around it
INSIDE_WORDS = 4  # and "in" so far behind "of"
HELD_WORDS = 7  # and "held" so far behind it

_BREAK = "ǃ"  # a letter to Unicode, which nobody writes: it stands for a comma where only words are left
_BREAKS = re.compile(r"[,،;؛۔!?؟:()\n]+|(?<=\w\w\w)\.(?=\s|$)")
_MARK_IN = "۾"  # Sindhi "in": a sign to Unicode, not a letter, so that normalise drops it

Role = Literal["in", "to", "going", "from", "bare", "of", "home", "none"]


@dataclass(slots=True)
class _Name:
    start: int
    end: int
    key: str
    places: tuple[Place, ...]
    role: Role = "bare"
    district: bool = False  # "district" or the like stands beside it
    alone: bool = False  # it stands between commas
    last: bool = False  # it ends the message
    firm: bool = False  # a word beside it says that it is a place
    now: bool = False
    held: bool = False
    arrived: bool = False  # somebody has been moved by now

    @property
    def abroad(self) -> bool:
        return bool(self.places) and all(place.kind == "abroad" for place in self.places)

    @property
    def sure(self) -> bool:
        return len(self.places) == 1


class Passing:
    """The rules for a place in passing, over all names."""

    def __init__(self, index: Index, tables: Tables) -> None:
        self._index, self._words, self._forgiven = index, tables.words, tables.forgiven
        words = tables.words
        self._home = {word for word in words.home if " " not in word}
        self._past = words.area | self._home
        self._plain = words.common | words.street | words.around | words.held | words.now | words.of
        self._after = _roles(
            ("of", words.of), ("in", words.after), ("from", words.after_from), ("to", words.after_to), ("going", words.going),
            ("home", words.after_home), ("none", words.after_away),
        )  # fmt: skip
        self._before = _roles(
            ("in", words.before), ("from", words.before_from), ("going", words.arrived | {phrase for phrase in words.going if " " in phrase}), ("to", words.before_to), ("home", words.before_home),
            ("none", words.before_away),
        )  # fmt: skip

    def place(self, text: str) -> Place | None:
        """The district or country where it happens, or where the person is, if there is no doubt about it.

        1. The names, the longer ones first, and in long words one wrong letter. What is an ordinary word too counts
           only beside "district" or another name of the same district, or at least with "in".
        2. What the words around each say of it: in, to, from, of, at home, or not there.
        3. The first of these that any name has: "now" before it; in, or brought to; from, or nothing said; of; at
           home; to. Of several places there, the one where somebody is held; otherwise none.
        """
        tokens = normalise(_BREAKS.sub(f" {_BREAK} ", text.replace(_MARK_IN, " mein "))).split(" ")[:MAX_WORDS]
        names = [name for name in self._names(tokens) if name.role != "none"]
        if not names or (len(names) == 1 and names[0].end - names[0].start == len(tokens)):
            return None  # said alone it is an answer
        _resolve(names)
        return _first(_tiers(names))

    def _names(self, tokens: list[str]) -> list[_Name]:
        taken: set[int] = set()
        found = [*self._spelt(tokens, taken), *self._misspelt(tokens, taken)]
        found.sort(key=lambda name: name.start)
        for name in found:
            self._look_around(tokens, name)
        _join(tokens, found, self._words.joins | {_BREAK})
        sure = [name for name in found if self._index.exact(name.key) and self._is_place(name)]
        return [name for name in found if self._is_place(name) or _beside(name, sure)]

    def _spelt(self, tokens: list[str], taken: set[int]) -> Iterator[_Name]:
        for start, end in runs(len(tokens), self._index.longest):
            words = tokens[start:end]
            places = self._index.spoken(words)
            nowhere = "".join(words) in self._words.nowhere
            if (places or nowhere) and taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                if not nowhere and sum(map(len, words)) >= SHORTEST:
                    yield _Name(start, end, "".join(words), places)

    def _misspelt(self, tokens: list[str], taken: set[int]) -> Iterator[_Name]:
        strange = [at for at, word in enumerate(tokens) if at not in taken and word not in self._plain]
        for at in strange[:MAX_SLIPS]:
            name = _Name(at, at + 1, tokens[at], ())
            self._look_around(tokens, name)
            name.places = self._alike(tokens[at], SHORTEST_SLIP if name.firm else SHORTEST_BARE_SLIP)
            if name.places:
                yield name

    def _alike(self, word: str, shortest: int) -> tuple[Place, ...]:
        """The places a letter off. Who is from there is not there: "Lahori", "ملتانی"."""
        shortest += 0 if word.isascii() else SCRIPT
        names = self._forgiven.intersection(self._index.alike(word, shortest))
        names = {name for name in names if word[-1] not in "iی" or name[-1] in "iی"}
        return tuple(dict.fromkeys(place for name in names for place in self._index.exact(name)))

    def _look_around(self, tokens: list[str], name: _Name) -> None:
        after, before = self._past_area(tokens, name.end, 1), self._past_area(tokens, name.start - 1, -1)
        following = _role(self._after, (tokens[after : after + size] for size in range(PHRASE, 0, -1)))
        preceding = _role(self._before, (tokens[max(before + 1 - size, 0) : before + 1] for size in range(PHRASE, 0, -1)))
        name.district = bool(self._home & {*tokens[before + 1 : name.start], *tokens[name.end : after]})
        name.role = following if following not in (None, "of") else preceding or following or "bare"
        name.last = after == len(tokens) and not tokens[name.start - 1].isdigit()
        name.alone = self._ends(tokens, before) and self._ends(tokens, after)
        if name.role in ("bare", "of") and (name.district or name.alone):
            name.role = "in"
        if name.role == "bare" and name.last and not name.abroad:
            name.role = "in"
        name.firm = name.district or name.role == "in" or after > name.end or before < name.start - 1
        if name.role == "of" and self._inside(tokens, after):
            name.role = "in"
        name.now = not self._words.now.isdisjoint(tokens[max(name.start - NOW_WORDS, 0) : name.start])
        around = tokens[max(name.start - ARRIVED_WORDS, 0) : name.end + ARRIVED_WORDS]
        name.arrived = any(phrase in self._words.arrived for phrase in _phrases(around))
        name.held = not self._words.held.isdisjoint(tokens[max(name.start - 3, 0) : name.end + HELD_WORDS])
        if self._planned(tokens, name):
            name.role = "none"
        near = list(takewhile(lambda word: word != _BREAK, tokens[after : after + NEAR_WORDS]))
        if name.role == "from" and not self._words.calls.isdisjoint(near):
            name.role = "in"
        elif name.role == "from" and not self._words.came.isdisjoint(near):
            name.role = "none"
        elif tokens[name.end : name.end + 1] and tokens[name.end] in self._words.street:
            name.role = "none"
        elif following == "none" and not self._words.sites.isdisjoint(near[:2]):
            name.role = "of"
        elif name.role == "of" and not self._words.people.isdisjoint(near[:3]):
            name.role = "none"

    def _ends(self, tokens: list[str], at: int) -> bool:
        return not 0 <= at < len(tokens) or tokens[at] == _BREAK

    def _inside(self, tokens: list[str], at: int) -> bool:
        """Tell whether "in" follows what is of the place: "Lahore's factory in"."""
        following = tokens[at : at + INSIDE_WORDS]
        return not self._words.after.isdisjoint(following) and not any(self._index.exact(word) for word in following)

    def _planned(self, tokens: list[str], name: _Name) -> bool:
        """Tell whether a visa for it, a job there is talked of: nobody is there yet."""
        if not name.abroad or name.held:
            return False
        window = 2 if name.role == "in" else 0 if name.arrived else PLAN_WORDS
        around = tokens[max(name.start - window, 0) : name.end + window]
        return not self._words.plans.isdisjoint(around)

    def _past_area(self, tokens: list[str], position: int, step: int) -> int:
        """Over "district", "city" and the like."""
        while 0 <= position < len(tokens) and tokens[position] in self._past:
            position += step
        return position

    def _is_place(self, name: _Name) -> bool:
        if name.district:
            return True
        if name.key in self._words.beside:
            return False
        if name.key in self._words.trap:
            return name.last and name.alone
        return name.firm or name.last or name.key not in self._words.shy


def _roles(*kinds: tuple[Role, Iterable[str]]) -> dict[str, Role]:
    return {phrase: role for role, phrases in kinds for phrase in phrases}


def _role(known: dict[str, Role], phrases: Iterable[list[str]]) -> Role | None:
    """What the first phrase that is known says."""
    return next((known[phrase] for phrase in map(" ".join, phrases) if phrase in known), None)


def _phrases(tokens: list[str]) -> Iterator[str]:
    for size in range(1, PHRASE + 1):
        for start in range(len(tokens) - size + 1):
            yield " ".join(tokens[start : start + size])


def _join(tokens: list[str], names: list[_Name], joins: frozenset[str]) -> None:
    """Give a name what is said of the next one, if it has no word of its own: "Lahore and Multan in"."""
    for name, following in reversed([*zip(names, names[1:], strict=False)]):
        between = tokens[name.end : following.start]
        if name.role == "bare" and following.role != "none" and len(between) <= 1 and joins.issuperset(between):
            name.role, name.firm = following.role, following.firm


def _beside(name: _Name, others: list[_Name]) -> bool:
    """Tell whether another name of the same district stands beside it: "Hala, Matiari"."""
    near = (other for other in others if other is not name and -2 <= other.start - name.end <= 1 or 0 <= name.start - other.end <= 1)
    return any(_shared(name.places, other.places) for other in near)


def _shared(places: Iterable[Place], others: Iterable[Place]) -> tuple[Place, ...]:
    """Those of `places` that lie in one of the others, or one of the others in them; abroad, that are one of them."""
    others = tuple(others)
    return tuple(
        place for place in places if any(place == other or {*place.districts} & {*other.districts} for other in others)
    )


def _resolve(names: list[_Name]) -> None:
    """Leave of an ambiguous name the place that another name settles, or else the one in Pakistan."""
    sure = [place for name in names if name.sure for place in name.places]
    for name in names:
        home = tuple(place for place in name.places if place.kind == "district")
        name.places = _shared(name.places, sure) or home or name.places


def _tiers(names: list[_Name]) -> Iterator[list[_Name]]:
    yield [name for name in names if name.now and name.role in ("in", "bare")]
    yield [name for name in names if name.role == "in" or (name.arrived and name.role in ("to", "going"))]
    weak = [name for name in names if name.role in ("from", "bare")]
    yield [name for name in weak if name.held or not name.abroad]
    yield [name for name in names if name.role == "of" and not name.abroad]
    yield weak
    yield [name for name in names if name.role in ("of", "home")]
    yield [name for name in names if name.role == "to" and not name.abroad]


def _first(tiers: Iterable[list[_Name]]) -> Place | None:
    names = next(filter(None, tiers), [])
    for chosen in (names, [name for name in names if name.held]):
        places = narrowed([place for name in chosen for place in name.places])
        if len(places) == 1:
            return places[0]
    return None
