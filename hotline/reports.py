"""The record: reports, their sealed entries and the keys these are sealed with."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from stdnum import luhn

from hotline import audit, db, vault
from hotline.vault import Vault

CODE_DIGITS = 10  # with the check digit: 10^9 codes, read out over a phone in three breaths


class Status(StrEnum):
    """Where a report stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a report ended."""

    RESCUED = "rescued"
    INQUIRY = "inquiry"
    REFERRED = "referred"
    UNFOUNDED = "unfounded"
    DUPLICATE = "duplicate"
    TEST = "test"


class CircleKey(db.Base):
    """The key that the data keys of a circle's month are wrapped to; `mac` shows that the intake made it."""

    __tablename__ = "circle_keys"
    __table_args__ = (sa.UniqueConstraint("circle", "month", "lane"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    circle: Mapped[str]
    month: Mapped[str]  # "2026-11"
    lane: Mapped[str]  # who opens it: "console" or "integrity"
    public: Mapped[bytes]
    sealed_private: Mapped[bytes]
    mac: Mapped[bytes]

    @property
    def context(self) -> str:
        """What the sealed private half is bound to."""
        return f"circle {self.circle} {self.month} {self.lane}"


class Report(db.Base):
    """One report. Ids, enums and times only; what people wrote is in its sealed entries."""

    __tablename__ = "reports"
    __table_args__ = (
        sa.Index("ix_reports_due", "due_at", sqlite_where=sa.text("due_at IS NOT NULL"),
                 postgresql_where=sa.text("due_at IS NOT NULL")),
        sa.Index("ix_reports_queue", "circle", "status"),
        db.index_of_some("reports", "code", unique=True),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    kind: Mapped[str]  # "tip", "help"
    status: Mapped[str] = mapped_column(default=Status.OPEN.value)
    priority: Mapped[int]  # 1, 2, 3
    reasons: Mapped[list[str]]  # ids of the triage rules that gave the priority
    integrity: Mapped[bool] = mapped_column(default=False)  # about an official: HQ's integrity officers only
    circle: Mapped[str] = mapped_column(sa.ForeignKey("circles.code"))
    category: Mapped[str | None]
    district: Mapped[str | None]  # code of a district, or of a country abroad
    language: Mapped[str | None]
    channel: Mapped[str]
    campaign: Mapped[str | None]
    contact_id: Mapped[str | None]
    code: Mapped[bytes | None]  # keyed digest of the reference code
    key_id: Mapped[str] = mapped_column(sa.ForeignKey("circle_keys.id"))
    wrapped_key: Mapped[bytes | None]  # None: shredded
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]  # the reporter's last word
    policy: Mapped[str]  # digest of the escalation policy it goes by
    level: Mapped[int] = mapped_column(default=0)  # the tier that is offered it, from 0
    generation: Mapped[int] = mapped_column(default=1)  # raised by transfer; fences late answers
    round: Mapped[int] = mapped_column(default=0)  # how often it was paged anew in this generation
    timer: Mapped[str | None]  # "accept", "first_action", "idle"; None when closed
    due_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    accepted_level: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    @property
    def key_context(self) -> str:
        """What the wrapped data key is bound to."""
        return f"report {self.id}"


class Entry(db.Base):
    """Something written down on a report, sealed with its data key, context `entry <report id> <id>`."""

    __tablename__ = "entries"
    __table_args__ = (sa.Index("ix_entries_report", "report_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    number: Mapped[int]  # from 1 within a conversation; officers write in between, so it only orders one moment's
    at: Mapped[datetime]
    kind: Mapped[str]  # "message", "answer", "note", "closing"
    field: Mapped[str | None]  # of an answer: "place", "when" …
    author: Mapped[str]  # "reporter" or an officer's id
    truncated: Mapped[bool] = mapped_column(default=False)
    body: Mapped[bytes]  # sealed JSON {"text": what was written, "value": the choice's value or null}

    @property
    def context(self) -> str:
        """What the sealed body is bound to."""
        return f"entry {self.report_id} {self.id}"


@dataclass(slots=True)
class Pen:
    """What a live conversation needs to go on writing to its report; kept sealed in the session."""

    report_id: str
    data_key: bytes
    entries: int  # how many the report has
    answers: dict[str, str] = field(default_factory=dict)  # field -> value of the choices made so far, for triage

    def dump(self) -> str:
        """As one opaque string."""
        return json.dumps([self.report_id, b64encode(self.data_key).decode(), self.entries, self.answers])

    @classmethod
    def load(cls, text: str) -> "Pen":
        """From `dump`."""
        report_id, key, entries, answers = json.loads(text)
        return cls(report_id, b64decode(key), entries, answers)


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
class Words:
    """Something to write down."""

    kind: str
    text: str
    field: str | None = None
    value: str | None = None
    author: str = "reporter"
    truncated: bool = False


def new_data_key() -> bytes:
    """A report's own key."""
    return vault.new_data_key()


def lane(report: Report) -> str:
    """Which key pair opens the report: "console", or "integrity" for tips about officials."""
    return "integrity" if report.integrity else "console"


def lock_to_circle(tx: Session, keys: Vault, report: Report, data_key: bytes, now: datetime) -> None:
    """Wrap the data key to the report's circle and month; anew after each change of circle or lane."""
    key = circle_key(tx, keys, report.circle, f"{now:%Y-%m}", lane(report))
    report.key_id, report.wrapped_key = key.id, vault.wrap(data_key, key.public, report.key_context)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a circle key that the intake needs."""

    id: str
    public: bytes


def circle_key(tx: Session, keys: Vault, circle: str, month: str, lane: str) -> PublicKey:
    """The circle's key of a month, made on first use. Raises Unopenable if the row is not one that the intake made."""
    cached = _committed_key(keys, circle, month, lane)
    if cached:
        return cached[0]
    where = sa.and_(CircleKey.circle == circle, CircleKey.month == month, CircleKey.lane == lane)
    row = tx.scalars(sa.select(CircleKey).where(where)).first()
    if row is None:
        row = _make_key(tx, keys, circle, month, lane)
    if not hmac.compare_digest(row.mac, _mac(keys, row)):
        raise vault.Unopenable(f"circle key {circle} {month} was not made here")
    found = PublicKey(row.id, row.public)
    db.after_commit(tx, lambda: cached.append(found))
    return found


def _make_key(tx: Session, keys: Vault, circle: str, month: str, lane: str) -> CircleKey:
    """Make the key, or take the one that somebody else has made at the same moment."""
    row = CircleKey(id=db.new_id(), circle=circle, month=month, lane=lane)
    row.public, row.sealed_private = vault.new_circle_key(keys, lane, row.context)
    values = {"id": row.id, "circle": circle, "month": month, "lane": lane, "public": row.public,
              "sealed_private": row.sealed_private, "mac": _mac(keys, row)}  # fmt: skip
    db.insert_if_new(tx, CircleKey, values)
    return tx.scalars(
        sa.select(CircleKey).where(CircleKey.circle == circle, CircleKey.month == month, CircleKey.lane == lane)
    ).one()


@lru_cache(maxsize=4096)
def _committed_key(_keys: Vault, _circle: str, _month: str, _lane: str) -> list[PublicKey]:
    """A place to keep a key once it is committed: nobody else can use one that may still be rolled back."""
    return []


def _mac(keys: Vault, row: CircleKey) -> bytes:
    return keys.digest("circle-key", f"{row.id} {row.context} {row.public.hex()}")


def write(tx: Session, pen: Pen, words: Words, now: datetime) -> Entry:
    """Add an entry to a report, sealed."""
    pen.entries += 1
    entry = Entry(
        id=db.new_id(), report_id=pen.report_id, number=pen.entries, at=now, kind=words.kind, field=words.field,
        author=words.author, truncated=words.truncated,
    )  # fmt: skip
    body = json.dumps({"text": words.text, "value": words.value}, ensure_ascii=False)
    entry.body = vault.seal(pen.data_key, body, entry.context)
    db.insert(tx, entry)
    return entry


def entries(tx: Session, pen: Pen) -> list[Written]:
    """All that was written on a report, opened, oldest first. Raises Unopenable for a row that does not belong here."""
    found = []
    for entry in tx.scalars(sa.select(Entry).where(Entry.report_id == pen.report_id).order_by(Entry.at, Entry.number)):
        body = json.loads(vault.unseal(pen.data_key, entry.body, entry.context))
        found.append(
            Written(entry.at, entry.kind, entry.field, body["value"], entry.author, entry.truncated, body["text"])
        )
    return found


def pick_up(tx: Session, keys: Vault, report: Report) -> Pen:
    """A pen for officers, who can open the report. Raises KeyMissing, Unopenable."""
    if report.wrapped_key is None:
        raise vault.Unopenable("the report's key was shredded")
    key = tx.get_one(CircleKey, report.key_id)
    private = vault.open_circle_key(keys, key.lane, key.sealed_private, key.context)
    count = tx.execute(sa.select(sa.func.max(Entry.number)).where(Entry.report_id == report.id)).scalar() or 0
    return Pen(report.id, vault.unwrap(report.wrapped_key, private, report.key_context), count)


def new_code() -> str:
    """A reference code: digits only, unbroken, the last one a check digit."""
    payload = str(randbelow(9 * 10 ** (CODE_DIGITS - 2)) + 10 ** (CODE_DIGITS - 2))
    return payload + str(luhn.calc_check_digit(payload))


def looks_like_code(text: str) -> bool:
    """Whether a text is a reference code with a right check digit."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit() and luhn.is_valid(text)


def by_code(tx: Session, keys: Vault, code: str) -> Report | None:
    """The report of a reference code."""
    return tx.scalars(sa.select(Report).where(Report.code == keys.digest("code", code))).first()


def note(tx: Session, keys: Vault, report: Report, officer_id: str, text: str, now: datetime) -> None:
    """An officer's note."""
    write(tx, pick_up(tx, keys, report), Words("note", text, author=officer_id), now)
    audit.record(tx, "noted", at=now, actor=officer_id, report_id=report.id)
