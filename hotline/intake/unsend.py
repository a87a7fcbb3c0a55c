"""The chat on somebody's phone, of channels that let us delete it on both sides (Telegram, for two days).

Such a channel names each message (`Inbound.message_id`). The names of those a person wrote are kept in their sealed state,
those of our answers stand in the outbox.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.contract import Inbound
from hotline.core import db
from hotline.intake.state import ConversationState, Written
from hotline.messaging import CLEARS, UNKNOWN_FATE, Contact, Outbox, OutboxRow, OutboxState

REACH = timedelta(hours=47)  # Telegram deletes what is younger than 48 hours
MOST = 200  # messages whose names are kept


def written(state: ConversationState, inbound: Inbound, now: datetime) -> Written:
    """Return what the person wrote lately, with this message; () on channels that can delete nothing."""
    if not inbound.message_id:
        return state.written
    others = _young(tuple(one for one in state.written if one[0] != inbound.message_id), now)
    return (*others, (inbound.message_id, int(now.timestamp())))[-MOST:]


def names(tx: Session, contact: Contact, known: Written, now: datetime) -> list[str]:
    """All that can be deleted now, of what they wrote and of our answers; [] on channels that can't."""
    if not known:
        return []
    ours = sa.select(OutboxRow.provider_ref).where(
        OutboxRow.contact_id == contact.id, OutboxRow.provider_ref > "", OutboxRow.sent_at > now - REACH
    )
    return [name for name, _ in _young(known, now)] + [name for name in tx.scalars(ours) if name is not None]


def clear(outbox: Outbox, tx: Session, contact: Contact, named: Sequence[str], now: datetime) -> bool:
    """Have these deleted on both sides; whether nothing else can be left of the chat."""
    words = ~OutboxRow.dedupe.startswith(CLEARS)  # an earlier deletion that waits is none of those
    mine = sa.and_(OutboxRow.contact_id == contact.id, OutboxRow.created_at > now - REACH, words)
    queued = sa.update(OutboxRow).where(mine, OutboxRow.state == OutboxState.QUEUED)
    db.run(tx, queued.values(state=OutboxState.WITHDRAWN, reason="cleared"))  # nothing arrives in an empty chat
    unnamed = sa.or_(OutboxRow.state == OutboxState.SENDING, OutboxRow.reason == UNKNOWN_FATE)
    stays = tx.execute(sa.select(OutboxRow.id).where(mine, unnamed).limit(1)).first() is not None
    outbox.reply(tx, contact, "", dedupe=f"{CLEARS}{contact.id}:{named[0]}", now=now, deletes=named)
    return contact.created_at > now - REACH and len(named) < MOST and not stays


def _young(known: Written, now: datetime) -> Written:
    return tuple((name, at) for name, at in known if at > (now - REACH).timestamp())
