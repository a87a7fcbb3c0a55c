"""Contacts: who wrote, found by keyed index, the address sealed to the worker, and whether it is safe to write back."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.conversation import Hours, normalise
from hotline.core import audit, db
from hotline.core.envelopes import seal_for_worker
from hotline.core.statements import CompiledStatement
from hotline.core.vault import Unopenable, Vault

SAFE_WINDOW = timedelta(minutes=15)  # after the last message from them; later the phone may be in other hands
CONVERSATION_LIFE = timedelta(hours=24)  # a later message begins a new conversation
MAX_CODE_MISSES = 5  # wrong reference codes from one contact before look-ups (never reports) have to wait
CODE_PAUSE = timedelta(minutes=15)
MAX_WORD_MISSES = 2  # wrong check words in a row: whoever writes is somebody else


class Safety(StrEnum):
    """The limit that a contact set to what we send; each stricter than those before, and nothing that arrives leads back.

    - `unknown`, `ok_now`: within SAFE_WINDOW of their last message; `safe_hours`: at those hours too.
    - `pull_only`: only when they write. What is late waits for their next message, in all of these.
    - `never`, `duress`: nothing at all, not even an answer. What was to be said is taken back.
    """

    UNKNOWN = "unknown"
    OK_NOW = "ok_now"
    SAFE_HOURS = "safe_hours"
    PULL_ONLY = "pull_only"
    NEVER = "never"
    DURESS = "duress"


class Contact(db.Base):
    """One address on one channel, and its conversation."""

    __tablename__ = "contacts"
    __table_args__ = (sa.UniqueConstraint("channel", "index"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    channel: Mapped[str]
    index: Mapped[bytes]  # keyed: see Vault.index
    address: Mapped[bytes]  # sealed to the worker, context `contact <channel> <id>`
    language: Mapped[str | None]
    safety: Mapped[Safety] = mapped_column(db.OneOf(Safety), default=Safety.UNKNOWN)
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime]
    session: Mapped[bytes | None]  # sealed state of the conversation
    session_at: Mapped[datetime | None]
    code_misses: Mapped[int] = mapped_column(default=0)
    code_missed_at: Mapped[datetime | None]
    start_minute: Mapped[int | None]  # of the safe hours, minutes of the local day
    end_minute: Mapped[int | None]  # at or before the start: they run past midnight
    check_word: Mapped[bytes | None]  # keyed digest, bound to the contact's id
    checked_at: Mapped[datetime | None]  # when the word was chosen, or last given
    word_misses: Mapped[int | None]  # wrong ones since
    erased_at: Mapped[datetime | None]  # the person asked to be forgotten; the row goes when the last answer has left

    @property
    def hours(self) -> Hours | None:
        """The hours in which it is safe to write to them unasked."""
        known = self.start_minute is not None and self.end_minute is not None
        return Hours(self.start_minute, self.end_minute) if known else None  # type: ignore[arg-type]


_CONTACTS = db.table(Contact)


def meeting(insert: sqlite.Insert | postgresql.Insert) -> sa.sql.dml.ReturningInsert[Any]:
    """The insert of a contact that finds the one already there, and locks it."""
    before, said = _CONTACTS.c.last_inbound_at, insert.excluded.last_inbound_at
    # a message that was brought late is no newer word; what a clock that ran ahead has written is not kept
    newer = sa.and_(before > said, before <= insert.excluded.created_at)
    known = {"last_inbound_at": sa.case((newer, before), else_=said)}
    return insert.on_conflict_do_update(index_elements=["channel", "index"], set_=known).returning(_CONTACTS)


_CHANGING = (
    "language", "safety", "session", "session_at", "code_misses", "code_missed_at",
    "start_minute", "end_minute", "check_word", "checked_at", "word_misses",
)  # fmt: skip
_SAVE = CompiledStatement(sa.update(_CONTACTS).where(_CONTACTS.c.id == sa.bindparam("row")), columns=_CHANGING)
NEW = ("id", "channel", "index", "address", "safety", "created_at", "last_inbound_at", "code_misses")
MEET = CompiledStatement(meeting(sqlite.insert(_CONTACTS)), meeting(postgresql.insert(_CONTACTS)), columns=NEW)


@dataclass(frozen=True, slots=True)
class Known:
    """A contact whose row is locked until the transaction ends."""

    contact: Contact
    session: str | None  # the state of the conversation, opened; None if there is none
    over: bool  # that was so long ago that a message begins another conversation


def contact_row(
    tx: Session, vault: Vault, channel: str, peer: str, now: datetime, said_at: datetime | None = None
) -> dict[str, Any]:
    """The contact that is made of a sender if there is none yet. `said_at`: when they wrote, if that may not be now."""
    contact_id = db.new_id()
    return {
        "id": contact_id, "channel": channel, "index": vault.index(channel, peer),
        "address": seal_for_worker(tx, vault, peer.encode(), f"contact {channel} {contact_id}"),
        "safety": Safety.UNKNOWN, "created_at": now, "last_inbound_at": min(now, said_at or now), "code_misses": 0,
    }  # fmt: skip


def known(tx: Session, vault: Vault, contact: Contact, now: datetime) -> Known:
    """A contact whose row this transaction has locked: two messages of one person are handled one after the other."""
    over = contact.session_at is None or now - contact.session_at >= CONVERSATION_LIFE
    return Known(contact, _session(tx, vault, contact, now), over)


def _session(tx: Session, vault: Vault, contact: Contact, now: datetime) -> str | None:
    if contact.session is None:
        return None
    try:
        return vault.open_session(contact.session, contact.id)
    except Unopenable:  # tampered with, or another key's: what they say now is kept all the same
        audit.record(tx, "session_unopenable", at=now, actor="intake")
        return None


def remember(contact: Contact, vault: Vault, session: str | None, now: datetime) -> None:
    """Keep the state of the conversation for the next message; `save` writes it."""
    contact.session = vault.seal_session(session, contact.id) if session is not None else None
    contact.session_at = now if session is not None else None


def save(tx: Session, contact: Contact) -> None:
    """Write what a message changed on its contact, with all that follows from the message."""
    db.queue(tx, _SAVE, {"row": contact.id, **{name: getattr(contact, name) for name in _CHANGING}})


def set_word(contact: Contact, vault: Vault, word: str, now: datetime) -> None:
    """The person chose a word; the first one stays, or whoever holds the phone could choose another."""
    if contact.check_word is None and normalise(word):
        contact.check_word, contact.checked_at, contact.word_misses = _word(contact, vault, word), now, 0


def is_word(contact: Contact, vault: Vault, word: str) -> bool:
    """Tell whether this is the contact's word."""
    return contact.check_word is not None and hmac.compare_digest(contact.check_word, _word(contact, vault, word))


def last_try(contact: Contact) -> bool:
    """Tell whether one more wrong word means that somebody else must have the phone."""
    return (contact.word_misses or 0) + 1 >= MAX_WORD_MISSES


def count_word(contact: Contact, now: datetime, *, right: bool) -> None:
    """Count a word that was given: wrong ones in a row, and when the right one was."""
    if right:
        contact.checked_at, contact.word_misses = now, 0
    else:
        contact.word_misses = (contact.word_misses or 0) + 1


def keep_word(contact: Contact, now: datetime) -> None:
    """A conversation goes on: while the word holds, it need not be given again."""
    if contact.check_word is not None and not word_wanted(contact, now):
        contact.checked_at = now


def word_wanted(contact: Contact, now: datetime) -> bool:
    """Tell whether the word is to be given before anything specific is said: it was not within SAFE_WINDOW."""
    given = contact.checked_at is not None and now - contact.checked_at <= SAFE_WINDOW
    return contact.check_word is not None and not given


def _word(contact: Contact, vault: Vault, word: str) -> bytes:
    return vault.digest("check-word", f"{contact.id}\0{normalise(word)}")


def erase(tx: Session, contact: Contact, now: datetime) -> None:
    """Forget who this is: the next message from there comes from somebody new.

    The sealed address stays until the last answer has left, for SAFE_WINDOW at most (`safe_contact.release_due`).
    """
    contact.session = contact.session_at = contact.language = None
    contact.check_word = contact.checked_at = contact.start_minute = contact.end_minute = None
    contact.index, contact.erased_at = secrets.token_bytes(len(contact.index)), now
    gone = {"index": contact.index, "erased_at": now}
    db.run(tx, sa.update(_CONTACTS).where(_CONTACTS.c.id == contact.id).values(gone))


def code_pause(contact: Contact, now: datetime) -> bool:
    """Tell whether this contact has guessed so many codes that look-ups wait."""
    return _missed_lately(contact, now) and contact.code_misses >= MAX_CODE_MISSES


def code_missed(contact: Contact, now: datetime) -> None:
    """Count a wrong reference code."""
    contact.code_misses = contact.code_misses + 1 if _missed_lately(contact, now) else 1
    contact.code_missed_at = now


def _missed_lately(contact: Contact, now: datetime) -> bool:
    return contact.code_missed_at is not None and now - contact.code_missed_at < CODE_PAUSE
