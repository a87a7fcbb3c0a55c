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

from hotline.channels.contract import Fetched, Media, MediaKind, Outbound, SendError
from hotline.core import db, vault
from hotline.core.db import Database

CHANNEL = "webchat"
KEEP = timedelta(hours=24)
MAX_UPLOADS = 1000  # files at a time: strangers may fill a table, not the disk
KEEP_UPLOAD = timedelta(days=3)  # a worker that is down does not lose it
_KINDS: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes


class ChatMessage(db.Base):
    """One message of a conversation, sealed with a key that is not in the database, context `chat <id>`."""

    __tablename__ = "chat_messages"
    id: Mapped[bytes] = mapped_column(primary_key=True)  # derived, so that the same message is kept once
    mailbox: Mapped[bytes] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    ours: Mapped[bool]  # said by the hotline
    body: Mapped[bytes]


class ChatUpload(db.Base):
    """A file that the worker has still to fetch, sealed with a key that stands in the reference only."""

    __tablename__ = "chat_uploads"
    id: Mapped[bytes] = mapped_column(primary_key=True)  # of its message
    at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A message, opened."""

    at: datetime
    ours: bool
    text: str


def new_token() -> str:
    """Make the address of a new conversation."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Tell whether a text has the shape of a token."""
    return _TOKEN.fullmatch(text) is not None


def message_id(token: str, name: str) -> str:
    """Return the id of a message within a conversation (hex): the same name again is the same message."""
    return sha256(_derive(token, "message") + name.encode()).hexdigest()[:32]


def append_inbound(tx: Session, token: str, text: str, name: str, now: datetime) -> None:
    """Keep what the person wrote, once per `name`, so that they see it."""
    _keep(tx, token, text, name, now, ours=False)


def upload(tx: Session, token: str, body: bytes, media_type: str, name: str, now: datetime) -> Media:
    """Keep a file, once per `name`, for the worker. In a flood it is not kept, and will be asked for again."""
    row_id, key = message_id(token, name), _derive(token, f"upload {name}")
    values = {"id": bytes.fromhex(row_id), "at": now, "body": vault.seal_bytes(key, body, _upload_context(row_id))}
    if tx.execute(sa.select(sa.func.count()).select_from(ChatUpload)).scalar_one() < MAX_UPLOADS:
        db.add_if_new(tx, ChatUpload, values)
    return Media(_KINDS.get(media_type.partition("/")[0], "document"), f"{row_id} {key.hex()}", media_type)


def history(tx: Session, token: str) -> list[ChatLine]:
    """Read the conversation, oldest first. A row that was not sealed with this token is left out."""
    rows = tx.scalars(sa.select(ChatMessage).where(ChatMessage.mailbox == _mailbox(token)).order_by(ChatMessage.at))
    key = _derive(token, "text")
    said = []
    for row in rows:
        try:
            said.append(ChatLine(row.at, row.ours, vault.unseal(key, row.body, _context(row.id))))
        except vault.Unopenable:
            continue
    return said


def mark(tx: Session, token: str) -> str:
    """Return a mark that changes with the conversation and is cheap to compare."""
    ids = tx.scalars(sa.select(ChatMessage.id).where(ChatMessage.mailbox == _mailbox(token)).order_by(ChatMessage.at))
    return sha256(b"".join(ids)).hexdigest()[:16]


def forget(tx: Session, token: str) -> None:
    """Delete a conversation. Reports keep what was told to them."""
    tx.execute(sa.delete(ChatMessage).where(ChatMessage.mailbox == _mailbox(token)))


def expire(tx: Session, now: datetime) -> int:
    """Delete what is older than KEEP; returns how many rows."""
    tx.connection().execute(sa.delete(ChatUpload).where(ChatUpload.at < now - KEEP_UPLOAD))
    return tx.connection().execute(sa.delete(ChatMessage).where(ChatMessage.at < now - KEEP)).rowcount


@dataclass(frozen=True, slots=True)
class WebChat:
    """The way out: into the mailbox. Sending twice keeps one message."""

    database: Database

    def send(self, message: Outbound) -> str:
        """Put a message into the mailbox. Raises SendError, always retryable."""
        try:
            with self.database.transaction() as tx:
                _keep(tx, message.address, message.text, message.id, self.database.now(), ours=True)
        except SQLAlchemyError as error:
            raise SendError("store", retryable=True) from error
        return message_id(message.address, message.id)

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch a file that was uploaded. Raises SendError: `gone`, `too_large`, or `store`, which is retryable."""
        row_id, _, key = media.reference.partition(" ")
        try:
            with self.database.reading() as tx:
                row = tx.get(ChatUpload, bytes.fromhex(row_id))
                body = vault.unseal_bytes(bytes.fromhex(key), row.body, _upload_context(row_id)) if row else None
        except SQLAlchemyError as error:
            raise SendError("store", retryable=True) from error
        if body is None or len(body) > limit:
            raise SendError("gone" if body is None else "too_large", retryable=False)
        return Fetched(body, media.media_type)


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


def _upload_context(row_id: str) -> str:
    return f"chat upload {row_id}"


def _context(row_id: bytes) -> str:
    return f"chat {row_id.hex()}"
