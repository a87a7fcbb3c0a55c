"""Hours of the local day, as people name them: "10 to 12", "das se bara", "raat 9 ke baad", "subah"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hotline.conversation.letters import normalise
from hotline.core.localtime import LOCAL

DAY, HALF = 24 * 60, 12 * 60  # minutes
LONGEST = 16 * 60  # minutes: who names more has been misunderstood
OPEN_END = 120  # minutes of "after nine", "before nine"
ONE_MOMENT = 60  # minutes of "at nine"


@dataclass(frozen=True, slots=True)
class Hours:
    """From one minute of the local day to another; `end` at or before `start` is on the next day."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Minutes."""
        return (self.end - self.start) % DAY or DAY

    def contain(self, now: datetime) -> bool:
        """Tell whether a moment lies within them; the end does not."""
        local = now.astimezone(LOCAL)
        return (local.hour * 60 + local.minute - self.start) % DAY < self.length

    def cover(self, other: "Hours") -> bool:
        """Tell whether all of the other's lie within these."""
        return (other.start - self.start) % DAY + other.length <= self.length


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(word) for word in text.split())


# A part of the day: when nothing else is named, the hours it means; and the hour from which a number named with it counts.
_PARTS = (
    (Hours(7 * 60, 11 * 60), 4 * 60, _words("subah subha subuh sawere morning صبح سویرے صبوح sabh")),
    (Hours(12 * 60, 15 * 60), 11 * 60, _words("dopahar dopehar dopehr noon afternoon دوپہر منجھند manjhand")),
    (Hours(16 * 60, 19 * 60), 14 * 60, _words("sham shaam evening شام سانجھي sanjhi")),
    (Hours(21 * 60, 23 * 60), 18 * 60, _words("raat rat night رات")),
)
_BY_DAY = 7 * 60  # "10 to 12" without more is by day: 7 to 11 before noon, 12 to 6 after it
_NUMERALS = (
    "one ek aik hik ایک هڪ", "two do ba دو ٻه", "three teen tin te تین ٽي", "four char chaar چار",
    "five paanch panch panj پانچ پنج", "six chay chhe che chah چھ ڇهه", "seven saat sat سات ست", "eight aath ath آٹھ اٺ",
    "nine nau nao نو", "ten das dah daha دس ڏهه", "eleven gyarah gyara giyara yarhan گیارہ يارهن ياران",
    "twelve barah bara baara barhan بارہ ٻارهن ٻاران",
)  # fmt: skip
_NUMBERS = {word: number for number, names in enumerate(_NUMERALS, start=1) for word in _words(names)}
_AFTER = _words("after baad bad poi بعد پوءِ onwards")
_BEFORE = _words("before pehle pehlay phle pahle agu پہلے اڳ until till")
_SMALL = _words(
    "between from to se say sy tak and aur ain khan taen at in the only sirf clock o oclock hours time waqt every daily roz"
    " ke k ki ko jo je mein me main baje bajay bjy bje bj wage waje vage"
    " سے تک اور کان تائين ۽ میں کے کی کو جو جي صرف روز بجے وڳي وڳين وقت"
)
_KNOWN = _SMALL | _AFTER | _BEFORE | frozenset(word for _, _, words in _PARTS for word in words)
_CLOCK = re.compile(r"(\d{1,2})\s*[:.]\s*(\d{2})(?!\d)")
_NUMBER = re.compile(r"(\d{1,2})(?:h(\d{2}))?(am|pm)?")


@dataclass(frozen=True, slots=True)
class _Time:
    """An hour as it was named: the minute, and whether it is known which half of the day is meant."""

    minute: int
    sure: bool


def parse(text: str) -> Hours | None:
    """The hours that a text names; None if any word of it is not understood, or more than one stretch is named.

    Without am, pm or a part of the day, 7 to 11 are before noon and 12 to 6 after it.
    """
    said = re.sub(r"\b(a|p) m\b", r"\1m", normalise(_CLOCK.sub(r"\1h\2", text))).split(" ")
    said = [*_joined(said)]
    times = [time for time in map(_time, said) if time is not None]
    parts = [part for token in said for part in _PARTS if token in part[2]]
    after, before = (not words.isdisjoint(said) for words in (_AFTER, _BEFORE))
    known = [token for token in said if _time(token) or token in _KNOWN]
    if len(known) < len(said) or len(times) > 2 or len(parts) > max(1, len(times)):
        return None
    found = _hours(times, [part[1] for part in parts], after=after, before=before) if times else None
    if not times and parts and not (after or before):
        found = parts[0][0]
    return found if found is not None and found.length <= LONGEST else None


def _joined(tokens: list[str]) -> Iterator[str]:
    """ "10 pm" as one word."""
    for position, token in enumerate(tokens):
        if token in ("am", "pm"):
            continue
        following = tokens[position + 1 : position + 2]
        yield token + following[0] if following in (["am"], ["pm"]) and _NUMBER.fullmatch(token) else token


def _time(token: str) -> _Time | None:
    if token in _NUMBERS:
        return _Time(_NUMBERS[token] * 60, sure=False)
    found = _NUMBER.fullmatch(token)
    if found is None or int(found[1]) > 24 or int(found[2] or 0) > 59:
        return None
    minute = (int(found[1]) * 60 + int(found[2] or 0)) % DAY
    if found[3]:
        return _Time(minute % HALF + (HALF if found[3] == "pm" else 0), sure=True)
    return _Time(minute, sure=minute >= 13 * 60 or int(found[1]) in (0, 24))


def _hours(times: list[_Time], parts: list[int], *, after: bool, before: bool) -> Hours | None:
    first, last = times[0], times[-1]
    if len(parts) == 2:
        return Hours(_next(first, parts[0]), _next(last, parts[1]))
    if len(times) == 2:
        return None if before and after else _between(first, last, parts)
    start = _next(first, parts[0] if parts else _BY_DAY)
    if before:
        return Hours((start - OPEN_END) % DAY, start)
    return Hours(start, (start + (OPEN_END if after else ONE_MOMENT)) % DAY)


def _between(first: _Time, last: _Time, parts: list[int]) -> Hours:
    """Complete what one end leaves open by the other one: "9 to 11 pm" begins at 9 pm."""
    if last.sure and not first.sure and not parts:
        return Hours((last.minute - ((last.minute - first.minute) % HALF or HALF)) % DAY, last.minute)
    start = _next(first, parts[0] if parts else _BY_DAY)
    return Hours(start, _next(last, start + 1))


def _next(time: _Time, since: int) -> int:
    """The first moment at or after `since` that the named hour may mean."""
    if time.sure:
        return time.minute
    return (since + (time.minute - since) % HALF) % DAY
