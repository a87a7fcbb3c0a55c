"""Tables of attachments: what was sent, and apart from it the sealed bytes, so that lists stay light."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hotline.core import db

ORIGINAL, COPY = "original", "copy"  # parts


class AttachmentState(StrEnum):
    """The state of an attachment."""

    WAITING = "waiting"  # with the provider; the worker fetches it
    KEPT = "kept"
    UNAVAILABLE = "unavailable"  # the provider has it no more, or never gave it
    TOO_LARGE = "too_large"
    REFUSED = "refused"  # of no type that we take, or one too many


class Attachment(db.Base):
    """One thing that was sent along. Ids, enums and times only; the provider's reference is sealed to the worker."""

    __tablename__ = "attachments"
    __table_args__ = (
        sa.Index("ix_attachments_report", "report_id", "at"),
        db.index_where("ix_attachments_due", "not_before", where="state = 'waiting'"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    number: Mapped[int]  # within its message, from 1
    at: Mapped[datetime]
    kind: Mapped[str]  # "image", "audio", "video", "document", as the channel calls it
    state: Mapped[AttachmentState] = mapped_column(db.OneOf(AttachmentState), default=AttachmentState.WAITING)
    kib: Mapped[int | None]  # size of the original
    original_type: Mapped[str | None]  # by its first bytes
    copy_type: Mapped[str | None]  # of the copy for officers; None: original only
    # The data key, sealed with the report's own, or wrapped to the key of its circle: shredding a report deletes it here too.
    key_id: Mapped[str | None] = mapped_column(sa.ForeignKey("circle_keys.id"))
    wrapped_key: Mapped[bytes | None]
    # While it waits only: what the worker needs to fetch it, and whom to tell if it can't.
    channel: Mapped[str | None]
    contact_id: Mapped[str | None]
    reference: Mapped[bytes | None]  # sealed to the worker, with the data key
    not_before: Mapped[datetime]  # when the next try may begin; a try that is under way ends before that
    attempts: Mapped[int] = mapped_column(default=0)

    @property
    def context(self) -> str:
        """The context to which the sealed reference is bound."""
        return f"attachment {self.report_id} {self.id}"

    @property
    def key_context(self) -> str:
        """The context to which the data key is bound."""
        return f"attachment key {self.report_id} {self.id}"

    def body_context(self, part: str) -> str:
        """Return the context to which the sealed bytes of a part are bound."""
        return f"{self.context} {part}"


class AttachmentBody(db.Base):
    """The sealed bytes of an attachment: the original, or the copy for officers."""

    __tablename__ = "attachment_bodies"

    attachment_id: Mapped[str] = mapped_column(
        sa.ForeignKey("attachments.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    part: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]
