"""Words looked up with one letter wrong, missing, too many, or swapped with its neighbour."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA


class Near:
    """A set of words, ready for look-ups that forgive one mistake.

    Two words are one letter off only if leaving out at most one letter of each gives the same, which makes this a few
    look-ups instead of a thousand comparisons.
    """

    __slots__ = ("_by_part",)

    def __init__(self, words: Iterable[str]) -> None:
        by_part: dict[str, list[str]] = defaultdict(list)
        for word in words:
            for part in _parts(word):
                by_part[part].append(word)
        self._by_part = {part: tuple(known) for part, known in by_part.items()}  # half as large as lists

    def find(self, typed: str) -> set[str]:
        """The words of the set that are `typed`, or one letter off."""
        candidates = {word for part in _parts(typed) for word in self._by_part.get(part, ())}
        return {word for word in candidates if OSA.distance(typed, word, score_cutoff=1) <= 1}


def _parts(word: str) -> Iterator[str]:
    yield word
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]
