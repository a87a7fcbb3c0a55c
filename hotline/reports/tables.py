"""Tables of the record: reports, their sealed entries and the keys these are sealed with."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hotline.core import db
from hotline.core.priority import Priority


class Status(StrEnum):
    """The state of a report: offered, in an officer's hands, or ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class Outcome(StrEnum):
    """The outcome with which an officer closes a report."""

    RESCUED = "rescued"
    INQUIRY = "inquiry"
    REFERRED = "referred"
    UNFOUNDED = "unfounded"
    DUPLICATE = "duplicate"
    TEST = "test"
    ASIDE = "aside"  # nobody was paged: it came from no report that we know of


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
        """The context to which the sealed private half is bound."""
        return f"circle {self.circle} {self.month} {self.lane}"


class Report(db.Base):
    """One report. Ids, enums and times only; what people wrote is in its sealed entries."""

    __tablename__ = "reports"
    __table_args__ = (
        db.index_where("ix_reports_due", "priority", "due_at", where="due_at IS NOT NULL"),
        sa.Index("ix_reports_queue", "circle", "status"),
        db.index_where("uq_reports_code", "code", unique=True),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    kind: Mapped[str]  # "tip", "help"
    status: Mapped[Status] = mapped_column(db.OneOf(Status), default=Status.OPEN)
    priority: Mapped[Priority] = mapped_column(db.OneOf(Priority))
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
    due_at: Mapped[datetime | None]  # when the engine looks at it next: the first of the two below, or a change of duty
    climbs_at: Mapped[datetime | None]  # when the tier's time is over, or that of the officer who has it
    repeats_at: Mapped[datetime | None]  # when the tier is paged again meanwhile
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    accepted_level: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(db.OneOf(Outcome))

    @property
    def key_context(self) -> str:
        """The context to which the wrapped data key is bound."""
        return f"report {self.id}"

    @property
    def deadline(self) -> datetime | None:
        """The moment at which the time of the tier is over, or of the officer who has it; the clock may look earlier."""
        return self.climbs_at or self.due_at


class Entry(db.Base):
    """Something written down on a report, sealed with the report's data key or one of its own, context `entry <report id> <id>`."""

    __tablename__ = "entries"
    __table_args__ = (sa.Index("ix_entries_report", "report_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    number: Mapped[int]  # from 1 within a conversation; officers write in between, so it only orders one moment's
    at: Mapped[datetime]
    kind: Mapped[str]  # "message", "answer", "note", "question", "closing"
    field: Mapped[str | None]  # of an answer: "place", "when" …
    author: Mapped[str]  # "reporter" or an officer's id
    truncated: Mapped[bool] = mapped_column(default=False)
    body: Mapped[bytes]  # sealed JSON {"text": what was written, "value": the choice's value or null}
    # Of a note by SMS only, sealed with a data key of its own: shredding a report deletes it here too.
    key_id: Mapped[str | None] = mapped_column(sa.ForeignKey("circle_keys.id"))
    wrapped_key: Mapped[bytes | None]

    @property
    def context(self) -> str:
        """The context to which the sealed body is bound."""
        return entry_context(self.report_id, self.id)

    @property
    def key_context(self) -> str:
        """The context to which a data key of its own is bound."""
        return f"entry key {self.report_id} {self.id}"


def entry_context(report_id: str, entry_id: str) -> str:
    """Return the context to which the sealed body of an entry is bound."""
    return f"entry {report_id} {entry_id}"


def lane(report: Report) -> str:
    """Name the key pair that opens the report: "console", or "integrity" for tips about officials."""
    return "integrity" if report.integrity else "console"
