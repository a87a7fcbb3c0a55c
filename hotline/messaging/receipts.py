"""Delivery receipts: what providers say became of messages. Forward only, since they repeat and come in any order."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.contract import Delivery
from hotline.core import db, envelopes
from hotline.core.vault import Vault
from hotline.messaging import address_health, outbox, safe_contact
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow, OutboxState, PageFailed
from hotline.messaging.safe_contact import Verdict

NEUTRAL = "neutral:"  # how the key of a word begins that says only that there is something to read
FORWARD = {
    OutboxState.SENT: (OutboxState.SENDING, OutboxState.QUEUED),
    OutboxState.DELIVERED: (OutboxState.SENDING, OutboxState.QUEUED, OutboxState.SENT),
    OutboxState.FAILED: (OutboxState.SENDING, OutboxState.QUEUED, OutboxState.SENT),
}


def close(tx: Session, vault: Vault, row: OutboxRow, now: datetime) -> None:
    """Hold a row whose channel lets nothing pass until the person writes, and say once that there is something to read.

    That word leaves only now, at an hour that they called safe, and only once until they write.
    """
    if row.dedupe.startswith(NEUTRAL):
        outbox.stop(row, OutboxState.FAILED, outbox.CLOSED)
        return
    contact = tx.get_one(Contact, row.contact_id)
    if row.sent_at is not None and contact.last_inbound_at > row.sent_at:  # they wrote meanwhile: now it passes
        row.state, row.sent_at = OutboxState.QUEUED, None
        return
    outbox.stop(row, OutboxState.HELD, outbox.CLOSED)
    if safe_contact.may_send(contact, now) != Verdict.SEND:
        return
    row_id = db.new_id()
    body = envelopes.seal_for_worker(tx, vault, outbox.pack(""), f"outbox {row_id}")
    values = {
        "id": row_id, "dedupe": f"{NEUTRAL}{contact.id}:{contact.last_inbound_at.isoformat()}", "channel": row.channel,
        "contact_id": contact.id, "priority": row.priority, "body": body, "created_at": now, "not_before": now,
        "state": OutboxState.QUEUED, "attempts": 0, "override": False,
    }  # fmt: skip
    db.add_if_new(tx, OutboxRow, values)


def delivered(tx: Session, vault: Vault, delivery: Delivery, now: datetime, page_failed: PageFailed) -> None:
    """Take a provider's delivery report: forward only, repeats and unknown ids change nothing."""
    row = tx.get(OutboxRow, delivery.outbox_id, with_for_update=True)
    if row is None or not (row.state in FORWARD[OutboxState(delivery.state)] or outbox.fate_unknown(row)):
        return
    if delivery.state == "failed" and _of_an_earlier_try(row, delivery.reference):
        return
    if delivery.closed and row.contact_id is not None:
        close(tx, vault, row, now)
        return
    if delivery.state == "failed":
        outbox.fail(tx, row, delivery.detail or "undelivered", now, page_failed)
        return
    row.state, row.reason, row.lease_until, row.failing_since = OutboxState(delivery.state), None, None, None
    if delivery.state == "delivered":
        _received(tx, row, now)


def _of_an_earlier_try(row: OutboxRow, reference: str) -> bool:
    """Return whether a receipt is about an earlier try: providers repeat receipts, and a row may leave again after one."""
    if not reference or not row.provider_ref:
        return False
    present = row.state == OutboxState.SENT  # else the reference that the row has is of the try before
    return (reference == row.provider_ref) != present


def by_reference(tx: Session, channel: str, references: Sequence[str]) -> str | None:
    """Find the id of the row that a gateway took under the first of these references, or else under only one of the others."""
    named = sa.and_(OutboxRow.provider_ref.in_(references), OutboxRow.channel == channel)
    rows = tx.execute(sa.select(OutboxRow.provider_ref, OutboxRow.id).where(named))
    found: dict[str | None, str] = {row.provider_ref: row.id for row in rows}
    exact = found.get(references[0])
    return exact or (next(iter(found.values())) if len(found) == 1 else None)


def _received(tx: Session, row: OutboxRow, now: datetime) -> None:
    row.delivered_at, row.receipt_by = now, None
    if row.address_id is not None:
        address_health.worked(tx, row.address_id, now)
        spoken_for = sa.update(OutboxRow).where(OutboxRow.bundle_id == row.id, OutboxRow.state == OutboxState.BUNDLED)
        db.run(tx, spoken_for.values(delivered_at=now))
