"""The second reader: how much a message is like those of flows/examples. It raises, and never lowers, what rules found."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from hotline.conversation.letters import normalise
from hotline.conversation.reading import examples, features
from hotline.conversation.reading.examples import Example, Nearest
from hotline.conversation.reading.weights import HEADS, KINDS, LANGUAGES, Weights

FILE, EXAMPLES = "reader.model", "examples"
_AT = {head: position for position, head in enumerate(HEADS)}


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely it is, from 0 to 1, that a message is urgent (P1), serious (P1 or P2), for the integrity lane, of a kind."""

    urgent: float
    serious: float
    integrity: float
    kinds: Mapping[str, float]  # "none" is neither of the others: a question, an advert, a greeting …


class SecondReader:
    """The weights and the examples that they were made of."""

    def __init__(self, weights: Weights, folder: Path) -> None:
        self.weights, self._folder = weights, folder

    @classmethod
    def load(cls, folder: Path) -> "SecondReader":
        """Read reader.model of flows/; once a process. Raises DataFileError: `flows/reader.model: message`."""
        return _load(folder.resolve())

    @lru_cache(maxsize=4)  # noqa: B019  # one message is asked for several times; there is one second reader a process
    def read(self, text: str, words: tuple[str, ...], signs: frozenset[str]) -> Opinion:
        """Judge a message by its letters, its words (as `Reader` has them) and the `signs` that the tables found in it."""
        others = (self.weights.part(1, features.words(words)), self.weights.part(2, features.signs(signs)))
        odds = self.weights.total([self._letters(normalise(text)), *others])
        urgent, serious, integrity = (_probability(odds[_AT[head]]) for head in ("urgent", "serious", "integrity"))
        return Opinion(urgent, serious, integrity, _shares(odds, "kind", KINDS))

    def languages(self, text: str) -> dict[str, float]:
        """How likely it is that a message is `ur`, `sd` or `en`, or `none`: a greeting or a name, which every language has."""
        return _shares(self.weights.total([self._letters(normalise(text))]), "language", LANGUAGES)

    @lru_cache(maxsize=4)  # noqa: B019  # a message is asked for its language and for what it is like
    def _letters(self, normalised: str) -> list[float]:
        return self.weights.part(0, features.letters(normalised))

    def nearest(self, text: str, count: int = 2) -> list[Example]:
        """The examples that a message is most like, to be shown as the reason."""
        return self._nearest.find(text, count)

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(examples.load(self._folder), self.weights.rarity)


@lru_cache(maxsize=2)
def _load(folder: Path) -> SecondReader:
    return SecondReader(Weights.load(folder / FILE), folder / EXAMPLES)


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def _shares(odds: Sequence[float], of: str, names: Sequence[str]) -> dict[str, float]:
    found = {name: _probability(odds[_AT[f"{of} {name}"]]) for name in names}
    total = sum(found.values())
    return {name: each / total for name, each in found.items()}
