"""Words looked up with one letter wrong, missing, too many, or swapped with its neighbour."""

import zlib
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA


class Near:
    """A set of words, ready for look-ups that forgive one mistake.

    Two words are one letter off only if leaving out at most one letter of each gives the same, which makes this a few
    look-ups instead of a thousand comparisons.
    """

    __slots__ = ("_by_part",)

    def __init__(self, words: Iterable[str]) -> None:
        # Parts as numbers, and most words by themselves, take a third of the memory; two parts of one number do no harm.
        self._by_part: dict[int, str | tuple[str, ...]] = {}
        for word in words:
            for part in _parts(word):
                known = self._by_part.get(part)
                self._by_part[part] = word if known is None else (*_several(known), word)

    def find(self, typed: str) -> set[str]:
        """The words of the set that are `typed`, or one letter off."""
        candidates = {word for part in _parts(typed) for word in _several(self._by_part.get(part, ()))}
        return {word for word in candidates if OSA.distance(typed, word, score_cutoff=1) <= 1}


def _parts(word: str) -> Iterator[int]:
    """Numbers of the word, and of the word without each of its letters."""
    yield zlib.crc32(word.encode())
    for position in range(len(word)):
        yield zlib.crc32((word[:position] + word[position + 1 :]).encode())


def _several(known: str | tuple[str, ...]) -> tuple[str, ...]:
    return (known,) if isinstance(known, str) else known
