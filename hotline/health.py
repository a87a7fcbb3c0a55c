"""Whether the engine lives: the clock's heartbeat, and what keeps the hotline from being ready."""

from datetime import datetime

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db
from hotline.db import Database

CLOCK = "clock"
MAX_SWEEP_AGE = 30.0  # seconds


class Heartbeat(db.Base):
    """The last sign of life of a process kind."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def beat(tx: Session, name: str, now: datetime) -> None:
    """Leave a sign of life."""
    changed = db.run(tx, sa.update(Heartbeat).where(Heartbeat.name == name).values(at=now))
    if changed.rowcount == 0:
        db.insert_if_new(tx, Heartbeat, {"name": name, "at": now})


def sweep_age(tx: Session, now: datetime) -> float | None:
    """Seconds since the last sweep, None if there never was one."""
    at = tx.execute(sa.select(Heartbeat.at).where(Heartbeat.name == CLOCK)).scalar()
    return (now - at).total_seconds() if at is not None else None


def missing(database: Database) -> list[str]:
    """What keeps the hotline from being ready, in words; empty if nothing does."""
    try:
        with database.reading() as tx:
            if not migrated(tx):
                return ["the database's migrations (hotline release)"]
            age = sweep_age(tx, database.now())
    except SQLAlchemyError:
        return ["the database"]
    if age is None or age > MAX_SWEEP_AGE:
        return ["a sweep of the clock under 30 seconds old"]
    return []


def migrated(tx: Session) -> bool:
    """Whether the database is at the newest migration."""
    script = ScriptDirectory.from_config(db.alembic_config(""))
    return MigrationContext.configure(tx.connection()).get_current_revision() == script.get_current_head()
