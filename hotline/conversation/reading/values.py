"""Numbers in a message read as values: ages, sums, how many, how long. They become slots that frames can ask for."""

import re
from collections.abc import Mapping, Sequence

from hotline.conversation.reading.slots import Span

ADULT = 18  # years
LONGEST = 9  # digits of a number that is read; a longer one is a phone or a card
HOURS = 24
OLDEST, YOUNGEST = 99, 3  # years of an age that is spoken of
# What this module finds: where the message begins, a number, one that is a child's or an adult's age, a span of time, a
# sum of money, the registration plate of a vehicle. Number words above ten are the slots N11, N12 … of slots.tsv.
COMPUTED = frozenset({"START", "NUMBER", "CHILD_AGE", "ADULT_AGE", "DURATION", "SUM", "CLOCK", "PLATE"})
REACH = 3  # words between a number and what it counts
_WORDS = re.compile(r"N[0-9]{1,2}")
_PLATE = re.compile(r"[a-z]{2,3}")
_PLATE_DIGITS = re.compile(r"[0-9]{3,4}")
_YEARS_AD = range(1900, 2100)
_UNITS = (
    "saal|sal|sala|years?|yrs?|yr|yo|y|sall|ki|ka|warhya|din|days?|months?|mahine|baje|bje|lakh|lac|سال|ورهيه|لاکھ|لک"
)
_JOINED = re.compile(rf"([0-9]{{1,3}})({_UNITS})")
_THOUSANDS = re.compile(r"([0-9]{1,3})k")

Found = dict[str, list[Span]]


def apart(word: str) -> list[str]:
    """A word, its number apart from the unit that is written to it: "14saal" is two, and "50k" is 50 thousand."""
    joined = _JOINED.fullmatch(word)
    if joined:
        return [*joined.groups()]
    thousands = _THOUSANDS.fullmatch(word)
    return [thousands[1], "thousand"] if thousands else [word]


def find(words: Sequence[str], slots: Mapping[str, list[Span]], numerals: Mapping[str, int]) -> Found:
    """The slots of COMPUTED in a message. `slots` has YEARS, AGE, SINCE, MONEY …; `numerals` the words for numbers."""
    found: Found = {"START": [(0, 0)]} if words else {}
    for position, value in sorted(_numbers(words, slots, numerals).items()):
        here = (position, position + 1)
        found.setdefault("NUMBER", []).append(here)
        kind = _kind(value, here, slots)
        if kind is not None:
            found.setdefault(kind, []).append(here)
    plates = [(at, at + 2) for at in range(len(words) - 1) if _is_plate(words, at, slots)]
    return found | ({"PLATE": plates} if plates else {})


def _numbers(words: Sequence[str], slots: Mapping[str, list[Span]], numerals: Mapping[str, int]) -> dict[int, int]:
    """The value of each word that is a number."""
    spelt = {span[0]: int(name[1:]) for name, spans in slots.items() if _WORDS.fullmatch(name) for span in spans}
    read = {position: number(word, numerals) for position, word in enumerate(words)}
    return spelt | {position: value for position, value in read.items() if value is not None}


def number(word: str, numerals: Mapping[str, int]) -> int | None:
    """The value of a number in digits or in a word; None if it is none, or too long to be one."""
    if word.isascii() and word.isdigit():
        return int(word) if len(word) <= LONGEST else None
    return numerals.get(word)


def _kind(value: int, here: Span, slots: Mapping[str, list[Span]]) -> str | None:
    if _follows("MONEY", here, slots, 1):
        return "SUM"
    if value <= HOURS and (_follows("O_CLOCK", here, slots, 1) or _before("AT", here, slots)):
        return "CLOCK"
    if _before("CLASS", here, slots):
        return "CHILD_AGE" if value <= 12 else None
    unit = _follows("YEARS", here, slots, 2)
    if _is_duration(here, unit, slots):
        return "DURATION"
    if (unit or _is_aged(here, slots)) and YOUNGEST <= value <= OLDEST:
        return "CHILD_AGE" if value < ADULT else "ADULT_AGE"
    return None


def _is_duration(here: Span, unit: Span | None, slots: Mapping[str, list[Span]]) -> bool:
    if not unit:
        return _follows("TIME_UNIT", here, slots, 1) is not None
    return _stands("SINCE|AGO|AFTER|PASSED", (unit[1], unit[1] + 1), slots) or _before("FOR", here, slots)


def _is_aged(here: Span, slots: Mapping[str, list[Span]]) -> bool:
    """Tell whether a number without "years" is an age: "umar 13", "I am 16", "14 ki", "girl 12"."""
    if _follows("COUNTED", here, slots, 1):
        return False
    beside = _near("AGE", here, slots) or _before("I_AM", here, slots) or _before("AGED_ONE", here, slots)
    return beside or _follows("AGED", here, slots, 1) is not None


def _follows(name: str, here: Span, slots: Mapping[str, list[Span]], reach: int) -> Span | None:
    return next((span for span in slots.get(name, ()) if here[1] <= span[0] < here[1] + reach), None)


def _before(name: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(end == here[0] for _, end in slots.get(name, ()))


def _near(name: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(start < here[1] + REACH and end > here[0] - REACH for start, end in slots.get(name, ()))


def _stands(names: str, here: Span, slots: Mapping[str, list[Span]]) -> bool:
    return any(start == here[0] for name in names.split("|") for start, _ in slots.get(name, ()))


def _is_plate(words: Sequence[str], at: int, slots: Mapping[str, list[Span]]) -> bool:
    """Tell whether letters and digits are a plate: "LEB 4471", but not "me 2019" or "rs 1200"."""
    letters, digits = words[at], words[at + 1]
    if not (_PLATE.fullmatch(letters) and _PLATE_DIGITS.fullmatch(digits)) or int(digits) in _YEARS_AD:
        return False
    counted = (at + 1, at + 2)
    return not (_stands("NO_PLATE", (at, at + 1), slots) or _kind(int(digits), counted, slots))
