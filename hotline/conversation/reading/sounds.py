"""One form for the many spellings of a word: `sound` for Roman letters and for Urdu and Sindhi ones. For matching only.

Roman Urdu and Roman Sindhi have no spelling: mujhe, mujhay, muje and mjhe are one word. Two words of one sound may still
be two words ("kam", little, and "kaam", work), so a table writes with "=" what counts in this spelling only.
"""

import re
from functools import lru_cache

_LATIN = re.compile("[a-z]")
_CLASSES = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"a+[ow]$", "W"), ("aa+", "a"), (r"ee+|ea|ie(?=.)", "i"), (r"oo+|ou", "u"), (r"a[eiy]|e[iy]", "e"), (r"au|ao", "o"),
        (r"(.)\1+", r"\1"),
        ("kh|x", "X"), ("sh", "S"), ("ch+", "C"), ("ck", "k"), ("ph", "f"), (r"(?<=[bdgjkptCr])h", ""),
        ("w", "v"), ("q", "k"), ("c", "k"), ("z", "j"),
        (r"iy|yi", "i"), (r"(?<=[aeiou])h$", ""), (r"(?<=[^aeiou])y$", "e"), (r"y(?=[^aeiou])", "i"),
        (r"(?<=[a-zA-Z]{2}[oeiu])n$", ""), (r"(?<=[^aeiou])y(?=[aeou])", "i"), (r"(?<=.)a(?=.)", ""),
    )
)  # fmt: skip
_LETTERS = str.maketrans(
    {
        "ڀ": "بہ", "ٿ": "تہ", "ٺ": "ٹہ", "ڇ": "چہ", "ڌ": "دہ", "ڦ": "پہ", "ٻ": "ب", "ڄ": "ج", "ڏ": "د", "ڃ": "ن",
        "ڱ": "ن", "ڳ": "گ", "ڍ": "ڈہ", "ذ": "ز", "ض": "ز", "ظ": "ز", "ص": "س", "ث": "س", "ط": "ت", "ح": "ہ",
        "ق": "ک", "ئ": "ی", "ؤ": "و", "ء": None,
    }
)  # fmt: skip
_LAST = re.compile("(?<=..)(?:ہ|ا)$")


@lru_cache(maxsize=4096)
def sound(word: str, *, begins: bool = False) -> str:
    """The form that all spellings of a normalised word share. `begins`: it is the beginning of words, not a whole one.

    >>> {sound(word) for word in ("mujhe", "mujhay", "muje", "mujhy")}
    {'muje'}
    """
    if not _LATIN.search(word):
        return _script(word, begins=begins)
    rest = word + "~" if begins else word
    for pattern, to in _CLASSES:
        rest = pattern.sub(to, rest)
    return rest.removesuffix("~")


def _script(word: str, *, begins: bool) -> str:
    rest = word.translate(_LETTERS)
    return rest if begins else _LAST.sub("ا", rest)
