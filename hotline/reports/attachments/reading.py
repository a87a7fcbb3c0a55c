"""The console's part: which attachments a report has, and one of them opened."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.core import audit, vault
from hotline.core.vault import Vault
from hotline.reports.attachments.enclosing import seal_of
from hotline.reports.attachments.tables import ORIGINAL, Attachment, AttachmentBody
from hotline.reports.entries import pick_up
from hotline.reports.tables import CircleKey, Report


@dataclass(frozen=True, slots=True)
class Opened:
    """A part of an attachment. `media_type` is what we made, or what the first bytes of an original say."""

    body: bytes = field(repr=False)
    media_type: str


def of_report(tx: Session, report_id: str) -> list[Attachment]:
    """The attachments of a report, oldest first."""
    mine = sa.select(Attachment).where(Attachment.report_id == report_id)
    return list(tx.scalars(mine.order_by(Attachment.at, Attachment.number)))


def open_part(tx: Session, keys: Vault, report: Report, attachment_id: str, part: str) -> Opened | None:
    """A part of an attachment of this report, or None if there is none. Raises KeyMissing, Unopenable."""
    row = tx.get(Attachment, attachment_id)
    if row is None or row.report_id != report.id:
        return None
    sealed = tx.get(AttachmentBody, (row.id, part))
    media_type = row.original_type if part == ORIGINAL else row.copy_type
    if sealed is None or media_type is None:
        return None
    return Opened(vault.unseal_bytes(_key(tx, keys, report, row), sealed.body, row.body_context(part)), media_type)


def _key(tx: Session, keys: Vault, report: Report, row: Attachment) -> bytes:
    if row.wrapped_key is None:
        raise vault.Unopenable("the attachment's key was shredded")
    if row.key_id is None:
        return vault.unseal_bytes(pick_up(tx, keys, report).data_key, row.wrapped_key, row.key_context)
    if seal_of(row) not in {event.data.get("seal") for event in audit.history(tx, row.report_id)}:
        raise vault.Unopenable("attachment that is not on record")
    key = tx.get_one(CircleKey, row.key_id)
    private = vault.open_circle_key(keys, key.lane, key.sealed_private, key.context)
    return vault.unwrap(row.wrapped_key, private, row.key_context)
