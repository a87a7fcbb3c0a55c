"""The mathematics of a shift: local days and hours to exact stretches of time. No database, no clock of its own.

A stretch is found from where its local hours begin and end, and never by looking at a clock's face in between: where
clocks are put forward or back, one shift still ends at the very moment at which the next begins.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hotline.core.localtime import LOCAL
from hotline.staff.tables import Shift

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
ORDINARY, HOLIDAY, RAMADAN = "ordinary", "holiday", "ramadan"
ALWAYS = (datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))

Kinds = Mapping[date, frozenset[str]]  # of the days that are not ordinary


class Span(NamedTuple):
    """A stretch of time in which a shift puts an officer, or whoever holds the tier in the circle `borrow`, on duty."""

    begin: datetime
    end: datetime
    officer_id: str | None
    borrow: str | None


@lru_cache(maxsize=4096)
def wall(day: date, minute: int, zone: ZoneInfo = LOCAL) -> datetime:
    """Find the moment (UTC) of a minute of a local day; 1440 is the next day's midnight.

    A minute that clocks skip is taken as if they had not; of one that they show twice, the first.
    """
    day += timedelta(days=minute // DAY_MINUTES)
    hour, minute = divmod(minute % DAY_MINUTES, 60)
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def spans(shift: Shift, start: datetime, end: datetime, kinds: Kinds, zone: ZoneInfo = LOCAL) -> Iterator[Span]:
    """List all stretches of a shift that touch `start` to `end` (UTC), cut at changes of hours, turns and officers."""
    overlap = timedelta(minutes=shift.overlap or 0)
    first, last = (start - overlap).astimezone(zone).date(), end.astimezone(zone).date()
    turns = list(_turns(shift, first, last, zone))
    for hours in _hours(shift, first, last, kinds, zone):
        for turn_begin, turn_end, officer_id in turns:
            begin = max(hours[0], turn_begin, shift.starts_at or hours[0])
            finish = min(hours[1], turn_end, shift.ends_at or hours[1])
            if begin < finish and begin <= end and start < finish + overlap:
                yield Span(begin, finish + overlap, officer_id, shift.borrow)


def _hours(shift: Shift, first: date, last: date, kinds: Kinds, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """List the hours of each local day from `first` to `last`, and of the day before, which may run past midnight."""
    if shift.days is None and shift.only is None:
        yield ALWAYS
        return
    begins = shift.start_minute or 0
    ends = DAY_MINUTES if shift.end_minute is None else shift.end_minute
    for number in range(-1, (last - first).days + 1):
        day = first + timedelta(days=number)
        if shift.days is not None and DAYS[day.weekday()] not in shift.days:
            continue
        if shift.only is None or not kinds.get(day, _ORDINARY).isdisjoint(shift.only):
            yield wall(day, begins, zone), wall(day, ends if begins < ends else ends + DAY_MINUTES, zone)


_ORDINARY = frozenset({ORDINARY})


def _turns(shift: Shift, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, str | None]]:
    """List who has the turn when, for all turns that touch `first` to `last`; before the first turn there is none."""
    if not shift.rotation or not shift.every or shift.first_day is None:
        yield *ALWAYS, shift.officer_id
        return
    handover = shift.handover or 0
    # A day earlier: until its handover, a day belongs to the turn before.
    earliest = ((first - shift.first_day).days - 1) // shift.every
    latest = (last - shift.first_day).days // shift.every
    for turn in range(max(0, earliest), latest + 1):
        day = shift.first_day + timedelta(days=turn * shift.every)
        officer_id = shift.rotation[turn % len(shift.rotation)]
        yield wall(day, handover, zone), wall(day + timedelta(days=shift.every), handover, zone), officer_id
