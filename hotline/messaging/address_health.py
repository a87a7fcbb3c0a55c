"""A count of failures of officers' addresses, kept where messages leave and come back, so that no send touches the roster."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import audit, db

BROKEN = 2  # failures in a row after which the head of the circle is told


class AddressHealth(db.Base):
    """An address that failed at least once. Addresses that always worked have no row."""

    __tablename__ = "address_health"
    __table_args__ = (db.index_where("ix_address_health_failures", "failures", where="failures > 0"),)

    address_id: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]  # in a row
    last_failed_at: Mapped[datetime]
    last_ok_at: Mapped[datetime | None]  # of the last time that ended a row of failures


_HEALTH = db.table(AddressHealth)


def _counted(insert: sqlite.Insert | postgresql.Insert) -> sa.Executable:
    once_more = {"failures": _HEALTH.c.failures + 1, "last_failed_at": insert.excluded.last_failed_at}
    return insert.on_conflict_do_update(index_elements=["address_id"], set_=once_more).returning(_HEALTH.c.failures)


def failed(tx: Session, address_id: str, now: datetime) -> None:
    """Count a message that could not reach this address."""
    row = {"address_id": address_id, "failures": 1, "last_failed_at": now}
    insert = sqlite.insert(_HEALTH) if db.is_sqlite(tx) else postgresql.insert(_HEALTH)
    if db.run(tx, _counted(insert.values(row))).scalar_one() == BROKEN:
        audit.record(tx, "address_broken", at=now, actor="worker", address=address_id)


def worked(tx: Session, address_id: str, now: datetime) -> None:
    """Forget the failures of an address: the officer answered from it, or a receipt came back."""
    failing = sa.and_(_HEALTH.c.address_id == address_id, sa.text("failures > 0"))
    db.run(tx, sa.update(_HEALTH).where(failing).values(failures=0, last_ok_at=now))


def broken(tx: Session) -> list[AddressHealth]:
    """List the addresses that fail again and again, longest broken first."""
    found = sa.select(AddressHealth).where(sa.text("failures > 0"), AddressHealth.failures >= BROKEN)
    return list(tx.scalars(found.order_by(AddressHealth.last_failed_at, AddressHealth.address_id)))
