"""Entries, what is written down on a report: by a conversation that holds its key, by officers who can open it, by SMS."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import audit, db, vault
from hotline.core.vault import Vault
from hotline.reports.keys import key_of
from hotline.reports.tables import CircleKey, Entry, Report, entry_context


@dataclass(slots=True)
class Pen:
    """The means of a live conversation to go on writing to its report; kept sealed in the session."""

    report_id: str
    data_key: bytes
    entries: int  # how many the report has
    answers: dict[str, str] = field(default_factory=dict)  # field -> value of the choices made so far, for triage
    said: str = ""  # the last own words, to be rated with those that follow; never stored but in the sealed session
    keys: Vault | None = field(default=None, repr=False, compare=False)  # an officer's: opens notes that came by SMS

    def dump(self) -> str:
        """Write it as one opaque string."""
        return json.dumps([self.report_id, b64encode(self.data_key).decode(), self.entries, self.answers, self.said])

    @classmethod
    def load(cls, text: str) -> "Pen":
        """From `dump`."""
        report_id, key, entries, answers, *said = json.loads(text)
        return cls(report_id, b64decode(key), entries, answers, *said)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, opened."""

    at: datetime
    kind: str
    field: str | None
    value: str | None
    author: str
    truncated: bool
    text: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to write down."""

    kind: str
    text: str
    field: str | None = None
    value: str | None = None
    author: str = "reporter"
    truncated: bool = False


def write(tx: Session, pen: Pen, words: NewEntry, now: datetime) -> None:
    """Add an entry to a report, sealed."""
    pen.entries += 1
    row = _new(pen.report_id, pen.entries, words, now)
    row["body"] = vault.seal(pen.data_key, _body(words), entry_context(pen.report_id, row["id"]))
    db.add(tx, Entry.made(**row))


def _new(report_id: str, number: int, words: NewEntry, now: datetime) -> dict[str, Any]:
    return {
        "id": db.new_id(), "report_id": report_id, "number": number, "at": now, "kind": words.kind, "field": words.field,
        "author": words.author, "truncated": words.truncated,
    }  # fmt: skip


def _body(words: NewEntry) -> str:
    return json.dumps({"text": words.text, "value": words.value}, ensure_ascii=False)


def read_entries(tx: Session, pen: Pen) -> list[Written]:
    """All that was written on a report, opened, oldest first.

    Raises Unopenable for a row that does not belong here, KeyMissing for a note by SMS and a pen that is no officer's.
    """
    found = []
    for entry in tx.scalars(sa.select(Entry).where(Entry.report_id == pen.report_id).order_by(Entry.at, Entry.number)):
        data_key = pen.data_key if entry.wrapped_key is None else _own_key(tx, pen, entry)
        body = json.loads(vault.unseal(data_key, entry.body, entry.context))
        found.append(
            Written(entry.at, entry.kind, entry.field, body["value"], entry.author, entry.truncated, body["text"])
        )
    return found


def _own_key(tx: Session, pen: Pen, entry: Entry) -> bytes:
    """The data key of a note by SMS, if the record vouches for the note: anybody can wrap a key to a public half."""
    if pen.keys is None:
        raise vault.KeyMissing("this pen writes only: a note by SMS opens with the console's key")
    if _seal(entry) not in {row.data.get("seal") for row in audit.history(tx, entry.report_id)}:
        raise vault.Unopenable("note that is not on record")
    key = tx.get_one(CircleKey, entry.key_id)
    private = vault.open_circle_key(pen.keys, key.lane, key.sealed_private, key.context)
    return vault.unwrap(entry.wrapped_key or b"", private, entry.key_context)


def _seal(entry: Entry) -> str:
    """A digest that binds a note by SMS to its author, on record."""
    parts = (entry.id.encode(), entry.author.encode(), entry.wrapped_key or b"", entry.body)
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]


def pick_up(tx: Session, keys: Vault, report: Report) -> Pen:
    """A pen for officers, who can open the report. Raises KeyMissing, Unopenable."""
    if report.wrapped_key is None:
        raise vault.Unopenable("the report's key was shredded")
    key = tx.get_one(CircleKey, report.key_id)
    private = vault.open_circle_key(keys, key.lane, key.sealed_private, key.context)
    data_key = vault.unwrap(report.wrapped_key, private, report.key_context)
    return Pen(report.id, data_key, _count(tx, report.id), keys=keys)


def _count(tx: Session, report_id: str) -> int:
    return tx.execute(sa.select(sa.func.max(Entry.number)).where(Entry.report_id == report_id)).scalar() or 0


OFFICERS = {"note": "noted", "question": "asked"}  # what officers write -> the event


def note(
    tx: Session, keys: Vault, report: Report, officer_id: str, text: str, now: datetime, *, kind: str = "note"
) -> None:
    """An officer's note, or their question to whoever reported (`kind`, of OFFICERS)."""
    write(tx, pick_up(tx, keys, report), NewEntry(kind, text, author=officer_id), now)
    audit.record(tx, OFFICERS[kind], at=now, actor=officer_id, report_id=report.id)


def leave_note(
    tx: Session, keys: Vault, report: Report, officer_id: str, text: str, now: datetime, *, kind: str = "note"
) -> None:
    """The same by SMS. Raises Unopenable for a report that was shredded."""
    entry = _leave(tx, keys, report, NewEntry(kind, text, author=officer_id), now)
    audit.record(tx, OFFICERS[kind], at=now, actor=officer_id, report_id=report.id, via="sms", seal=_seal(entry))


def leave_words(tx: Session, keys: Vault, report: Report, words: NewEntry, now: datetime) -> None:
    """Write what a reporter adds with the code, in a conversation that has no pen. Raises Unopenable as `leave_note` does."""
    entry = _leave(tx, keys, report, words, now)
    report.updated_at = now
    audit.record(tx, "amended", at=now, actor="intake", report_id=report.id, via="code", seal=_seal(entry))


def _leave(tx: Session, keys: Vault, report: Report, words: NewEntry, now: datetime) -> Entry:
    """An entry from the intake, which cannot open the report: sealed one-way to the report's circle.

    It has a data key of its own, wrapped as the report's is.
    """
    if report.wrapped_key is None:
        raise vault.Unopenable("the report's key was shredded")
    key, data_key = key_of(tx, keys, report), vault.new_data_key()
    entry = Entry(**_new(report.id, _count(tx, report.id) + 1, words, now))
    entry.key_id, entry.wrapped_key = key.id, vault.wrap(data_key, key.public, entry.key_context)
    entry.body = vault.seal(data_key, _body(words), entry.context)
    db.add(tx, entry)
    return entry


def has_note(tx: Session, report: Report, officer_id: str) -> bool:
    """Tell whether an officer has written a note on a report since it was accepted."""
    mine = sa.select(Entry.id).where(Entry.report_id == report.id, Entry.author == officer_id, Entry.kind == "note")
    return tx.execute(mine.where(Entry.at >= report.accepted_at).limit(1)).first() is not None
