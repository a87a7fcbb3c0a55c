"""Hours of the local day, as people name them: "subah 10 se 12", "9 to 11 pm", "raat 9 ke baad", "din ko".

A text at the wrong hour may be read by whoever must not read it. So nothing is guessed: an hour counts only with morning,
day or night, am or pm, or on a clock of 24 hours; "10 to 12" alone names no hours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

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


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the day: the hours it means alone, and from which minute to which an hour named with it may begin."""

    alone: Hours
    since: int
    until: int
    words: frozenset[str]


_DAYTIME = _words("din dinh deenh daytime دن ڏينهن")  # by day, not at night; behind a number a day of the calendar
_PARTS = (
    _Part(Hours(7 * 60, 11 * 60), 4 * 60, 13 * 60, _words("subah subha subuh sawere morning صبح سویرے صبوح")),
    _Part(Hours(10 * 60, 16 * 60), 7 * 60, 19 * 60, _DAYTIME),
    _Part(Hours(12 * 60, 15 * 60), 11 * 60, 18 * 60,
          _words("dopahar dopehar dopehr noon afternoon دوپہر منجھند manjhand")),
    _Part(Hours(16 * 60, 19 * 60), 14 * 60, 23 * 60, _words("sham shaam evening شام سانجھي sanjhi")),
    _Part(Hours(21 * 60, 23 * 60), 18 * 60, 30 * 60, _words("raat rat night رات")),
)  # fmt: skip
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
    " ke k ki ko jo ja je mein me main baje bajay bjy bje bj wage waje vage"
    " سے تک اور کان تائين ۽ میں کے کی کو جو جا جي صرف روز بجے وڳي وڳين وقت"
)
_OF_DAY = frozenset(word for part in _PARTS for word in part.words)
_KNOWN = _SMALL | _AFTER | _BEFORE | _OF_DAY
_CLOCK = re.compile(r"(\d{1,2})\s*[:.]\s*(\d{2})(?!\d)")
_NUMBER = re.compile(r"(\d{1,2})(?:h(\d{2}))?(am|pm)?")


@dataclass(frozen=True, slots=True)
class _Time:
    """An hour as it was named: the minute, and whether it is known which half of the day is meant."""

    minute: int
    sure: bool


def parse(text: str) -> Hours | None:
    """The hours that a text names for certain; None if any word of it is not understood, if more than one stretch is named,
    or if nothing says which half of the day is meant."""
    said = re.sub(r"\b(a|p) m\b", r"\1m", normalise(_CLOCK.sub(r"\1h\2", text))).split(" ")
    said = [*_joined(said)]
    times = [time for time in map(_time, said) if time is not None]
    parts = [part for token in said for part in _PARTS if token in part.words]
    after, before = (not words.isdisjoint(said) for words in (_AFTER, _BEFORE))
    known = [token for token in said if _time(token) or token in _KNOWN]
    order = "".join("t" if _time(token) else "p" for token in said if _time(token) or token in _OF_DAY)
    if len(known) < len(said) or len(times) > 2 or len(parts) > max(1, len(times)) or _days(said):
        return None
    if "pp" in order:  # "subah sham 10 se 12": two stretches
        return None
    found = _hours(times, parts, order, after=after, before=before) if times else None
    if not times and parts and not (after or before):
        found = parts[0].alone
    return found if found is not None and found.length <= LONGEST else None


def _days(said: list[str]) -> bool:
    """Tell whether days are counted: "3 din baad" is no hour."""
    return any(after in _DAYTIME and _time(before) for before, after in pairwise(said))


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


def _hours(times: list[_Time], parts: list[_Part], order: str, *, after: bool, before: bool) -> Hours | None:
    """The hours of one or two times; `order` is that of times (t) and parts of the day (p)."""
    first, last = times[0], times[-1]
    if not (parts or first.sure or last.sure):
        return None  # "10 to 12": in the morning or at night?
    if len(times) == 2:
        return None if before and after else _stretch(first, last, parts, order)
    start = _named(first, parts[0] if parts else None)
    if start is None:
        return None
    if before:
        return Hours((start - OPEN_END) % DAY, start)
    return Hours(start, (start + (OPEN_END if after else ONE_MOMENT)) % DAY)


def _stretch(first: _Time, last: _Time, parts: list[_Part], order: str) -> Hours | None:
    """From one time to another. One part of the day is that of the time beside it; between two, both must mean the same."""
    if len(parts) == 2:
        start, end = _named(first, parts[0]), _named(last, parts[1])
        return Hours(start, end) if start is not None and end is not None else None
    part = parts[0] if parts else None
    onward, backward = _from(_named(first, part), last), _until(first, _named(last, part))
    if part is None:
        return onward if first.sure else backward
    if order == "tpt":
        return onward if onward == backward else None
    return onward if order == "ptt" else backward


def _from(start: int | None, last: _Time) -> Hours | None:
    """Complete the end: "raat 11 se 1" ends at 1 in the night."""
    return Hours(start, _next(last, start + 1)) if start is not None else None


def _until(first: _Time, end: int | None) -> Hours | None:
    """Complete the beginning: "9 to 11 pm" begins at 9 pm, "9 to 5 in the evening" at 9 in the morning."""
    if end is None or first.sure:
        return Hours(first.minute, end) if end is not None else None
    return Hours((end - ((end - first.minute) % HALF or HALF)) % DAY, end)


def _named(time: _Time, part: _Part | None) -> int | None:
    """The minute that is meant; None where the part of the day has no such hour: "subah 2 baje" says two things at once."""
    if part is None or time.sure:
        return time.minute
    minute = _next(time, part.since)
    return minute if (minute - part.since) % DAY < part.until - part.since else None


def _next(time: _Time, since: int) -> int:
    """The first moment at or after `since` that the named hour may mean."""
    if time.sure:
        return time.minute
    return (since + (time.minute - since) % HALF) % DAY
