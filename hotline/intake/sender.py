"""A message's first statement: claimed, its sender looked up among the officers, else the contact found or made, and locked.

Three statements on SQLite, where they cost little; one on PostgreSQL, where each is a way to the server and back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from hotline import staff
from hotline.channels.contract import Inbound
from hotline.core import db
from hotline.core.statements import CompiledStatement
from hotline.core.vault import Vault
from hotline.messaging import Contact, InboundRow, Known, contacts, inbox
from hotline.staff import Member


@dataclass(frozen=True, slots=True)
class Arrival:
    """The sender of a message: an officer with the id of the address, or somebody of the public."""

    officer: tuple[Member, str] | None
    known: Known | None


def arrive(tx: Session, vault: Vault, inbound: Inbound, now: datetime) -> Arrival | None:
    """Take a message's sender in; None if the message was received before, and nothing changes."""
    claimed = inbox.claim_row(vault, inbound.channel, inbound.provider_id, now, truncated=inbound.truncated)
    met = contacts.contact_row(tx, vault, inbound.channel, inbound.peer, now, inbound.said_at)
    if db.is_sqlite(tx):
        return _in_steps(tx, vault, claimed, met, now)
    row = _ARRIVE.rows(tx, {**met, **claimed})[0]
    sender = staff.sender(tx, row.pop("version"), row.pop("address_id"))
    if not row.pop("claimed"):
        inbox.repeated(tx, claimed)
        return None
    if sender is not None:
        return Arrival(sender, None)
    if row["id"] is None:  # the address of somebody who is no officer any more
        return _of_the_public(tx, vault, met, now)
    return Arrival(None, contacts.known(tx, vault, Contact.made(**row), now))


def _in_steps(tx: Session, vault: Vault, claimed: dict[str, Any], met: dict[str, Any], now: datetime) -> Arrival | None:
    if inbox.CLAIM.run(tx, claimed).rowcount == 0:
        inbox.repeated(tx, claimed)
        return None
    sender = staff.recognise(tx, met["channel"], met["index"])
    if sender is not None:
        return Arrival(sender, None)
    return _of_the_public(tx, vault, met, now)


def _of_the_public(tx: Session, vault: Vault, met: dict[str, Any], now: datetime) -> Arrival:
    return Arrival(None, contacts.known(tx, vault, Contact.made(**contacts.MEET.rows(tx, met)[0]), now))


def _arrive() -> sa.Select[Any]:
    """Compose the statement: `claimed`, `version`, `address_id` and the contact, all NULL for an officer or a repeat."""
    inbound, people = db.table(InboundRow), db.table(Contact)
    claim = (
        postgresql.insert(inbound)
        .values({column.name: sa.bindparam(column.name, type_=column.type) for column in inbound.columns})
        .on_conflict_do_nothing()
        .returning(inbound.c.channel)
        .cte("claim")
    )
    looked_up = staff.VERSION_AND_SENDER.cte("looked_up")
    new = {name: sa.bindparam(name, type_=people.c[name].type) for name in contacts.NEW}
    fresh = sa.select(*new.values()).select_from(claim, looked_up).where(looked_up.c.address_id.is_(None))
    insert = postgresql.insert(people).from_select(list(new), fresh)
    meet = contacts.meeting(insert).cte("meet")
    return sa.select(
        sa.exists(sa.select(claim.c.channel)).label("claimed"), looked_up.c.version, looked_up.c.address_id, *meet.c
    ).select_from(looked_up.outerjoin(meet, sa.true()))


_ARRIVE = CompiledStatement(_arrive())
