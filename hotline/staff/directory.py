"""The directory as one snapshot in memory, and what can be asked of it: who is on duty, who leads, where nobody is."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hotline.core.localtime import LOCAL
from hotline.staff.shifts import ALWAYS, Kinds, Span, spans
from hotline.staff.tables import Leave, Override, Shift

Place = tuple[str, str]  # circle, tier
MAX_OVERLAP = timedelta(hours=12)  # of who goes with who comes
AHEAD = timedelta(hours=24)  # how far a stretch is looked for


@dataclass(frozen=True, slots=True)
class Duty:
    """An officer on duty, with the addresses to page."""

    officer_id: str
    name: str
    integrity: bool
    addresses: tuple[tuple[str, str], ...]  # (address id, channel)
    gender: str | None = None
    languages: tuple[str, ...] = ()
    wish: str = "en"  # language of the texts to this officer


@dataclass(frozen=True, slots=True)
class Member:
    """An active officer as the snapshot knows them."""

    id: str
    name: str
    rank: str
    circle: str
    integrity: bool
    addresses: tuple[tuple[str, str], ...]  # (address id, channel)
    gender: str | None = None
    languages: tuple[str, ...] = ()
    wish: str = "en"

    def duty(self) -> Duty:
        """Make this officer somebody to page."""
        return Duty(self.id, self.name, self.integrity, self.addresses, self.gender, self.languages, self.wish)


@dataclass(frozen=True, slots=True)
class Preference:
    """A victim's wish whom to talk to; it orders officers and leaves nobody out."""

    female: bool = False
    language: str | None = None  # "ur", "sd@latin" …

    def missed(self, duty: Duty) -> tuple[bool, bool]:
        """Tell what an officer does not offer: sorts those who fit to the front."""
        spoken = self.language.split("@")[0] if self.language else None
        return self.female and duty.gender != "female", spoken is not None and spoken not in duty.languages


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nobody holds a tier of a circle."""

    circle: str
    tier: str
    start: datetime
    end: datetime


class Stretch(NamedTuple):
    """A time in which the same people hold a tier, at least until `end`. `turns`: others do from then on."""

    begin: datetime
    end: datetime
    duties: tuple[Duty, ...]
    turns: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """A snapshot of everything that rarely changes: a message needs no statement of its own for each part of it."""

    circles: dict[str, dict[str, str]]  # code -> names
    desks: tuple[str, ...]
    districts: dict[str, str]  # district -> circle
    members: dict[str, Member]  # officer id -> officer
    by_address: dict[str, Member]  # address id -> officer
    pageable: frozenset[str]  # ids of the officers who can be paged: others would hold up their tier unseen
    shifts: dict[Place, list[Shift]]  # each list by its end, as `_still` needs it
    overrides: dict[Place, list[Override]] = field(default_factory=dict)
    leaves: dict[str, list[Leave]] = field(default_factory=dict)  # officer id -> leaves
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)  # circle -> officer ids of those who lead it
    kinds: Kinds = field(default_factory=dict)
    zone: ZoneInfo = LOCAL
    _stretches: dict[Place, Stretch] = field(default_factory=dict, compare=False, repr=False)  # the last of each tier

    @property
    def desk(self) -> str:
        """Name the circle that takes what has no circle. Raises LookupError before a directory is loaded."""
        if not self.desks:
            raise LookupError("no circle is marked as the desk: load a directory first (README#directory)")
        return self.desks[0]

    def on_duty(self, circle: str, tier: str, now: datetime, prefer: Preference | None = None) -> list[Duty]:
        """Find who holds a tier of a circle at a moment, those whom `prefer` means first. For the desk's tier, ask it."""
        found = self._stretch(circle, tier, now).duties
        return sorted(found, key=prefer.missed) if prefer else list(found)

    def _stretch(self, circle: str, tier: str, now: datetime) -> Stretch:
        """Find the present stretch of a tier, and keep it: that takes longer than all else about whom to page."""
        kept = self._stretches.get((circle, tier))
        if kept is None or not kept.begin <= now < kept.end:
            window = Window(self, now, now + AHEAD)
            held = window.holders(circle, tier, now)
            changes = ((mark, window.holders(circle, tier, mark)) for mark in window.marks(circle, tier)[1:])
            end, then = next((change for change in changes if change[1] != held), (window.end, held))
            duties = tuple(self.members[officer_id].duty() for officer_id in held)
            kept = self._stretches[circle, tier] = Stretch(window.start, end, duties, set(then) != set(held))
        return kept

    def on_leave(self, officer_id: str, now: datetime) -> bool:
        """Tell whether an officer is on leave at a moment."""
        return any(leave.starts_at <= now < leave.ends_at for leave in self.leaves.get(officer_id, ()))

    def held_by(self, officer_id: str, now: datetime) -> list[Place]:
        """List all tiers that an officer holds at a moment, as (circle, tier)."""
        window = Window(self, now, now)
        places = sorted({*self.shifts, *self.overrides})
        return [place for place in places if officer_id in window.holders(*place, now)]

    def next_change(self, circle: str, tier: str, now: datetime, hours: int = 24) -> datetime:
        """Find when others will hold the tier, at most `hours` ahead. For the desk's tier, `circle` is the desk."""
        end, stretch = now + timedelta(hours=hours), self._stretch(circle, tier, now)
        if stretch.turns or stretch.end >= end:
            return min(stretch.end, end)
        window = Window(self, now, end)
        held = set(window.holders(circle, tier, now))
        later = window.marks(circle, tier)[1:]
        return next((mark for mark in later if set(window.holders(circle, tier, mark)) != held), end)

    def heads(self, circle: str, now: datetime, tiers: Sequence[str] = ()) -> list[Duty]:
        """Find who leads a circle: those named; else the nearest of `tiers` above the first with holders; else the desk."""
        named = [head for head in self.named.get(circle, ()) if head in self.pageable and not self.on_leave(head, now)]
        if named:
            return [self.members[head].duty() for head in named]
        window = Window(self, now, now)
        desk = [place for place in self.shifts if place[0] in self.desks]
        for place in [*((circle, tier) for tier in tiers[1:-1]), *desk]:
            held = window.holders(*place, now)
            if held:
                return [self.members[officer_id].duty() for officer_id in held]
        return []

    def of_rank(self, rank: str) -> list[Duty]:
        """List all officers of a rank, on duty or not: the last resort when nobody is on duty."""
        return [member.duty() for member in self.members.values() if member.rank == rank and member.addresses]


class Window:
    """A directory from `start` to `end` (both included), in which the spans of each tier are found once.

    Who holds a tier at a moment:
    1. whose shifts cover it; where a shift borrows, who holds the tier in the other circle by all these steps;
    2. overrides, those written together at once, earlier ones first: who stands in for everybody takes the place of all,
       then who stands in for one officer takes the place of that one, if that one is there;
    3. without those on leave, and without those who cannot be paged.
    """

    def __init__(self, known: Directory, start: datetime, end: datetime) -> None:
        self.known, self.start, self.end = known, start.astimezone(UTC), end.astimezone(UTC)
        self._spans: dict[Place, list[Span]] = {}

    def holders(self, circle: str, tier: str, moment: datetime, _lenders: tuple[str, ...] = ()) -> list[str]:
        """Find the ids of the officers who hold a tier at a moment of this window."""
        if circle in _lenders:  # two circles that borrow from each other: nobody is there
            return []
        found: list[str] = []
        for span in self._of(circle, tier):
            if not span.begin <= moment < span.end:
                continue
            if span.borrow is not None:
                found += self.holders(span.borrow, tier, moment, (*_lenders, circle))
            elif span.officer_id is not None:
                found.append(span.officer_id)
        known = self.known
        found = self._overridden(found, circle, tier, moment)
        return [one for one in dict.fromkeys(found) if one in known.pageable and not known.on_leave(one, moment)]

    def _overridden(self, found: list[str], circle: str, tier: str, moment: datetime) -> list[str]:
        rows = [row for row in self._overrides(circle, tier) if row.starts_at <= moment < row.ends_at]
        for _, together in groupby(sorted(rows, key=_added), key=_added):
            group = list(together)
            found = [row.officer_id for row in group if row.replaces is None] or found
            instead = {row.replaces: row.officer_id for row in group}
            found = [instead.get(officer_id, officer_id) for officer_id in found]
        return found

    def gaps(self, circle: str, tier: str) -> Iterator[Gap]:
        """List the stretches of this window in which nobody holds a tier, to the moment."""
        begin: datetime | None = None
        for mark in self.marks(circle, tier):
            if self.holders(circle, tier, mark):
                if begin is not None:
                    yield Gap(circle, tier, begin, mark)
                begin = None
            elif begin is None:
                begin = mark
        if begin is not None and begin < self.end:
            yield Gap(circle, tier, begin, self.end)

    def marks(self, circle: str, tier: str) -> list[datetime]:
        """List the window's start, and all later moments of it at which the holders of a tier may change, in order."""
        inside = (edge for edge in self._edges(circle, tier, ()) if self.start < edge < self.end)
        return [self.start, *sorted(set(inside))]

    def _edges(self, circle: str, tier: str, lenders: tuple[str, ...]) -> Iterator[datetime]:
        if circle in lenders:
            return
        for span in self._of(circle, tier):
            yield from span[:2]
        for row in self._overrides(circle, tier):
            yield from (row.starts_at, row.ends_at)
        for leaves in self.known.leaves.values():
            for leave in leaves:
                yield from (leave.starts_at, leave.ends_at)
        for borrow in {span.borrow for span in self._of(circle, tier)} - {None}:
            yield from self._edges(str(borrow), tier, (*lenders, circle))

    def _of(self, circle: str, tier: str) -> list[Span]:
        place, known = (circle, tier), self.known
        if place not in self._spans:
            shifts = _still(known.shifts.get(place, ()), self.start - MAX_OVERLAP)
            found = (spans(shift, self.start, self.end, known.kinds, known.zone) for shift in shifts)
            self._spans[place] = [span for several in found for span in several]
        return self._spans[place]

    def _overrides(self, circle: str, tier: str) -> Sequence[Override]:
        return _still(self.known.overrides.get((circle, tier), ()), self.start)


Row = TypeVar("Row", Shift, Override)


def ends(row: Shift | Override | Leave) -> datetime:
    """Find when a row ends, by which the rows of a snapshot are sorted."""
    return row.ends_at or ALWAYS[1]


def _added(row: Override) -> datetime:
    return row.added_at


def _still(rows: Sequence[Row], start: datetime) -> Sequence[Row]:
    """Keep those that have not ended by then: years of old ones stay on record and must cost nothing."""
    return rows[bisect_right(rows, start, key=ends) :]
