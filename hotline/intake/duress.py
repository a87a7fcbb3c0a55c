"""Somebody else may have the phone: the words that warn of it, and what follows."""

from collections.abc import Sequence

import sqlalchemy as sa

from hotline.channels.contract import Media
from hotline.core import audit
from hotline.core.i18n import N_
from hotline.core.priority import Priority
from hotline.intake.exchange import Exchange
from hotline.messaging import Safety, contacts, safe_contact
from hotline.reports import Report, Status, attachments

WORD = "DURESS"  # the keyword
# Translators: why a report is urgent: a word that was agreed for this, or twice a wrong word
DURESS = N_("Duress: somebody else has the phone")


def warned(ex: Exchange) -> bool:
    """Tell whether this is such a word as "wrong number", from somebody who has something to hide."""
    return WORD in ex.whole and (ex.contact.check_word is not None or bool(_open_reports(ex)))


def stop(ex: Exchange, media: Sequence[Media] = ()) -> None:
    """Stop everything, page HQ, and say nothing: a wrong number gets no answer, and any text could be read.

    All open reports become as urgent as can be. `media` is kept with the newest of them.
    """
    safe_contact.tighten(ex.contact, Safety.DURESS)
    contacts.remember(ex.contact, ex.services.vault, None, ex.now)
    ex.services.outbox.silence(ex.tx, ex.contact, "duress")
    concerned = _open_reports(ex)
    for report in concerned:
        audit.record(ex.tx, "duress", at=ex.now, actor="intake", report_id=report.id)
        ex.services.escalation.lift(ex.tx, report, Priority.P1, [*dict.fromkeys((DURESS, *report.reasons))], ex.now)
        ex.services.escalation.tell_top(ex.tx, report, ex.now)
    if media and concerned:
        attachments.enclose(ex.tx, ex.services.vault, concerned[-1], ex.contact, media, ex.now)


def _open_reports(ex: Exchange) -> list[Report]:
    mine = sa.and_(Report.contact_id == ex.contact.id, Report.status != Status.CLOSED)
    return [*ex.tx.scalars(sa.select(Report).where(mine).order_by(Report.opened_at).with_for_update())]
