"""The names of places, looked up as written or with one letter wrong."""

from collections.abc import Iterable

from hotline.conversation.places.tables import Place, Tables
from hotline.conversation.spelling import Near

FIRST_LETTER_HOLDS = 5  # letters: in names up to here a wrong first letter makes another word (khar, ghar)
ANYHOW = 8  # letters: "ta" and "if" are seldom Taif, but "mirpur" and "khas" are Mirpur Khas
LONGEST = 30  # letters of a name: what is longer is none, and would cost the square of its length
SHORTEST_OWN = 4  # letters of a district's own name
SHORTEST_TOWN = 9  # letters: there are so many towns that a shorter word is too often a letter from one
SHORTEST_ABROAD = 5  # letters: "oman" is a letter from "omar" and "roman"


class Index:
    """Names without spaces ("rahimyarkhan"), so that it does not matter where people put them."""

    def __init__(self, tables: Tables) -> None:
        self._exact = {key: tuple(places) for key, places in tables.names.items()}
        self._spaced = frozenset(tables.spaced)
        self.longest = max((name.count(" ") + 1 for name in tables.spaced), default=1)  # words in a name
        traps = tables.words.trap | tables.words.beside | tables.words.shy
        named = ((key, _shortest(places, key in tables.own)) for key, places in self._exact.items())
        self._near = Near(key for key, shortest in named if key not in traps and len(key) >= shortest)

    def exact(self, key: str) -> tuple[Place, ...]:
        """The places of this name, the likeliest first."""
        return self._exact.get(key, ())

    def spoken(self, words: list[str], key: str) -> tuple[Place, ...]:
        """The places of this name, if its words are apart as in the table, or it is so long that it does not matter."""
        places = self._exact.get(key, ())
        return places if len(words) == 1 or len(key) >= ANYHOW or " ".join(words) in self._spaced else ()

    def near(self, key: str, shortest: int) -> tuple[Place, ...]:
        """The places whose names are one letter off: wrong, missing, too many, or swapped with its neighbour.

        Names and keys under `shortest` letters are not looked at.
        """
        return tuple(dict.fromkeys(place for name in self.alike(key, shortest) for place in self._exact[name]))

    def alike(self, key: str, shortest: int) -> list[str]:
        """The names that are one letter off, without spaces."""
        if not shortest <= len(key) <= LONGEST:
            return []
        return sorted(name for name in self._near.find(key) if len(name) >= shortest and _begins(name, key))


def _shortest(places: Iterable[Place], own_name: bool) -> int:
    """How long a name must be for a wrong letter to be forgiven; `own_name`: of a row of its own, not of a town there."""
    if not own_name:
        return SHORTEST_TOWN
    return SHORTEST_ABROAD if all(place.kind == "abroad" for place in places) else SHORTEST_OWN


def _begins(name: str, key: str) -> bool:
    return len(name) > FIRST_LETTER_HOLDS or name[0] == key[0]
