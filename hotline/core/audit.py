"""The record of what happened, a chain of hashes: append-only, ids and enums only, so that a changed or cut record shows.

Events of a transaction are chained together at its end, under one lock: writers that chain side by side break links.
"""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import db
from hotline.core.statements import CompiledStatement

GENESIS = b"\0" * 32
MAX_VALUE = 64  # characters: longer than any id or enum, too short for a story


class AuditRow(db.Base):
    """One link. `data` holds ids, enums and numbers, never text of people."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    event: Mapped[str]
    actor: Mapped[str]  # "intake", "clock", "worker", "operator", or an officer's id
    report_id: Mapped[str | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
    hash: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, not chained yet."""

    at: datetime
    event: str
    actor: str
    report_id: str | None
    data: dict[str, Any]

    def columns(self) -> dict[str, Any]:
        """Return it as columns of its row."""
        return {"at": self.at, "event": self.event, "actor": self.actor, "report_id": self.report_id, "data": self.data}

    def body(self) -> bytes:
        """Return what its link is made from, besides the link before and its number."""
        content = [self.at.isoformat(timespec="microseconds"), self.event, self.actor, self.report_id, self.data]
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def record(tx: Session, event: str, *, at: datetime, actor: str, report_id: str | None = None, **data: Any) -> None:
    """Put an event on record with this transaction. Raises ValueError for a value that could be somebody's words."""
    for name, value in data.items():
        if _longest(value) > MAX_VALUE:
            raise ValueError(f"audit takes ids and enums only, not the value of {name}")
    tx.info.setdefault("audit", []).append(Event(at, event, actor, report_id, data))
    db.before_commit(tx, "audit", _chain)


def _longest(value: Any) -> int:
    """The length of the longest string in a value, however deep."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return max(map(_longest, value), default=0)
    return 0


def _chain(tx: Session) -> None:
    events: list[Event] = tx.info.pop("audit", [])
    if not db.is_sqlite(tx):  # all writers wait for the chain's lock, so nobody may wait for us in it: last of all
        db.queue(tx, _CHAIN, {"bodies": [event.body() for event in events]}, last=True)
        return
    seq, previous = _head(tx)
    for event in events:
        seq += 1
        previous = _link(previous, seq, event)
        _INSERT.run(tx, {**event.columns(), "seq": seq, "hash": previous})


def _head(tx: Session) -> tuple[int, bytes]:
    found = _HEAD.rows(tx)
    return (found[0]["seq"], found[0]["hash"]) if found else (0, GENESIS)


_HEAD = CompiledStatement(sa.select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1))
_INSERT = CompiledStatement(sa.insert(db.table(AuditRow)))
_CHAIN = CompiledStatement(
    sa.select(sa.func.audit_chain(sa.bindparam("bodies", type_=postgresql.ARRAY(sa.LargeBinary))))
)


def _link(previous: bytes, seq: int, event: Event) -> bytes:
    """Link one event to the last, as audit_chain does in the database (migration 0002)."""
    return sha256(previous + seq.to_bytes(8, "big") + event.body()).digest()


def verify(tx: Session) -> tuple[int, int | None]:
    """Walk the chain: (links seen, seq of the first that does not hold or None)."""
    previous, count = GENESIS, 0
    statement = sa.select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)
    with closing(tx.scalars(statement)) as rows:
        for row in rows:
            count += 1
            event = Event(row.at, row.event, row.actor, row.report_id, row.data)
            if row.seq != count or row.hash != _link(previous, row.seq, event):
                return count, row.seq
            previous = row.hash
    return count, None


def head(tx: Session) -> tuple[int, str]:
    """Number and hash of the last link, to be published elsewhere: a cut tail shows against it."""
    seq, digest = _head(tx)
    return seq, digest.hex()


def history(tx: Session, report_id: str) -> list[AuditRow]:
    """All that happened to one report, oldest first."""
    return list(tx.scalars(sa.select(AuditRow).where(AuditRow.report_id == report_id).order_by(AuditRow.seq)))
