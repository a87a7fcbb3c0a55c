"""An officer's question to whoever reported: it leaves when that is safe, and the next words answer it.

The officer learns nothing of whom it goes to; it is one message like all to the public, so safe contact holds for it. To
somebody who chose a word that only they know, it waits until the word was given.
"""

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework.results import Fault
from hotline.channels import traits
from hotline.conversation import texts
from hotline.core import db
from hotline.core.i18n import DEFAULT_LANGUAGE, translate
from hotline.messaging import LATE, Contact, Outbox, OutboxRow, Safety, contacts
from hotline.reports import Report

LONGEST = 300  # characters: two or three SMS
ANSWERED_WITHIN = timedelta(days=14)  # later words are a matter of their own
ANSWERED = "answered"
# What nobody else may read on the phone of somebody who reported: who writes, and about what.
REVEALING = re.compile(
    r"traffick|smuggl|crim(e|inal)|victim|exploit|slave|\bFIA\b|agency|police|hotline|helpline|circle"
    r"|اسمگل|سمگل|بیوپار|جرم|متاثر|استحصال|غلامی|ایف آئی اے|پولیس|ہیلپ لائن|ہاٹ لائن"
    r"|واپار|ڏوه|استحصال|غلامي|ايف آءِ اي|پوليس|هيلپ لائين|هاٽ لائين"
    r"|smag|beopar|wapar|\bjurm|mujrim|mutas+ir|istehsal|ghulam|\bdoh[iy]",
    re.IGNORECASE,
)

_ROWS = db.table(OutboxRow)


def fault(tx: Session, report: Report, text: str) -> Fault | None:
    """Return why a question can't be put, if it can't."""
    contact = tx.get(Contact, report.contact_id) if report.contact_id is not None else None
    if contact is None or contact.erased_at is not None or not traits.of(contact.channel).asks_back:
        return Fault.NO_WAY_BACK
    if len(text) > LONGEST:
        return Fault.LONG
    return Fault.REVEALING if REVEALING.search(text) else None


def put(tx: Session, outbox: Outbox, report: Report, text: str, now: datetime) -> None:
    """Put a question without a fault into the outbox; none for somebody who must hear nothing, and nobody is told so."""
    contact = tx.get_one(Contact, report.contact_id)
    if contact.safety in (Safety.NEVER, Safety.DURESS):
        return
    said = f"{translate(texts.STAFF_ASKS, contact.language or DEFAULT_LANGUAGE)}\n{text}"
    held = LATE if contacts.word_wanted(contact, now) else None
    outbox.reply(
        tx, contact, said, dedupe=f"question:{db.new_id()}", now=now, priority=report.priority, report_id=report.id,
        held=held,
    )  # fmt: skip


def asked(tx: Session, contact: Contact, now: datetime) -> tuple[str, str] | None:
    """Find the question that this contact was asked last and has not answered: the ids of its row and of the report."""
    mine = sa.and_(_ROWS.c.contact_id == contact.id, _ROWS.c.report_id.is_not(None), _ROWS.c.reason.is_(None))
    lately = sa.select(_ROWS.c.id, _ROWS.c.report_id).where(mine, _ROWS.c.sent_at > now - ANSWERED_WITHIN)
    found = db.run(tx, lately.order_by(_ROWS.c.sent_at.desc()).limit(1)).first()
    return (found.id, found.report_id) if found is not None else None


def answered(tx: Session, row_id: str) -> None:
    """Mark a question as answered: what the person writes after that is no answer to it."""
    db.run(tx, sa.update(_ROWS).where(_ROWS.c.id == row_id).values(reason=ANSWERED))
