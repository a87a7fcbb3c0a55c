"""The intake's part: a row per attachment, in the transaction of its message. Nothing is fetched here."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.contract import Media
from hotline.core import audit, db, envelopes, vault
from hotline.core.vault import Vault
from hotline.messaging import Contact
from hotline.reports import keys as reports
from hotline.reports.attachments.tables import Attachment, AttachmentState
from hotline.reports.tables import Report

MAX_OF_REPORT = 100  # a flood of pictures fills no disk; what comes after them is marked and not fetched


def enclose(
    tx: Session, keys: Vault, report: Report, contact: Contact, media: Sequence[Media], now: datetime,
    data_key: bytes | None = None,
) -> None:  # fmt: skip
    """Put what came with a message to its report. `data_key`: the report's, where the conversation holds it.

    With it whoever opens the report opens its attachments, wherever the report goes. Without it they are sealed one-way
    to the circle's key. Raises Unopenable for a report that was shredded.
    """
    if report.wrapped_key is None:
        raise vault.Unopenable("the report's key was shredded")
    known = tx.execute(sa.select(sa.func.count()).where(Attachment.report_id == report.id)).scalar_one()
    for number, one in enumerate(media, start=1):
        row = Attachment(
            id=db.new_id(), report_id=report.id, number=number, at=now, kind=one.kind, state=AttachmentState.WAITING,
            channel=contact.channel, contact_id=contact.id, not_before=now, attempts=0,
        )  # fmt: skip
        if known + number > MAX_OF_REPORT:
            row.state, row.channel, row.contact_id = AttachmentState.REFUSED, None, None
        else:
            _seal(tx, keys, report, row, one, data_key)
        db.add(tx, row)
        seal = {} if row.key_id is None else {"seal": seal_of(row)}
        audit.record(
            tx, "attached", at=now, actor="intake", report_id=report.id, attachment=row.id, kind=row.kind, **seal
        )


def _seal(tx: Session, keys: Vault, report: Report, row: Attachment, media: Media, data_key: bytes | None) -> None:
    """A key of its own: to officers as the report is, and to the worker with the reference, until it has fetched it."""
    own_key = vault.new_data_key()
    if data_key is not None:
        row.wrapped_key = vault.seal_bytes(data_key, own_key, row.key_context)
    else:
        key = reports.key_of(tx, keys, report)
        row.key_id, row.wrapped_key = key.id, vault.wrap(own_key, key.public, row.key_context)
    packed = json.dumps([media.reference, media.media_type, b64encode(own_key).decode()]).encode()
    row.reference = envelopes.seal_for_worker(tx, keys, packed, row.context)


def seal_of(row: Attachment) -> str:
    """A digest that binds the key of an attachment to its row, on record: anybody can wrap a key to a public half."""
    return sha256(row.id.encode() + sha256(row.wrapped_key or b"").digest()).hexdigest()[:32]


def forget(tx: Session, contact: Contact) -> None:
    """The person leaves, or asks to be forgotten: what still waits is fetched, and nobody is told if it can't be."""
    mine = sa.and_(Attachment.state == AttachmentState.WAITING, Attachment.contact_id == contact.id)
    db.run(tx, sa.update(Attachment).where(mine).values(contact_id=None))
