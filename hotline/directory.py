"""`hotline load`: zones, circles, officers and shifts from a YAML file; all of it or nothing, repeating it changes nothing."""

from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy.orm import Session

from hotline import audit, db
from hotline.channels import phone
from hotline.datafile import DataFile, DataFileError, Strict
from hotline.places import Places
from hotline.roster import DAYS, Circle, CircleDistrict, Officer, OfficerAddress, Shift, Zone
from hotline.vault import Vault

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MIDNIGHT = "24:00"


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
    """A circle with its districts, by their English names."""

    code: Code
    zone: Code
    name: Names
    districts: list[str] = []
    desk: bool = False


class AddressIn(Strict):
    """Where an officer is paged."""

    channel: Literal["sms", "telegram", "whatsapp"]
    address: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class OfficerIn(Strict):
    """An officer."""

    username: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,31}$")]
    name: Name
    rank: Name
    circle: Code
    gender: Literal["female", "male", "other"] | None = None
    languages: list[str] = ["ur", "en"]
    integrity: bool = False
    active: bool = True
    addresses: list[AddressIn] = []


class Weekly(Strict):
    """Days of the week and local hours; an end at or before the start is on the next day."""

    days: list[Day] = Field(min_length=1)
    start: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class ShiftIn(Strict):
    """A tier of a circle held by an officer, weekly or from one moment to another."""

    circle: Code
    tier: Name
    officer: str
    weekly: Weekly | None = None
    start: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None


class DirectoryFile(Strict):
    """The whole file; every part may be left out."""

    zones: list[ZoneIn] = []
    circles: list[CircleIn] = []
    officers: list[OfficerIn] = []
    shifts: list[ShiftIn] = []


class Loader:
    """One load within one transaction."""

    def __init__(self, tx: Session, vault: Vault, places: Places, tiers: list[str], file: DataFile) -> None:
        self.tx, self.vault, self.places, self.tiers, self.file = tx, vault, places, tiers, file
        self.problems: list[str] = []
        self.districts: dict[str, str] = {}  # of this file -> circle
        self.zones = set(tx.scalars(sa.select(Zone.code)))
        self.circles = {circle.code: circle for circle in tx.scalars(sa.select(Circle))}
        self.officers = {officer.username: officer for officer in tx.scalars(sa.select(Officer))}

    def load(self, now: datetime) -> dict[str, int]:
        """Check and write everything; how many of each kind. Raises DataFileError with all problems."""
        content = self.file.parse(DirectoryFile)
        for zone in content.zones:
            self._zone(zone)
        for position, circle in enumerate(content.circles):
            self._circle(circle, position)
        for district, owner in self.districts.items():
            self.tx.merge(CircleDistrict(district=district, circle=owner))
        for position, officer in enumerate(content.officers):
            self._officer(officer, position)
        for position, officer in enumerate(content.officers):
            for number, address in enumerate(officer.addresses):
                self._address(self.officers[officer.username], address, position, number)
        for position, shift in enumerate(content.shifts):
            self._shift(shift, position)
        desks = [circle.code for circle in self.circles.values() if circle.desk]
        if len(desks) > 1:
            self._problem(f"two desks: {', '.join(sorted(desks))}; exactly one circle may have `desk: true`", "circles")
        if self.problems:
            raise DataFileError(self.problems)
        counts = {"zones": len(content.zones), "circles": len(content.circles),
                  "officers": len(content.officers), "shifts": len(content.shifts)}  # fmt: skip
        audit.record(self.tx, "directory_loaded", at=now, actor="operator", report_id=None, **counts)
        return counts

    def _problem(self, message: str, *where: str | int) -> None:
        self.problems.append(self.file.problem(message, *where))

    def _zone(self, zone: ZoneIn) -> None:
        if zone.code in self.zones:
            row = self.tx.get_one(Zone, zone.code)
            row.name = _names(zone.name)
            return
        self.zones.add(zone.code)
        self.tx.add(Zone(code=zone.code, name=_names(zone.name)))

    def _circle(self, circle: CircleIn, position: int) -> None:
        if circle.zone not in self.zones:
            self._problem(f"no zone {circle.zone}", "circles", position, "zone")
        row = self.circles.get(circle.code)
        if row is None:
            row = self.circles[circle.code] = Circle(code=circle.code)
            self.tx.add(row)
        row.zone, row.name, row.desk = circle.zone, _names(circle.name), circle.desk
        for number, name in enumerate(circle.districts):
            place = self.places.district(name)
            if place is None:
                self._problem(f"no district {name}", "circles", position, "districts", number)
                continue
            owner = self.districts.setdefault(place.code, circle.code)
            if owner != circle.code:
                self._problem(f"{name} is a district of {owner} already", "circles", position, "districts", number)

    def _officer(self, officer: OfficerIn, position: int) -> None:
        if officer.circle not in self.circles:
            self._problem(f"no circle {officer.circle}", "officers", position, "circle")
        row = self.officers.get(officer.username)
        if row is None:
            row = self.officers[officer.username] = Officer(username=officer.username)
            self.tx.add(row)
        row.name, row.rank, row.circle, row.gender = officer.name, officer.rank, officer.circle, officer.gender
        row.languages, row.integrity, row.active = officer.languages, officer.integrity, officer.active
        self.tx.flush()
        self._take_away(row, officer.addresses)

    def _take_away(self, officer: Officer, kept: list[AddressIn]) -> None:
        """Remove the addresses that are not in the file; before any is added, so that phones can be handed on."""
        indexes = {(address.channel, self._index(address)) for address in kept}
        for row in self.tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.officer_id == officer.id)):
            if (row.channel, row.index) not in indexes:
                self.tx.delete(row)  # one by one: every process must notice
        self.tx.flush()

    def _index(self, address: AddressIn) -> bytes:
        return self.vault.index(address.channel, phone.normalise(address.address))

    def _address(self, officer: Officer, address: AddressIn, position: int, number: int) -> None:
        """Give an officer an address, if it is not theirs already."""
        where = ("officers", position, "addresses", number, "address")
        peer = phone.normalise(address.address)
        if address.channel == "sms" and not phone.is_phone(peer):
            self._problem("not a phone number", *where)
            return
        index = self._index(address)
        row = self.tx.scalars(
            sa.select(OfficerAddress).where(OfficerAddress.channel == address.channel, OfficerAddress.index == index)
        ).first()
        if row is not None and row.officer_id != officer.id:
            self._problem("is another officer's address already", *where)
        if row is None:
            row = OfficerAddress(id=db.new_id(), officer_id=officer.id, channel=address.channel, index=index)
            row.address = self.vault.seal_for("worker", peer.encode(), f"officer {address.channel} {row.id}")
            self.tx.add(row)
            self.tx.flush()

    def _shift(self, shift: ShiftIn, position: int) -> None:
        officer = self.officers.get(shift.officer)
        if shift.circle not in self.circles:
            self._problem(f"no circle {shift.circle}", "shifts", position, "circle")
        if shift.tier not in self.tiers:
            self._problem(f"no tier {shift.tier}; there are {', '.join(self.tiers)}", "shifts", position, "tier")
        if officer is None:
            self._problem(f"no officer {shift.officer}", "shifts", position, "officer")
        if shift.weekly is None and shift.start is None and shift.until is None:
            self._problem("needs `weekly`, or `from` and `until`", "shifts", position)
        if shift.start and shift.until and shift.until <= shift.start:
            self._problem("ends before it begins", "shifts", position, "until")
        if officer is not None and not self.problems:
            self._put_shift(shift, officer)

    def _put_shift(self, shift: ShiftIn, officer: Officer) -> None:
        row = Shift(
            id=db.new_id(), circle=shift.circle, tier=shift.tier, officer_id=officer.id,
            days=[day for day in DAYS if day in shift.weekly.days] if shift.weekly else None,
            start_minute=_minutes(shift.weekly.start) if shift.weekly else None,
            end_minute=_minutes(shift.weekly.end) if shift.weekly else None,
            starts_at=shift.start, ends_at=shift.until,
        )  # fmt: skip
        same = sa.select(Shift).where(
            Shift.circle == row.circle, Shift.tier == row.tier, Shift.officer_id == row.officer_id,
            Shift.start_minute == row.start_minute, Shift.end_minute == row.end_minute,
            Shift.starts_at == row.starts_at, Shift.ends_at == row.ends_at,
        )  # fmt: skip
        if not any(known.days == row.days for known in self.tx.scalars(same)):
            self.tx.add(row)
            self.tx.flush()


def load(tx: Session, vault: Vault, places: Places, tiers: list[str], path: Path, now: datetime) -> dict[str, int]:
    """Load a directory file. Raises DataFileError naming file, line and field of each problem."""
    return Loader(tx, vault, places, tiers, DataFile(path)).load(now)


def _names(names: Names) -> dict[str, str]:
    return {"en": names.en, "ur": names.ur or names.en, "sd": names.sd or names.en}


def _minutes(clock: str) -> int:
    if clock == MIDNIGHT:
        return 24 * 60
    parsed = time.fromisoformat(clock)
    return parsed.hour * 60 + parsed.minute
