"""The shape of the file that `hotline load` takes; every part of it may be left out."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from hotline.channels.traits import PagedChannel
from hotline.core.datafile import Strict
from hotline.core.localtime import LOCAL
from hotline.intake import RecruiterIn
from hotline.staff import MAX_OVERLAP, wall

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["ordinary", "holiday", "ramadan"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
MAX_TURN = timedelta(days=90)
_DURATION = re.compile(r"[+-]?P")


def _day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _first(value: object) -> object:
    return wall(value, 0, LOCAL) if _day(value) else value


def _last(value: object) -> object:
    return wall(value, 24 * 60, LOCAL) if _day(value) else value


def _iso(value: object) -> object:
    # YAML reads 30:00 as the number 1800, and pydantic a number as seconds
    if isinstance(value, str) and _DURATION.match(value):
        return value
    raise ValueError("is written as an ISO 8601 duration, such as PT15M or P7D")


def _at_most(longest: timedelta, said: str) -> Callable[[timedelta], timedelta]:
    def check(value: timedelta) -> timedelta:
        if not timedelta(0) < value <= longest:
            raise ValueError(f"must be longer than zero and at most {said}")
        return value

    return check


def _whole_days(value: timedelta) -> timedelta:
    if value % timedelta(days=1):
        raise ValueError("must be whole days, such as P1D or P7D")
    return value


def _whole_minutes(value: timedelta) -> timedelta:
    if value % timedelta(minutes=1):
        raise ValueError("must be whole minutes, such as PT15M")
    return value


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Begin = Annotated[AwareDatetime, BeforeValidator(_first)]  # a date alone: the beginning of that local day
End = Annotated[AwareDatetime, BeforeValidator(_last)]  # a date alone: the end of that local day
Turn = Annotated[
    timedelta, BeforeValidator(_iso), AfterValidator(_at_most(MAX_TURN, "90 days")), AfterValidator(_whole_days)
]
Overlap = Annotated[
    timedelta, BeforeValidator(_iso), AfterValidator(_at_most(MAX_OVERLAP, "12 hours")), AfterValidator(_whole_minutes)
]


class Names(Strict):
    """One name in three languages; what is missing falls back to English."""

    en: Name
    ur: Name | None = None
    sd: Name | None = None


class ZoneIn(Strict):
    """A zone."""

    code: Code
    name: Names


class CircleIn(Strict):
    """A circle with its districts, by their English names, and the usernames of those who lead it."""

    code: Code
    zone: Code
    name: Names
    districts: list[str] = []
    desk: bool = False
    head: Annotated[list[str], BeforeValidator(_several)] = []


class AddressIn(Strict):
    """An address at which an officer is paged."""

    channel: PagedChannel
    address: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class OfficerIn(Strict):
    """An officer. `wish`: the language of the texts to them, `@latin` for Roman letters."""

    username: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,31}$")]
    name: Name
    rank: Name
    circle: Code
    gender: Literal["female", "male", "other"] | None = None
    languages: list[str] = ["ur", "en"]
    wish: Literal["en", "ur", "sd", "ur@latin", "sd@latin"] = "en"
    integrity: bool = False
    active: bool = True
    addresses: list[AddressIn] = []


class RosterPart(Strict):
    """A part of the roster; with `remove` it is taken away from now on."""

    remove: bool = False


class Weekly(Strict):
    """Days of the week and local hours; an end at or before the start is on the next day."""

    days: list[Day] = Field(min_length=1)
    start: Clock
    end: Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class Rotation(Strict):
    """Officers in turn, each for `every`; the first takes over on the day `start` at the local time `handover`."""

    officers: list[str] = Field(min_length=1)
    every: Turn
    start: date
    handover: Clock = "00:00"


class ShiftIn(RosterPart):
    """A tier of a circle: who holds it (one of `officer`, `rotation`, `borrow`), and when."""

    circle: Code
    tier: Name
    officer: str | None = None
    rotation: Rotation | None = None
    borrow: Code | None = None
    weekly: Weekly | None = None
    start: Begin | None = Field(None, alias="from")
    until: End | None = None
    only: list[Kind] | None = Field(None, min_length=1)
    overlap: Overlap | None = None


class HolidayIn(RosterPart):
    """A public holiday."""

    date: date
    name: Name | None = None


class RamadanIn(RosterPart):
    """The first and the last day of a Ramadan, as the committee announced them."""

    start: date = Field(alias="from")
    until: date


class LeaveIn(RosterPart):
    """An officer who is away."""

    officer: str
    start: Begin = Field(alias="from")
    until: End


class OverrideIn(RosterPart):
    """An officer who stands in on a tier: for `replaces`, or for everybody."""

    circle: Code
    tier: Name
    officer: str
    start: Begin = Field(alias="from")
    until: End
    replaces: str | None = None


class SwapIn(RosterPart):
    """Two officers of a tier who take each other's duties."""

    circle: Code
    tier: Name
    between: list[str] = Field(min_length=2, max_length=2)
    start: Begin = Field(alias="from")
    until: End


class DirectoryFile(Strict):
    """The whole file."""

    zones: list[ZoneIn] = []
    circles: list[CircleIn] = []
    officers: list[OfficerIn] = []
    shifts: list[ShiftIn] = []
    holidays: list[HolidayIn] = []
    ramadan: list[RamadanIn] = []
    agents: list[RecruiterIn] = []
    leave: list[LeaveIn] = []
    overrides: list[OverrideIn] = []
    swaps: list[SwapIn] = []


def minutes(clock: str) -> int:
    """Minutes of the day of "08:00"; "24:00" is 1440."""
    if clock == "24:00":
        return 24 * 60
    parsed = time.fromisoformat(clock)
    return parsed.hour * 60 + parsed.minute
