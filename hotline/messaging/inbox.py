"""The inbox: each message once, by its provider's id; and how far a provider's own list was read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import db
from hotline.core.statements import CompiledStatement
from hotline.core.vault import Vault


class Offset(db.Base):
    """A place in somebody's list; `value` is in the words of whoever reads there, never an address or a text."""

    __tablename__ = "cursors"
    name: Mapped[str] = mapped_column(primary_key=True)  # "telegram:<bot id>"
    value: Mapped[str]


def read_offset(tx: Session, name: str) -> str:
    """Return where it stands; "" if it never moved."""
    return tx.execute(sa.select(Offset.value).where(Offset.name == name)).scalar() or ""


def store_offset(tx: Session, name: str, value: str) -> None:
    """Put it there."""
    changed = db.run(tx, sa.update(Offset).where(Offset.name == name).values(value=value))
    if changed.rowcount == 0:
        db.add_if_new(tx, Offset, {"name": name, "value": value})


class InboundRow(db.Base):
    """A message seen: (channel, keyed digest of the provider's id), kept for ever so that a repeat changes nothing."""

    __tablename__ = "inbound"

    channel: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    truncated: Mapped[bool] = mapped_column(default=False)
    repeats: Mapped[int] = mapped_column(default=0, server_default="0")  # how often it came again


_INBOUND = db.table(InboundRow)
_SEEN = sa.select(_INBOUND.c.digest, _INBOUND.c.received_at).where(
    _INBOUND.c.channel == sa.bindparam("of"), _INBOUND.c.digest.in_(sa.bindparam("named", expanding=True))
)
CLAIM = CompiledStatement(
    sqlite.insert(_INBOUND).on_conflict_do_nothing(), postgresql.insert(_INBOUND).on_conflict_do_nothing()
)


def claim_row(vault: Vault, channel: str, provider_id: str, now: datetime, *, truncated: bool) -> dict[str, Any]:
    """Build the row that claims a message: no other transaction can, ever."""
    digest = vault.digest("provider", f"{channel}\0{provider_id}")
    return {"channel": channel, "digest": digest, "received_at": now, "truncated": truncated, "repeats": 0}


def repeated(tx: Session, claimed: dict[str, Any]) -> None:
    """A message came again: nothing changes but the count on it, since a gateway without ids may be mistaken."""
    same = sa.and_(_INBOUND.c.channel == claimed["channel"], _INBOUND.c.digest == claimed["digest"])
    db.run(tx, sa.update(_INBOUND).where(same).values(repeats=_INBOUND.c.repeats + 1))


def seen(tx: Session, vault: Vault, channel: str, provider_ids: Iterable[str]) -> dict[str, datetime]:
    """Return when messages with these ids of the provider's were taken in; those that were not are left out."""
    named = {vault.digest("provider", f"{channel}\0{name}"): name for name in provider_ids}
    found = db.run(tx, _SEEN, {"of": channel, "named": list(named)})
    return {named[row.digest]: row.received_at for row in found}
