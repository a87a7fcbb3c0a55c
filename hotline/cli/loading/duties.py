"""Loading what a roster says from one moment to another: added if it is new, taken away with `remove`, never edited."""

from datetime import datetime

import sqlalchemy as sa

from hotline import staff as roster
from hotline.cli.loading.shapes import (
    DirectoryFile,
    HolidayIn,
    LeaveIn,
    OverrideIn,
    RamadanIn,
    RosterPart,
    ShiftIn,
    SwapIn,
    minutes,
)
from hotline.cli.loading.staff import Staff
from hotline.core import db
from hotline.staff import DAYS, HOLIDAY, RAMADAN, Dated, Leave, Override, Shift, SpecialDays

Where = tuple[str | int, ...]
MONTH = 30  # days: no month of the moon has more
KEPT = ("id", "added_at", "removed_at")  # columns that are not what a row says


class Duties:
    """One load of those parts, once zones, circles and officers are there."""

    def __init__(self, staff: Staff, tiers: list[str], now: datetime) -> None:
        self.staff, self.tx, self.tiers, self.now = staff, staff.tx, tiers, now
        self.said: list[tuple[Dated, bool, Where]] = []  # rows, whether to take away, place in the file
        self.known: dict[type[Dated], list[Dated]] = {}

    def load(self, content: DirectoryFile) -> None:
        """Check everything, then write it if nothing is wrong."""
        for number, shift in enumerate(content.shifts):
            self._shift(shift, ("shifts", number))
        for number, holiday in enumerate(content.holidays):
            self._holiday(holiday, ("holidays", number))
        for number, days in enumerate(content.ramadan):
            self._ramadan(days, ("ramadan", number))
        for number, leave in enumerate(content.leave):
            self._leave(leave, ("leave", number))
        for number, override in enumerate(content.overrides):
            self._override(override, ("overrides", number))
        for number, swap in enumerate(content.swaps):
            self._swap(swap, ("swaps", number))
        for row, remove, where in () if self.staff.problems else self.said:
            self._write(row, remove, where)

    def _shift(self, shift: ShiftIn, where: Where) -> None:
        self._tier(shift, where)
        officer_id = self._officer(shift.officer, (*where, "officer")) if shift.officer is not None else None
        turns = shift.rotation.officers if shift.rotation else []
        rotation = [self._officer(name, (*where, "rotation", "officers", n)) for n, name in enumerate(turns)]
        if shift.borrow is not None:
            self._lender(shift, (*where, "borrow"))
        holders = [name for name in ("officer", "rotation", "borrow") if getattr(shift, name) is not None]
        if len(holders) != 1:
            said = f"has {' and '.join(holders)}" if holders else "has nobody"
            self._problem(f"{said}; it needs one of `officer`, `rotation` and `borrow`", where)
        if shift.rotation is None and shift.weekly is None and shift.start is None and shift.until is None:
            self._problem("needs `weekly`, or `from` and `until`", where)
        if shift.start and shift.until and shift.until <= shift.start:
            self._problem("ends before it begins", (*where, "until"))
        row = _shift_row(shift)
        row.officer_id, row.rotation = officer_id, rotation or None
        self._say(row, shift, where)

    def _lender(self, shift: ShiftIn, where: Where) -> None:
        if shift.borrow not in self.staff.circles:
            self._problem(f"no circle {shift.borrow}", where)
        elif shift.borrow == shift.circle:
            self._problem("is the circle itself", where)

    def _holiday(self, holiday: HolidayIn, where: Where) -> None:
        row = SpecialDays(kind=HOLIDAY, first=holiday.date, last=holiday.date, name=holiday.name)
        self._say(row, holiday, where)

    def _ramadan(self, days: RamadanIn, where: Where) -> None:
        if days.until < days.start:
            self._problem("ends before it begins", (*where, "until"))
        elif (days.until - days.start).days >= MONTH:
            self._problem("is longer than 30 days", (*where, "until"))
        self._say(SpecialDays(kind=RAMADAN, first=days.start, last=days.until, name=None), days, where)

    def _leave(self, leave: LeaveIn, where: Where) -> None:
        officer_id = self._officer(leave.officer, (*where, "officer"))
        self._period(leave, where)
        self._say(Leave(officer_id=officer_id, starts_at=leave.start, ends_at=leave.until), leave, where)

    def _override(self, override: OverrideIn, where: Where) -> None:
        officer_id = self._officer(override.officer, (*where, "officer"))
        given = override.replaces
        replaces = self._officer(given, (*where, "replaces")) if given is not None else None
        self._stand_in(override, officer_id, replaces, where)

    def _swap(self, swap: SwapIn, where: Where) -> None:
        one, other = (self._officer(name, (*where, "between", n)) for n, name in enumerate(swap.between))
        if swap.between[0] == swap.between[1]:
            self._problem("needs two officers", (*where, "between"))
        self._stand_in(swap, one, other, where)
        self._stand_in(swap, other, one, where)

    def _stand_in(self, given: OverrideIn | SwapIn, officer_id: str, replaces: str | None, where: Where) -> None:
        self._tier(given, where)
        self._period(given, where)
        row = Override(
            circle=given.circle, tier=given.tier, officer_id=officer_id, replaces=replaces,
            starts_at=given.start, ends_at=given.until,
        )  # fmt: skip
        self._say(row, given, where)

    def _tier(self, given: ShiftIn | OverrideIn | SwapIn, where: Where) -> None:
        if given.circle not in self.staff.circles:
            self._problem(f"no circle {given.circle}", (*where, "circle"))
        if given.tier not in self.tiers:
            self._problem(f"no tier {given.tier}; there are {', '.join(self.tiers)}", (*where, "tier"))

    def _period(self, given: LeaveIn | OverrideIn | SwapIn, where: Where) -> None:
        try:
            roster.check_period(given.start, given.until)
        except ValueError as error:
            self._problem(str(error), (*where, "until"))

    def _officer(self, username: str, where: Where) -> str:
        """The id of an officer, or "" with a problem."""
        officer = self.staff.officers.get(username)
        if officer is None:
            self._problem(f"no officer {username}", where)
            return ""
        return officer.id

    def _problem(self, message: str, where: Where) -> None:
        problem = self.staff.file.problem(message, *where)
        if problem not in self.staff.problems:  # a swap is checked as two overrides
            self.staff.problems.append(problem)

    def _say(self, row: Dated, given: RosterPart, where: Where) -> None:
        self.said.append((row, given.remove, where))

    def _write(self, row: Dated, remove: bool, where: Where) -> None:
        rows = self._rows(type(row))
        same = [known for known in rows if _content(known) == _content(row)]
        held = [known for known in same if known.removed_at is None]
        if remove and not same:
            self._problem("is not in the roster", where)
        for known in held if remove else ():
            known.removed_at = self.now
        if not remove and not held:
            row.id = db.new_id()
            roster.add(self.tx, row, self.now)
            rows.append(row)
        self.tx.flush()

    def _rows(self, model: type[Dated]) -> list[Dated]:
        if model not in self.known:
            self.known[model] = list(self.tx.scalars(sa.select(model)))
        return self.known[model]


def _content(row: Dated) -> list[object]:
    """Return what a row says."""
    return [getattr(row, column.key) for column in sa.inspect(type(row)).columns if column.key not in KEPT]


def _shift_row(shift: ShiftIn) -> Shift:
    """A shift without its people."""
    turns, weekly = shift.rotation, shift.weekly
    return Shift(
        circle=shift.circle, tier=shift.tier, borrow=shift.borrow,
        every=turns.every.days if turns else None,
        first_day=turns.start if turns else None,
        handover=minutes(turns.handover) if turns else None,
        days=[day for day in DAYS if day in weekly.days] if weekly else None,
        start_minute=minutes(weekly.start) if weekly else None,
        end_minute=minutes(weekly.end) if weekly else None,
        starts_at=shift.start, ends_at=shift.until,
        only=sorted(set(shift.only)) if shift.only else None,
        overlap=int(shift.overlap.total_seconds()) // 60 if shift.overlap else None,
    )  # fmt: skip
