"""The web chat as a channel. An address is a random token that only the browser (and, sealed, the outbox) has.

A mailbox is found by a value derived from the token, and its texts are sealed with another: whoever has only the
database can neither read a conversation nor tell whose it is. Rows live for a day.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db, vault
from hotline.channels.contract import Outbound, SendError
from hotline.db import Database

CHANNEL = "webchat"
KEEP = timedelta(hours=24)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes


class ChatMessage(db.Base):
    """One message of a conversation, sealed with a key that is not in the database, context `chat <id>`."""

    __tablename__ = "chat_messages"
    id: Mapped[bytes] = mapped_column(primary_key=True)  # derived, so that the same message is kept once
    mailbox: Mapped[bytes] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    ours: Mapped[bool]  # said by the hotline
    body: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Said:
    """A message, opened."""

    at: datetime
    ours: bool
    text: str


def new_token() -> str:
    """The address of a new conversation."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether a text has the shape of a token."""
    return _TOKEN.fullmatch(text) is not None


def message_id(token: str, name: str) -> str:
    """The id of a message within a conversation (hex): the same name again is the same message."""
    return sha256(_derive(token, "message") + name.encode()).hexdigest()[:32]


def append_inbound(tx: Session, token: str, text: str, name: str, now: datetime) -> None:
    """Keep what the person wrote, once per `name`, so that they see it."""
    _keep(tx, token, text, name, now, ours=False)


def history(tx: Session, token: str) -> list[Said]:
    """The conversation, oldest first. A row that was not sealed with this token is left out."""
    rows = tx.scalars(sa.select(ChatMessage).where(ChatMessage.mailbox == _mailbox(token)).order_by(ChatMessage.at))
    key = _derive(token, "text")
    said = []
    for row in rows:
        try:
            said.append(Said(row.at, row.ours, vault.unseal(key, row.body, _context(row.id))))
        except vault.Unopenable:
            continue
    return said


def mark(tx: Session, token: str) -> str:
    """Changes with the conversation; cheap to ask."""
    ids = tx.scalars(sa.select(ChatMessage.id).where(ChatMessage.mailbox == _mailbox(token)).order_by(ChatMessage.at))
    return sha256(b"".join(ids)).hexdigest()[:16]


def forget(tx: Session, token: str) -> None:
    """Delete a conversation. Reports keep what was told to them."""
    tx.execute(sa.delete(ChatMessage).where(ChatMessage.mailbox == _mailbox(token)))


def expire(tx: Session, now: datetime) -> int:
    """Delete what is older than KEEP; returns how many rows."""
    return tx.connection().execute(sa.delete(ChatMessage).where(ChatMessage.at < now - KEEP)).rowcount


@dataclass(frozen=True, slots=True)
class WebChat:
    """The way out: into the mailbox. Sending twice keeps one message."""

    database: Database

    def send(self, message: Outbound) -> str:
        """Raises SendError, always retryable."""
        try:
            with self.database.transaction() as tx:
                _keep(tx, message.address, message.text, message.id, self.database.now(), ours=True)
        except SQLAlchemyError as error:
            raise SendError("store", retryable=True) from error
        return message_id(message.address, message.id)


def _keep(tx: Session, token: str, text: str, name: str, now: datetime, *, ours: bool) -> None:
    insert = sqlite.insert if db.is_sqlite(tx) else postgresql.insert
    row_id = bytes.fromhex(message_id(token, name))
    body = vault.seal(_derive(token, "text"), text, _context(row_id))
    row = {"id": row_id, "mailbox": _mailbox(token), "at": now, "ours": ours, "body": body}
    tx.execute(insert(ChatMessage).values(row).on_conflict_do_nothing())


def _mailbox(token: str) -> bytes:
    return _derive(token, "mailbox")[:16]


def _derive(token: str, purpose: str) -> bytes:
    return vault.derive(token.encode(), f"chat {purpose}")


def _context(row_id: bytes) -> str:
    return f"chat {row_id.hex()}"
