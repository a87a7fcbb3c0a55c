"""The tables of the roster. What a roster says is added and taken away, never edited: each past moment stays known."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, object_session

from hotline.core import db


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
    heads: Mapped[list[str]] = mapped_column(default=list)  # ids of the officers who lead it


class CircleDistrict(db.Base):
    """A district, and the circle that it belongs to."""

    __tablename__ = "circle_districts"
    district: Mapped[str] = mapped_column(primary_key=True)
    circle: Mapped[str] = mapped_column(_foreign("circles.code"))


class Officer(db.Base):
    """An officer, who can be paged and can log in."""

    __tablename__ = "officers"
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rank: Mapped[str]
    circle: Mapped[str] = mapped_column(_foreign("circles.code"))
    gender: Mapped[str | None]
    languages: Mapped[list[str]]
    wish: Mapped[str] = mapped_column(default="en")  # language of the texts to this officer: en, ur, sd@latin …
    integrity: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class OfficerAddress(db.Base):
    """An address of an officer: sealed to the worker, context `officer <channel> <id>`; index as for contacts."""

    __tablename__ = "officer_addresses"
    __table_args__ = (sa.UniqueConstraint("channel", "index"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    officer_id: Mapped[str] = mapped_column(_foreign("officers.id"), index=True)
    channel: Mapped[str]
    index: Mapped[bytes]
    address: Mapped[bytes]


class Dated:
    """A word of the roster, from one moment to another. No row is deleted: it is taken away by `removed_at`."""

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Shift(Dated, db.Base):
    """A tier of a circle held by one officer, by several in turn, or by whoever holds it in another circle.

    When: the local hours of some weekdays, or of days of some kind, from one moment to another; all of them together.
    """

    __tablename__ = "shifts"
    circle: Mapped[str] = mapped_column(_foreign("circles.code"), index=True)
    tier: Mapped[str]
    officer_id: Mapped[str | None] = mapped_column(_foreign("officers.id"), index=True)
    rotation: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))  # ids of officers, in turn
    every: Mapped[int | None]  # days of a turn
    first_day: Mapped[date | None]  # local day of the first turn's handover
    handover: Mapped[int | None]  # minute of the local day
    borrow: Mapped[str | None] = mapped_column(_foreign("circles.code"))
    days: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    start_minute: Mapped[int | None]
    end_minute: Mapped[int | None]  # at or before the start: the shift ends on the next day
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    only: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))  # kinds of day; none means all
    overlap: Mapped[int | None]  # minutes for which who goes stays on duty beside who comes


class Override(Dated, db.Base):
    """An officer who stands in: for one officer of a tier, or for everybody on it. Rows of one moment act together."""

    __tablename__ = "overrides"
    circle: Mapped[str] = mapped_column(_foreign("circles.code"), index=True)
    tier: Mapped[str]
    officer_id: Mapped[str] = mapped_column(_foreign("officers.id"))
    replaces: Mapped[str | None] = mapped_column(_foreign("officers.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Leave(Dated, db.Base):
    """An officer who is not on duty, whatever the shifts say."""

    __tablename__ = "leaves"
    officer_id: Mapped[str] = mapped_column(_foreign("officers.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SpecialDays(Dated, db.Base):
    """Local days that are holidays, or in Ramadan, with the first and the last."""

    __tablename__ = "special_days"
    kind: Mapped[str]  # "holiday" or "ramadan"
    first: Mapped[date]
    last: Mapped[date]
    name: Mapped[str | None]


class Spell(Dated, db.Base):
    """A time in which an officer could be paged (active, with an address), or a circle was the desk."""

    __tablename__ = "spells"
    kind: Mapped[str]  # "officer" or "desk"
    subject: Mapped[str]  # an officer's id or a circle's code


class DirectoryState(db.Base):
    """The version of the directory, one row: it changes whenever anything of the directory does."""

    __tablename__ = "directory_state"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str]


def _note_change(_mapper: object, connection: sa.Connection, target: db.Base) -> None:
    """Make every process read the directory anew after any change, and this transaction too."""
    session = object_session(target)
    if session is not None:
        session.info.pop("directory", None)
    version = {"version": db.new_id()}
    if connection.execute(sa.update(DirectoryState).values(version)).rowcount == 0:
        connection.execute(sa.insert(DirectoryState).values(id=1, **version))


for _table in (Zone, Circle, CircleDistrict, Officer, OfficerAddress, Shift, Override, Leave, SpecialDays):
    for _change in ("after_insert", "after_update", "after_delete"):
        sa.event.listen(_table, _change, _note_change)
