"""What the second reader sees of a message: numbers of n-grams of letters, of words by their sound, and of signs."""

import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from hotline.conversation.reading.sounds import sound

MAX_LETTERS = 4000  # of a message are read: this bounds the work
SIZES = (2, 3, 4, 5)  # letters of an n-gram
_WIDTH = 2  # bytes of a letter in UTF-16
# How many numbers there are for each view of a message. Two n-grams may share one; with twice as many it is hardly better.
LETTERS, WORDS, SIGNS = 1 << 16, 1 << 16, 1 << 12
VIEWS = (LETTERS, WORDS, SIGNS)


def letters(normalised: str, sizes: Sequence[int] = SIZES) -> set[int]:
    """The n-grams of letters of a normalised text, over the ends of its words."""
    data = f" {normalised[:MAX_LETTERS]} ".encode("utf-16-le")
    crc, length, mask = zlib.crc32, len(data), LETTERS - 1
    return {
        crc(data[start : start + size]) & mask
        for size in (each * _WIDTH for each in sizes)
        for start in range(0, length - size + 1, _WIDTH)
    }


def words(normalised: Sequence[str]) -> set[int]:
    """The words as they sound, alone and two by two."""
    heard = [sound(word) for word in normalised]
    return _numbers([*heard, *map(" ".join, pairwise(heard))], LETTERS, WORDS)


def signs(named: Iterable[str]) -> set[int]:
    """What the tables of flows/ found in the message: slots, facts and keywords, by their names."""
    return _numbers(named, LETTERS + WORDS, SIGNS)


def _numbers(texts: Iterable[str], first: int, count: int) -> set[int]:
    return {first + (zlib.crc32(text.encode()) & (count - 1)) for text in texts}
