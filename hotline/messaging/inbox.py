"""How far we have read what a provider keeps for us: moved once everything before it is committed."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db


class Cursor(db.Base):
    """A place in somebody's list; `value` is in the words of whoever reads there, never an address or a text."""

    __tablename__ = "cursors"
    name: Mapped[str] = mapped_column(primary_key=True)  # "telegram:<bot id>"
    value: Mapped[str]


def read(tx: Session, name: str) -> str:
    """Where it stands; "" if it never moved."""
    return tx.execute(sa.select(Cursor.value).where(Cursor.name == name)).scalar() or ""


def move(tx: Session, name: str, value: str) -> None:
    """Put it there."""
    changed = db.run(tx, sa.update(Cursor).where(Cursor.name == name).values(value=value))
    if changed.rowcount == 0:
        db.insert_if_new(tx, Cursor, {"name": name, "value": value})
