"""The cost and the parts of an SMS: GSM 03.38 (3GPP TS 23.038) and UCS-2, in the units that are billed.

Libraries were looked at first: the maintained one (gsm0338) is a codec only, and smsutil, which splits, breaks words
and combining marks and has been still since 2020.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Alphabet = Literal["gsm", "ucs2"]

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")  # sent as ESC and a letter: two units that must stay together

# Units of a message that fits one SMS, and of each part of one that does not (the header takes 6 octets).
SINGLE: dict[Alphabet, int] = {"gsm": 160, "ucs2": 70}
PART: dict[Alphabet, int] = {"gsm": 153, "ucs2": 67}

# Each of these alone turns a GSM text into UCS-2: 70 letters a part where there were 160.
_SUBSTITUTES = str.maketrans(
    {
        "\u00a0": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\t": " ",
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u02bc": "'",
        "`": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2015": "-",
        "\u2212": "-",
        "\u2026": "...",
        "\u2022": "-",
        "\u00ad": None,
    }
)
ZWJ = "\u200d"  # joins the figures of one emoji
_WORDS = re.compile(r"\s*\S+|\s+")


@dataclass(frozen=True, slots=True)
class Plan:
    """The form of a text under way: `units` are septets for gsm and 16-bit units for ucs2; `parts` as `split` makes them.

    A gateway that splits by itself, without regard for words, may bill one part less.
    """

    alphabet: Alphabet
    units: int
    parts: int


def substitute(text: str) -> str:
    """Put typographic characters into their GSM form, where that saves the whole text from UCS-2.

    A text that needs UCS-2 anyway (any Urdu or Sindhi letter) comes back as it was: nothing would be saved.
    """
    plain = text.translate(_SUBSTITUTES)
    return plain if _alphabet(plain) == "gsm" else text


def encode_plan(text: str) -> Plan:
    """Count alphabet, units and parts of `text` as it stands; an empty text is one empty GSM part."""
    alphabet = _alphabet(text)
    return Plan(alphabet, _units(text, alphabet), len(split(text)))


def split(text: str) -> list[str]:
    """Cut `text` into its parts, in order; joined they are `text` again.

    A text that fits one SMS is one part. Longer ones break before a word where they can; an ESC pair, a surrogate pair
    and a letter with its marks are never torn apart, unless the marks of one letter alone outgrow a part.
    """
    alphabet = _alphabet(text)
    return [text] if _units(text, alphabet) <= SINGLE[alphabet] else cut(text, PART[alphabet])


def cut(text: str, most: int) -> list[str]:
    """Cut as `split` does, into parts of `most` units of the text's alphabet."""
    alphabet = _alphabet(text)
    parts, room = [""], most
    for word in _WORDS.findall(text):
        for piece in [word] if _units(word, alphabet) <= most else _clusters(word, alphabet, most):
            size = _units(piece, alphabet)
            if size > room:
                parts.append("")
                room = most
            parts[-1] += piece
            room -= size
    return [part for part in parts if part]


def _alphabet(text: str) -> Alphabet:
    return "gsm" if set(text) <= GSM_BASIC | GSM_EXTENDED else "ucs2"


def _units(text: str, alphabet: Alphabet) -> int:
    if alphabet == "gsm":
        return len(text) + sum(letter in GSM_EXTENDED for letter in text)
    return len(text) + sum(letter > "\uffff" for letter in text)


def _clusters(word: str, alphabet: Alphabet, most: int) -> list[str]:
    """Yield letters with the marks that stand on them; cut where one letter carries more marks than a part holds."""
    clusters: list[str] = []
    for at, letter in enumerate(word):
        joins = unicodedata.category(letter) in {"Mn", "Mc", "Me"} or letter == ZWJ or word[at - 1 : at] == ZWJ
        if joins and clusters and _units(clusters[-1] + letter, alphabet) <= most:
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters
