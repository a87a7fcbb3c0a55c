"""The store of the directory: read from memory while nothing changes, from the tables as of any moment."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import db
from hotline.core.statements import CompiledStatement
from hotline.staff.directory import Directory, Gap, Member, Place, Window, ends
from hotline.staff.tables import (
    Circle,
    CircleDistrict,
    Dated,
    DirectoryState,
    Leave,
    Officer,
    OfficerAddress,
    Override,
    Shift,
    SpecialDays,
    Spell,
)

_ONLY_VERSION = sa.select(sa.select(DirectoryState.version).scalar_subquery().label("version"))
VERSION_AND_SENDER = _ONLY_VERSION.add_columns(
    sa.select(OfficerAddress.id)
    .where(OfficerAddress.channel == sa.bindparam("channel"), OfficerAddress.index == sa.bindparam("index"))
    .scalar_subquery()
    .label("address_id")
)
# Every message brings it: in a burst, `db.run` would write and track what the message before left waiting.
_RECOGNISE = CompiledStatement(VERSION_AND_SENDER)


def current_directory(tx: Session) -> Directory:
    """Find the directory as it is in this transaction: from memory if nothing changed since it was last read."""
    found: Directory | None = tx.info.get("directory")
    return found or _snapshot(tx, db.run(tx, _ONLY_VERSION).scalar())


def recognise(tx: Session, channel: str, index: bytes) -> tuple[Member, str] | None:
    """Find the active officer whose address this is, with the address id, and the directory in the same statement."""
    row = _RECOGNISE.rows(tx, {"channel": channel, "index": index})[0]
    return sender(tx, row["version"], row["address_id"])


def sender(tx: Session, version: str | None, address_id: str | None) -> tuple[Member, str] | None:
    """Recognise the sender from the directory's version and the address's id, which a statement has read already."""
    member = _snapshot(tx, version).by_address.get(address_id or "")
    return (member, address_id) if member is not None and address_id is not None else None


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


def gaps(tx: Session, tiers: Sequence[str], now: datetime, days: int = 14) -> list[Gap]:
    """Find where nobody is on duty in the coming days, to the moment, by circle and tier; one may begin `now`."""
    known = current_directory(tx)
    window = Window(known, now, now + timedelta(days=days))
    return [
        gap
        for circle in known.circles
        for tier in (tiers[-1:] if circle in known.desks else tiers[:-1])
        for gap in window.gaps(circle, tier)
    ]


def gaps_soon(tx: Session, tiers: Sequence[str], now: datetime, hours: int = 72) -> list[Gap]:
    """Find the gaps that are there now or begin within `hours`, as long as they are (up to 14 days)."""
    return [gap for gap in gaps(tx, tiers, now) if gap.start < now + timedelta(hours=hours)]


def read_at(tx: Session, moment: datetime) -> Directory:
    """Read the directory as it stood at a moment. Names and addresses are today's: they are not part of the roster."""
    return _read(tx, moment)


def known_since(tx: Session) -> datetime | None:
    """Find since when the roster is on record; None if it is not."""
    return tx.scalar(sa.select(sa.func.min(Spell.added_at)))


def _read(tx: Session, moment: datetime | None = None) -> Directory:
    circles = tx.scalars(sa.select(Circle).order_by(Circle.code)).all()
    spells = {(spell.kind, spell.subject) for spell in _dated(tx, Spell, moment)} if moment else None
    members = {
        member.id: member
        for member in _members(tx, everybody=spells is not None)
        if spells is None or ("officer", member.id) in spells
    }
    return Directory(
        circles={circle.code: circle.name for circle in circles},
        desks=tuple(
            circle.code for circle in circles if (circle.desk if spells is None else ("desk", circle.code) in spells)
        ),
        districts={
            row.district: row.circle for row in tx.execute(sa.select(CircleDistrict.district, CircleDistrict.circle))
        },
        members=members,
        by_address={address: member for member in members.values() for address, _ in member.addresses},
        pageable=frozenset(member.id for member in members.values() if member.addresses or spells is not None),
        shifts=_by_place(_dated(tx, Shift, moment)),
        overrides=_by_place(_dated(tx, Override, moment)),
        leaves=_by_officer(_dated(tx, Leave, moment)),
        named={circle.code: tuple(circle.heads) for circle in circles if circle.heads},
        kinds=_kinds(_dated(tx, SpecialDays, moment)),
    )


def _members(tx: Session, *, everybody: bool) -> Iterator[Member]:
    """Read the active officers, or those who left too."""
    addresses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in tx.execute(sa.select(OfficerAddress.officer_id, OfficerAddress.id, OfficerAddress.channel)):
        addresses[row.officer_id].append((row.id, row.channel))
    statement = sa.select(Officer).order_by(Officer.username)
    for one in tx.scalars(statement if everybody else statement.where(Officer.active)):
        reached, spoken = tuple(sorted(addresses[one.id])), tuple(one.languages)
        yield Member(one.id, one.name, one.rank, one.circle, one.integrity, reached, one.gender, spoken, one.wish)


Row = TypeVar("Row", bound=Dated)


def _dated(tx: Session, model: type[Row], moment: datetime | None) -> list[Row]:
    """Read the rows in force, now or at a moment. They are let go of, as the snapshot outlives the transaction."""
    statement = sa.select(model).order_by(model.id)
    if moment is None:
        statement = statement.where(model.removed_at.is_(None))
    else:
        statement = statement.where(model.added_at <= moment, model.removed_at.is_(None) | (model.removed_at > moment))
    rows = list(tx.scalars(statement))
    for row in rows:
        tx.expunge(row)
    return rows


Placed = TypeVar("Placed", Shift, Override)


def _by_place(rows: list[Placed]) -> dict[Place, list[Placed]]:
    found: dict[Place, list[Placed]] = defaultdict(list)
    for row in sorted(rows, key=ends):
        found[row.circle, row.tier].append(row)
    return dict(found)


def _by_officer(leaves: list[Leave]) -> dict[str, list[Leave]]:
    found: dict[str, list[Leave]] = defaultdict(list)
    for leave in leaves:
        found[leave.officer_id].append(leave)
    return dict(found)


def _kinds(rows: list[SpecialDays]) -> dict[date, frozenset[str]]:
    found: dict[date, frozenset[str]] = {}
    for row in rows:
        for number in range((row.last - row.first).days + 1):
            day = row.first + timedelta(days=number)
            found[day] = found.get(day, frozenset()) | {row.kind}
    return found
