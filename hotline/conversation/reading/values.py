"""Numbers in a message read as values: ages, sums, how many, how long. They become slots that frames can ask for."""

import re
from collections.abc import Mapping, Sequence

from hotline.conversation.reading.slots import Span

ADULT = 18  # years
LONGEST = 9  # digits of a number that is read; a longer one is a phone or a card
OLDEST, YOUNGEST = 99, 3  # years of an age that is spoken of
# What this module finds: a number, one that is a child's or an adult's age, a span of time, a sum of money, the
# registration plate of a vehicle.
COMPUTED = frozenset({"NUMBER", "CHILD_AGE", "ADULT_AGE", "DURATION", "SUM", "PLATE"})
REACH = 3  # words between a number and what it counts
_PLATE = re.compile(r"[a-z]{2,3}")
_PLATE_DIGITS = re.compile(r"[0-9]{3,4}")
_JOINED = re.compile(r"([0-9]{1,2})(saal|sal|sala|years?|yrs?|yr|yo|y|sall|ki|ka|warhya|سال|ورهيه)")

Found = dict[str, list[Span]]


def apart(word: str) -> list[str]:
    """A word, its number apart from the unit that is written to it: "14saal" is two."""
    joined = _JOINED.fullmatch(word)
    return [*joined.groups()] if joined else [word]


def find(words: Sequence[str], slots: Mapping[str, list[Span]], numerals: Mapping[str, int]) -> Found:
    """The slots of COMPUTED in a message. `slots` has YEARS, AGE, SINCE, MONEY …; `numerals` the words for numbers."""
    found: Found = {}
    for position, word in enumerate(words):
        value = number(word, numerals)
        if value is None:
            continue
        here = (position, position + 1)
        found.setdefault("NUMBER", []).append(here)
        kind = _kind(value, here, slots)
        if kind is not None:
            found.setdefault(kind, []).append(here)
    plates = [(at, at + 2) for at in range(len(words) - 1) if _is_plate(words[at], words[at + 1])]
    return found | ({"PLATE": plates} if plates else {})


def number(word: str, numerals: Mapping[str, int]) -> int | None:
    """The value of a number in digits or in a word; None if it is none, or too long to be one."""
    if word.isascii() and word.isdigit():
        return int(word) if len(word) <= LONGEST else None
    return numerals.get(word)


def _kind(value: int, here: Span, slots: Mapping[str, list[Span]]) -> str | None:
    if _follows("MONEY", here, slots, 1):
        return "SUM"
    unit = _follows("YEARS", here, slots, 2)
    if _follows("TIME_UNIT", here, slots, 1) or unit:
        after = (unit or here)[1]
        if not unit or _stands("SINCE|AGO|AFTER", (after, after + 1), slots) or _before("FOR", here, slots):
            return "DURATION"
    aged = unit or _near("AGE", here, slots) or _before("I_AM", here, slots) or _follows("AGED", here, slots, 1)
    if aged and YOUNGEST <= value <= OLDEST:
        return "CHILD_AGE" if value < ADULT else "ADULT_AGE"
    if _before("CLASS", here, slots) and value <= 12:
        return "CHILD_AGE"
    return None


def _follows(name: str, here: Span, slots: Mapping[str, list[Span]], reach: int) -> Span | None:
    return next((span for span in slots.get(name, ()) if here[1] <= span[0] < here[1] + reach), None)


def _before(name: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(end == here[0] for _, end in slots.get(name, ()))


def _near(name: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(start < here[1] + REACH and end > here[0] - REACH for start, end in slots.get(name, ()))


def _stands(names: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(start == here[0] for name in names.split("|") for start, _ in slots.get(name, ()))


def _is_plate(letters: str, digits: str) -> bool:
    return bool(_PLATE.fullmatch(letters) and _PLATE_DIGITS.fullmatch(digits))
