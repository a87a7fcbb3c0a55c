"""Changes of the roster from one moment to another: who stands in, who is away. Each is added and on record."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import audit, db
from hotline.staff.store import current_directory
from hotline.staff.tables import Circle, Dated, Leave, Officer, OfficerAddress, Override, Spell

LONGEST = timedelta(days=180)  # for longer, the shifts themselves should say so


def check_period(start: datetime, until: datetime) -> None:
    """Refuse what cannot be meant. Raises ValueError."""
    if until <= start:
        raise ValueError("ends before it begins")
    if until - start > LONGEST:
        raise ValueError(f"is longer than {LONGEST.days} days")


def cover(
    tx: Session, circle: str, tier: str, officer_id: str, start: datetime, until: datetime,
    *, by: str, now: datetime, replaces: str | None = None,
) -> str:  # fmt: skip
    """Put an officer on a tier from `start` to `until`, for everybody on it or for the one officer `replaces`.

    `by`: who said so, for the record. Returns the id of the override. Raises LookupError for an unknown circle or an
    officer who cannot be paged, and ValueError for a period that ends before it begins or is longer than LONGEST.
    """
    check_period(start, until)
    known = current_directory(tx)
    if circle not in known.circles:
        raise LookupError(f"no circle {circle}")
    if officer_id not in known.pageable:
        raise LookupError("no such officer who can be paged")
    row = Override(
        id=db.new_id(), circle=circle, tier=tier, officer_id=officer_id, replaces=replaces,
        starts_at=start, ends_at=until,
    )  # fmt: skip
    add(tx, row, now)
    audit.record(tx, "duty_covered", at=now, actor=by, circle=circle, tier=tier, officer=officer_id, replaces=replaces,
                 start=start.isoformat(), until=until.isoformat())  # fmt: skip
    return row.id


def leave(tx: Session, officer_id: str, start: datetime, until: datetime, *, by: str, now: datetime) -> str:
    """Take an officer off duty everywhere from `start` to `until`; nobody takes the place, so that it shows as a gap.

    Returns the id of the leave. Raises LookupError for an unknown officer, ValueError as `cover` does.
    """
    check_period(start, until)
    if officer_id not in current_directory(tx).members:
        raise LookupError("no such officer")
    row = Leave(id=db.new_id(), officer_id=officer_id, starts_at=start, ends_at=until)
    add(tx, row, now)
    audit.record(
        tx, "duty_left", at=now, actor=by, officer=officer_id, start=start.isoformat(), until=until.isoformat()
    )
    return row.id


def back(tx: Session, officer_id: str, *, by: str, now: datetime) -> bool:
    """End the leave that an officer is on; False if there was none. Its past stays on record."""
    rows = tx.scalars(
        sa.select(Leave).where(
            Leave.officer_id == officer_id, Leave.removed_at.is_(None), Leave.starts_at <= now, Leave.ends_at > now
        )
    ).all()
    for row in rows:
        row.removed_at = now
    tx.flush()
    if rows:
        audit.record(tx, "duty_resumed", at=now, actor=by, officer=officer_id)
    return bool(rows)


def away_from(tx: Session, officer_id: str, now: datetime) -> datetime | None:
    """Find when the next leave of an officer begins, if one is known."""
    mine = sa.and_(Leave.officer_id == officer_id, Leave.removed_at.is_(None), Leave.starts_at > now)
    return tx.execute(sa.select(sa.func.min(Leave.starts_at)).where(mine)).scalar_one()


def add(tx: Session, row: Dated, now: datetime) -> None:
    """Add a row of the roster from now on."""
    row.added_at = now
    tx.add(row)
    tx.flush()


def note_spells(tx: Session, now: datetime) -> None:
    """Keep on record who can be paged and which circle is the desk, as they are in this transaction."""
    tx.flush()
    paged = sa.select(Officer.id).where(Officer.active, Officer.id.in_(sa.select(OfficerAddress.officer_id)))
    desks = sa.select(Circle.code).where(Circle.desk)
    true = {("officer", officer_id) for officer_id in tx.scalars(paged)} | {
        ("desk", code) for code in tx.scalars(desks)
    }
    for spell in tx.scalars(sa.select(Spell).where(Spell.removed_at.is_(None))):
        if (spell.kind, spell.subject) in true:
            true.remove((spell.kind, spell.subject))
        else:
            spell.removed_at = now
    for kind, subject in sorted(true):
        add(tx, Spell(id=db.new_id(), kind=kind, subject=subject), now)
    tx.flush()
