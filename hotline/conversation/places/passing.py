"""A place named in passing: which of the names in a free message says where it happens, see `Passing.place`."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from hotline.conversation.places.around import Around
from hotline.conversation.places.index import Index
from hotline.conversation.places.names import BREAK, Gazetteer, Name, near, tokens_of
from hotline.conversation.places.tables import Place, Tables

RIDE = 3  # "the bus" stands at most so many words behind the place where it goes


class Passing:
    """The rules for a place in passing, over all names."""

    def __init__(self, index: Index, tables: Tables) -> None:
        self._words = tables.words
        self._joins = tables.words.joins | {BREAK}
        self._names = Gazetteer(index, tables)
        self._around = Around(index, tables.words)

    def place(self, text: str) -> Place | None:
        """The district or country where it happens, or where the person is, if there is no doubt about it.

        1. The names, the longer ones first, and in long words one wrong letter.
        2. What the words around each say of it: in, to, from, of, at home, or not there.
        3. What is an ordinary word too counts only beside "district" or another name of the same district, or at
           least with "in" or at the end.
        4. The first of these that any name has: "now" before it; in, or brought to; from, or nothing said; of; abroad
           without a word; at home; to. Of several places there, the one where somebody is held, or else none.
        """
        tokens = tokens_of(text)
        names = self._names.of(tokens)
        if not names or (len(names) == 1 and names[0].end - names[0].start == len(tokens)):
            return None  # said alone it is an answer
        arrivals = self._around.arrivals(tokens)
        for name in names:
            self._around.look(tokens, name, arrivals)
        self._join(tokens, names)
        sure = [name for name in names if not name.misspelt and self._is_place(name)]
        names = [name for name in names if self._is_place(name) or _beside(name, sure)]
        return _chosen(_settled([name for name in names if name.role != "none"]))

    def _join(self, tokens: list[str], names: list[Name]) -> None:
        """Give a name what is said of the next one, if it has no word of its own: "in" of "Lahore and Multan in"."""
        for name, following in reversed([*pairwise(names)]):
            between = tokens[name.end : following.start]
            if (
                name.role == "bare"
                and following.role != "none"
                and len(between) <= 1
                and self._joins.issuperset(between)
            ):
                name.role, name.firm = following.role, following.firm
            elif name.role == "from" and len(between) == 1 and self._bound_for(tokens, following):
                following.role = "bare" if following.last else "to"

    def _bound_for(self, tokens: list[str], name: Name) -> bool:
        """Tell whether it is where "from Multan" leads to: "Multan se Quetta". A bus between them is at neither."""
        behind = tokens[name.end : name.end + RIDE]
        return (name.role == "bare" or (name.role == "in" and name.last)) and self._words.rides.isdisjoint(behind)

    def _is_place(self, name: Name) -> bool:
        """Tell whether enough stands beside a name that is an ordinary word too."""
        if name.district:
            return True
        if name.key in self._words.trap:
            return name.last and name.alone and name.key not in self._words.beside
        if name.key in self._words.beside:
            return False
        return name.firm or name.last or name.key not in self._words.shy


def _beside(name: Name, sure: list[Name]) -> bool:
    """Tell whether another name of the same district stands beside it: "Hala, Matiari"."""
    return any(_shared(name.places, other.places) for other in near(name, sure))


def _shared(places: Iterable[Place], others: Iterable[Place]) -> tuple[Place, ...]:
    """Those of `places` that lie in one of the others, or one of the others in them; abroad, that are one of them."""
    known = {code for other in others for code in other.districts or (other.code,)}
    return tuple(place for place in places if not known.isdisjoint(place.districts or (place.code,)))


def _settled(names: list[Name]) -> list[Name]:
    """Leave of an ambiguous name the place that another name settles, or else those in Pakistan."""
    sure = [place for name in names if len(name.places) == 1 for place in name.places]
    for name in names:
        home = tuple(place for place in name.places if place.kind == "district")
        name.places = _shared(name.places, sure) or home or name.places
    return names


def _chosen(names: list[Name]) -> Place | None:
    best = next(filter(None, _tiers(names)), [])
    for tier in (best, [name for name in best if name.held]):
        places = narrowed([place for name in tier for place in name.places])
        if len(places) == 1:
            return places[0]
    return None


def _tiers(names: list[Name]) -> Iterator[list[Name]]:
    """The names by what is said of them, what says most first."""
    weak = [name for name in names if name.role in ("from", "bare")]
    yield [name for name in names if name.now and name.role in ("in", "bare")]
    yield [name for name in names if name.role == "in" or (name.arrived and name.role in ("to", "going"))]
    yield [name for name in weak if name.held or not name.abroad]
    yield [name for name in names if name.role == "of" and not name.abroad]
    yield weak
    yield [name for name in names if name.role in ("of", "home")]
    yield [name for name in names if name.role == "to" and not name.abroad]


def narrowed(places: list[Place]) -> list[Place]:
    """Each once, and no city beside one of its own districts."""
    covered = {code for place in places for code in place.districts[1:]}
    narrow = {place.code for place in places} & covered
    return [place for place in dict.fromkeys(places) if narrow.isdisjoint(place.districts[1:])]
