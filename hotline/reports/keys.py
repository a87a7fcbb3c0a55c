"""Keys of circles and months: made by the intake on first use, opened by the console."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import db, vault
from hotline.core.vault import Vault
from hotline.reports.tables import CircleKey, Report, lane


def new_data_key() -> bytes:
    """A report's own key."""
    return vault.new_data_key()


def lock_to_circle(tx: Session, keys: Vault, report: Report, data_key: bytes, now: datetime) -> None:
    """Wrap the data key to the report's circle and month; anew after each change of circle or lane."""
    key = circle_key(tx, keys, report.circle, f"{now:%Y-%m}", lane(report))
    report.key_id, report.wrapped_key = key.id, vault.wrap(data_key, key.public, report.key_context)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a circle key that the intake needs."""

    id: str
    public: bytes


def circle_key(tx: Session, keys: Vault, circle: str, month: str, lane: str) -> PublicKey:
    """The circle's key of a month, made on first use. Raises Unopenable if the row is not one that the intake made."""
    cached = _committed_key(keys, circle, month, lane)
    if cached:
        return cached[0]
    where = sa.and_(CircleKey.circle == circle, CircleKey.month == month, CircleKey.lane == lane)
    row = tx.scalars(sa.select(CircleKey).where(where)).first()
    if row is None:
        row = _make_key(tx, keys, circle, month, lane)
    found = _checked(keys, row)
    db.after_commit(tx, lambda: cached.append(found))
    return found


def key_of(tx: Session, keys: Vault, report: Report) -> PublicKey:
    """The key that a report is locked to, in its own lane. Raises Unopenable as `circle_key` does."""
    return _checked(keys, tx.get_one(CircleKey, report.key_id))


def _checked(keys: Vault, row: CircleKey) -> PublicKey:
    if not hmac.compare_digest(row.mac, _mac(keys, row)):
        raise vault.Unopenable(f"circle key {row.circle} {row.month} was not made here")
    return PublicKey(row.id, row.public)


def _make_key(tx: Session, keys: Vault, circle: str, month: str, lane: str) -> CircleKey:
    """Make the key, or take the one that somebody else has made at the same moment."""
    row = CircleKey(id=db.new_id(), circle=circle, month=month, lane=lane)
    row.public, row.sealed_private = vault.new_circle_key(keys, lane, row.context)
    values = {"id": row.id, "circle": circle, "month": month, "lane": lane, "public": row.public,
              "sealed_private": row.sealed_private, "mac": _mac(keys, row)}  # fmt: skip
    db.add_if_new(tx, CircleKey, values)
    return tx.scalars(
        sa.select(CircleKey).where(CircleKey.circle == circle, CircleKey.month == month, CircleKey.lane == lane)
    ).one()


@lru_cache(maxsize=4096)
def _committed_key(_keys: Vault, _circle: str, _month: str, _lane: str) -> list[PublicKey]:
    """A place to keep a key once it is committed: nobody else can use one that may still be rolled back."""
    return []


def _mac(keys: Vault, row: CircleKey) -> bytes:
    return keys.digest("circle-key", f"{row.id} {row.context} {row.public.hex()}")
