"""Letters: one form for what phones and keyboards write in several ways."""

import re
import unicodedata
from functools import lru_cache

_FOLDED = {"يى": "ی", "كڪ": "ک", "هھەةۃۂ": "ہ", "أإآ": "ا", "ٽ": "ٹ", "ڊ": "ڈ", "ڙ": "ڑ", "ڻں": "ن"}
_DROPPED = {"Mn", "Me", "Cf"}  # vowel marks, keycap frames, zero-width and bidi controls
_TABLE: dict[int, str | None] = {
    code: None for code in range(0x10000) if unicodedata.category(chr(code)) in _DROPPED
} | {ord(letter): to for letters, to in _FOLDED.items() for letter in letters}
_TABLE |= {ord("ـ"): None, ord("'"): None, ord("’"): None, ord("`"): None}
_TABLE |= {start + digit: str(digit) for start in (0x0660, 0x06F0) for digit in range(10)}
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_GAPS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4)  # one message asks for the same text many times; the next messages push it out of memory
def normalise(text: str) -> str:
    """For matching, never for storage: folded letters, ASCII digits, no marks, words apart by one space.

    >>> normalise("  (۱). HELPPPP!!")
    '1 help'
    """
    # NFKC again at the end would change nothing: what is folded to is already in that form.
    folded = unicodedata.normalize("NFKC", text).translate(_TABLE).lower()
    return _GAPS.sub(" ", _REPEATED.sub(r"\1", folded)).strip()
