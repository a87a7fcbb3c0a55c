"""Zones, circles, officers, shifts: who is on duty at a moment, and where nobody is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db
from hotline.prepared import Prepared

LOCAL = ZoneInfo("Asia/Karachi")
DAY_MINUTES = 24 * 60
GAP_STEP = timedelta(minutes=30)  # gaps are looked for at every half hour


def _foreign(column: str) -> sa.ForeignKey:
    # Deferred, so that rows of one transaction may be written in any order.
    return sa.ForeignKey(column, deferrable=True, initially="DEFERRED")


class Zone(db.Base):
    """A zone of the agency; HQ is one too."""

    __tablename__ = "zones"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[dict[str, str]]


class Circle(db.Base):
    """An operational unit. The one with `desk` takes what has no circle."""

    __tablename__ = "circles"
    code: Mapped[str] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(_foreign("zones.code"))
    name: Mapped[dict[str, str]]
    desk: Mapped[bool] = mapped_column(default=False)


class CircleDistrict(db.Base):
    """Which circle a district belongs to."""

    __tablename__ = "circle_districts"
    district: Mapped[str] = mapped_column(primary_key=True)
    circle: Mapped[str] = mapped_column(_foreign("circles.code"))


class Officer(db.Base):
    """Somebody who can be paged and can log in."""

    __tablename__ = "officers"
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rank: Mapped[str]
    circle: Mapped[str] = mapped_column(_foreign("circles.code"))
    gender: Mapped[str | None]
    languages: Mapped[list[str]]
    integrity: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class OfficerAddress(db.Base):
    """Where an officer is paged: sealed to the worker, context `officer <channel> <id>`; index as for contacts."""

    __tablename__ = "officer_addresses"
    __table_args__ = (sa.UniqueConstraint("channel", "index"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    officer_id: Mapped[str] = mapped_column(_foreign("officers.id"), index=True)
    channel: Mapped[str]
    index: Mapped[bytes]
    address: Mapped[bytes]


class Shift(db.Base):
    """A tier of a circle held by an officer: weekly (days, minutes of the local day) or from one moment to another."""

    __tablename__ = "shifts"
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    circle: Mapped[str] = mapped_column(_foreign("circles.code"), index=True)
    tier: Mapped[str]
    officer_id: Mapped[str] = mapped_column(_foreign("officers.id"), index=True)
    days: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]  # at or before the start: the shift ends on the next day
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


class DirectoryState(db.Base):
    """One row: changes whenever anything of the directory does."""

    __tablename__ = "directory_state"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str]


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Duty:
    """An officer on duty, with the addresses to page."""

    officer_id: str
    name: str
    integrity: bool
    addresses: tuple[tuple[str, str], ...]  # (address id, channel)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nobody holds a tier of a circle."""

    circle: str
    tier: str
    start: datetime
    end: datetime


def covers(shift: Shift, now: datetime) -> bool:
    """Whether a shift covers a moment, in local time; weekly shifts may run past midnight."""
    if shift.starts_at is not None and now < shift.starts_at:
        return False
    if shift.ends_at is not None and now >= shift.ends_at:
        return False
    if shift.days is None or shift.start_minute is None or shift.end_minute is None:
        return True
    local = now.astimezone(LOCAL)
    minute, today = local.hour * 60 + local.minute, DAYS[local.weekday()]
    yesterday = DAYS[local.weekday() - 1]
    if shift.start_minute < shift.end_minute:
        return today in shift.days and shift.start_minute <= minute < shift.end_minute
    after_start = today in shift.days and minute >= shift.start_minute
    return after_start or (yesterday in shift.days and minute < shift.end_minute)


@dataclass(frozen=True, slots=True)
class Member:
    """An active officer as the snapshot knows them."""

    id: str
    name: str
    rank: str
    circle: str
    integrity: bool
    addresses: tuple[tuple[str, str], ...]  # (address id, channel)

    def duty(self) -> Duty:
        """As somebody to page."""
        return Duty(self.id, self.name, self.integrity, self.addresses)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that rarely changes, as one snapshot: a message needs no statement of its own for each part of it."""

    circles: dict[str, dict[str, str]]  # code -> names
    desks: tuple[str, ...]
    districts: dict[str, str]  # district -> circle
    members: dict[str, Member]  # officer id -> officer
    by_address: dict[str, Member]  # address id -> officer
    shifts: dict[tuple[str, str], list[Shift]]  # (circle, tier) -> shifts

    @property
    def desk(self) -> str:
        """The circle that takes what has no circle. Raises LookupError before a directory is loaded."""
        if not self.desks:
            raise LookupError("no circle is marked as the desk: load a directory first (README#directory)")
        return self.desks[0]

    def on_duty(self, circle: str, tier: str, now: datetime, *, top: str) -> list[Duty]:
        """Who holds a tier of a circle at a moment. The tier `top` is held by the desk for everyone."""
        held = self.shifts.get((self.desk if tier == top else circle, tier), [])
        found = {shift.officer_id: self.members[shift.officer_id].duty() for shift in held if covers(shift, now)}
        return list(found.values())

    def of_rank(self, rank: str) -> list[Duty]:
        """All officers of a rank, on duty or not: the last resort when nobody is on duty."""
        return [member.duty() for member in self.members.values() if member.rank == rank and member.addresses]


_ONLY_VERSION = sa.select(sa.select(DirectoryState.version).scalar_subquery().label("version"))
_VERSION = Prepared(_ONLY_VERSION)
_VERSION_AND_SENDER = Prepared(
    _ONLY_VERSION.add_columns(
        sa.select(OfficerAddress.id)
        .where(OfficerAddress.channel == sa.bindparam("channel"), OfficerAddress.index == sa.bindparam("index"))
        .scalar_subquery()
        .label("address_id")
    )
)


def directory(tx: Session) -> Directory:
    """The directory as it is in this transaction: from memory if nothing changed since it was last read."""
    found: Directory | None = tx.info.get("directory")
    return found or _snapshot(tx, _VERSION.rows(tx)[0]["version"])


def recognise(tx: Session, channel: str, index: bytes) -> tuple[Directory, tuple[Member, str] | None]:
    """The directory, and the active officer whose address this is with the address id; in one statement."""
    row = _VERSION_AND_SENDER.rows(tx, {"channel": channel, "index": index})[0]
    found, address_id = _snapshot(tx, row["version"]), row["address_id"]
    member = found.by_address.get(address_id)
    return found, (member, address_id) if member is not None else None


_snapshots: dict[str, Directory] = {}  # a version is random, so it is never another database's
_MAX_SNAPSHOTS = 4


def _snapshot(tx: Session, version: str | None) -> Directory:
    found = _snapshots.get(version or "") or _read(tx)
    tx.info["directory"] = found
    if version is not None and version not in _snapshots:
        while len(_snapshots) >= _MAX_SNAPSHOTS:
            _snapshots.pop(next(iter(_snapshots)), None)
        _snapshots[version] = found
    return found


def _read(tx: Session) -> Directory:
    circles = tx.scalars(sa.select(Circle).order_by(Circle.code)).all()
    addresses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in tx.execute(sa.select(OfficerAddress.officer_id, OfficerAddress.id, OfficerAddress.channel)):
        addresses[row.officer_id].append((row.id, row.channel))
    members = {
        officer.id: Member(
            officer.id,
            officer.name,
            officer.rank,
            officer.circle,
            officer.integrity,
            tuple(sorted(addresses[officer.id])),
        )
        for officer in tx.scalars(sa.select(Officer).where(Officer.active).order_by(Officer.username))
    }
    shifts: dict[tuple[str, str], list[Shift]] = defaultdict(list)
    reachable = [member.id for member in members.values() if member.addresses]  # others would hold up their tier unseen
    for shift in tx.scalars(sa.select(Shift).where(Shift.officer_id.in_(reachable)).order_by(Shift.id)):
        tx.expunge(shift)
        shifts[shift.circle, shift.tier].append(shift)
    return Directory(
        circles={circle.code: circle.name for circle in circles},
        desks=tuple(circle.code for circle in circles if circle.desk),
        districts={
            row.district: row.circle for row in tx.execute(sa.select(CircleDistrict.district, CircleDistrict.circle))
        },
        members=members,
        by_address={address: member for member in members.values() for address, _ in member.addresses},
        shifts=dict(shifts),
    )


def _note_change(_mapper: object, connection: sa.Connection, _target: object) -> None:
    """Any change of the directory makes every process read it anew."""
    version = {"version": db.new_id()}
    if connection.execute(sa.update(DirectoryState).values(version)).rowcount == 0:
        connection.execute(sa.insert(DirectoryState).values(id=1, **version))


for _table in (Zone, Circle, CircleDistrict, Officer, OfficerAddress, Shift):
    for _change in ("after_insert", "after_update", "after_delete"):
        sa.event.listen(_table, _change, _note_change)


def gaps(tx: Session, tiers: Sequence[str], now: datetime, days: int = 14) -> list[Gap]:
    """Where nobody is on duty within the coming days, merged per circle and tier."""
    known = directory(tx)
    found: list[Gap] = []
    for circle in known.circles:
        for tier in tiers[-1:] if circle in known.desks else tiers[:-1]:
            held = known.shifts.get((circle, tier), [])
            found += _gaps_of(circle, tier, held, now, now + timedelta(days=days))
    return found


def _gaps_of(circle: str, tier: str, shifts: list[Shift], start: datetime, end: datetime) -> list[Gap]:
    if not shifts:
        return [Gap(circle, tier, start, end)]
    found: list[Gap] = []
    moment = start
    while moment < end:
        if not any(covers(shift, moment) for shift in shifts):
            if found and found[-1].end == moment:
                found[-1] = Gap(circle, tier, found[-1].start, moment + GAP_STEP)
            else:
                found.append(Gap(circle, tier, moment, moment + GAP_STEP))
        moment += GAP_STEP
    return found
