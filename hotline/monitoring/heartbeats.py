"""Heartbeats of clock, worker, smpp and pull: signs that they live, and what keeps the hotline from being ready."""

from datetime import datetime

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import staff
from hotline.core import db
from hotline.core.db import Database
from hotline.monitoring import alarms
from hotline.monitoring.alarms import Alarm, AlarmKind

CLOCK, WORKER = "clock", "worker"
SMPP = "smpp"  # left while the bind to the SMSC stands
PULL = "pull"  # left while Telegram answers when it is asked for messages
MAX_SWEEP_AGE = 30.0  # seconds
WORDS = {
    AlarmKind.CLOCK_SILENT: "a clock (it was silent)",
    AlarmKind.WORKER_SILENT: "a worker: nobody looks at the outbox",
    AlarmKind.GATEWAY_FAILING: "a way out: the gateway of a channel fails",
    AlarmKind.NOBODY_ON_DUTY: "somebody on duty at the desk",
}


class Heartbeat(db.Base):
    """The last sign of life of a process kind."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def beat(tx: Session, name: str, now: datetime) -> None:
    """Leave a sign of life."""
    changed = db.run(tx, sa.update(Heartbeat).where(Heartbeat.name == name).values(at=now))
    if changed.rowcount == 0:
        db.add_if_new(tx, Heartbeat, {"name": name, "at": now})


def last(tx: Session, name: str) -> datetime | None:
    """Find the last sign of life, None if there never was one."""
    return tx.execute(sa.select(Heartbeat.at).where(Heartbeat.name == name)).scalar()


def age(tx: Session, name: str, now: datetime) -> float | None:
    """Count the seconds since the last sign of life, None if there never was one."""
    at = last(tx, name)
    return (now - at).total_seconds() if at is not None else None


def sweep_age(tx: Session, now: datetime) -> float | None:
    """Count the seconds since the last sweep, None if there never was one."""
    return age(tx, CLOCK, now)


def missing(database: Database) -> list[str]:
    """Say in words what keeps the hotline from being ready; empty if nothing does."""
    try:
        with database.reading() as tx:
            if not migrated(tx):
                return ["the database's migrations (hotline release)"]
            silence = sweep_age(tx, database.now())
            standing = alarms.current(tx)
            desks = staff.current_directory(tx).desks
    except SQLAlchemyError:
        return ["the database"]
    stopped = ["a sweep of the clock under 30 seconds old"] if silence is None or silence > MAX_SWEEP_AGE else []
    return [*stopped, *dict.fromkeys(WORDS[AlarmKind(alarm.kind)] for alarm in standing if _stops(alarm, desks))]


def _stops(alarm: Alarm, desks: tuple[str, ...]) -> bool:
    """Tell whether messages are not handled because of an alarm. Those of a circle without officers go to the desk."""
    return alarm.kind in WORDS and (alarm.kind != AlarmKind.NOBODY_ON_DUTY or alarm.subject in desks)


def migrated(tx: Session) -> bool:
    """Tell whether the database is at the newest migration."""
    script = ScriptDirectory.from_config(db.alembic_config(""))
    return MigrationContext.configure(tx.connection()).get_current_revision() == script.get_current_head()
