"""Somebody else may have the phone: the words that warn of it, and what follows."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from hotline.channels.contract import Media
from hotline.core import audit
from hotline.core.i18n import N_
from hotline.core.priority import Priority
from hotline.intake.exchange import Exchange
from hotline.intake.live_report import LiveReport
from hotline.messaging import Safety, contacts, safe_contact
from hotline.reports import Report, Status, attachments

WORD = "DURESS"  # the keyword
SENTENCE = "WRONG_PERSON"  # the fact that the same was said in a sentence ("sorry, wrong number")
WHO = "WHO_IS_THIS"  # the fact that somebody asks whose number this is
NO_CONTACT = "NO_CONTACT"  # the fact that somebody wants no messages
SHORT = 8  # words; in a longer message a wrong number is somebody's whom it tells of
TOLD_ONCE = timedelta(days=1)  # HQ is paged once within this time
PLEAS = frozenset({"help", "family"})  # kinds of reports
# Translators: why a report is urgent: a word that was agreed for this, or twice a wrong word
DURESS = N_("Duress: somebody else has the phone")


def warned(ex: Exchange) -> bool:
    """Tell whether this is such a word as "wrong number", from somebody who has something to hide."""
    if WORD in ex.whole:
        return ex.contact.check_word is not None or bool(_open_reports(ex))
    short = SENTENCE in ex.inside and len(ex.text.split()) <= SHORT
    return short and (ex.contact.check_word is not None or pleaded(ex))


def pleaded(ex: Exchange) -> bool:
    """Tell whether there is an open plea of this phone."""
    return bool(_pleas(ex))


def asks_who(ex: Exchange) -> bool:
    """Tell whether somebody asks who we are or whose number this is, on a phone that pleaded for help."""
    return WHO in ex.inside and len(ex.text.split()) <= SHORT and pleaded(ex)


def hush(ex: Exchange, live: LiveReport) -> None:
    """Take back what waits, write only when they do, and ask anew whether it is safe before anything is said."""
    safe_contact.tighten(ex.contact, Safety.PULL_ONLY)
    ex.services.outbox.silence(ex.tx, ex.contact)
    live.doubt()


def tell(ex: Exchange) -> None:
    """Tell HQ that somebody else may have the phone of an open plea."""
    for report in _pleas(ex):
        history = audit.history(ex.tx, report.id)
        lately = any(row.event == "who_asked" and ex.now - row.at < TOLD_ONCE for row in history)
        audit.record(ex.tx, "who_asked", at=ex.now, actor="intake", report_id=report.id)
        if not lately:
            ex.services.escalation.tell_top(ex.tx, report, ex.now)


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


def _pleas(ex: Exchange) -> list[Report]:
    return [report for report in _open_reports(ex) if report.kind in PLEAS]


def _open_reports(ex: Exchange) -> list[Report]:
    mine = sa.and_(Report.contact_id == ex.contact.id, Report.status != Status.CLOSED)
    return [*ex.tx.scalars(sa.select(Report).where(mine).order_by(Report.opened_at).with_for_update())]
