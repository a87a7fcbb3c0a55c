"""Follow-up by code: hearing the status, adding to the report, saying that nothing was done. Never reading it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from hotline import reports
from hotline.casework import questions
from hotline.conversation import texts
from hotline.core import audit
from hotline.core.vault import Unopenable
from hotline.intake import live_report
from hotline.intake.exchange import Exchange
from hotline.reports import NewEntry, Outcome, Report, Status, attachments

STATUS = "status"  # the flow of whoever sent a code
COMPLAINT = "complaint"  # the question whose answer goes to HQ
ONE_COMPLAINT = timedelta(days=1)  # HQ is paged once within this time; every complaint is kept
_TEXTS = {
    Status.OPEN: texts.STATUS_RECEIVED,
    Status.ACCEPTED: texts.STATUS_TAKEN,
    Status.CLOSED: texts.STATUS_CLOSED,
}


def status(tx: Session, report_id: str) -> str:
    """The status in words (English msgid); the same words in every lane."""
    report = tx.get_one(Report, report_id)
    if report.status == Status.CLOSED and report.outcome == Outcome.INQUIRY:
        return texts.STATUS_INQUIRY  # what is closed is the report: with the inquiry the work begins
    return _TEXTS[report.status]


def answer(ex: Exchange, question: str, report_id: str) -> bool:
    """Keep what answers an officer's question with the report; False if the report takes nothing any more."""
    questions.answered(ex.tx, question)
    return not ex.text or add(ex, report_id, ex.text, None)


def add(ex: Exchange, report_id: str, text: str, field: str | None) -> bool:
    """Keep what was written with the code, and act on it; False if the report was shredded and takes nothing."""
    report = ex.tx.get_one(Report, report_id, with_for_update=True, populate_existing=True)
    words = NewEntry("answer" if field else "message", text, field, truncated=ex.inbound.truncated)
    try:
        reports.leave_words(ex.tx, ex.services.vault, report, words, ex.now)
    except Unopenable:
        return False
    live_report.rate(ex, report, [text], {})
    _tell(ex, report, complaint=field == COMPLAINT, text=text)
    return True


def enclose(ex: Exchange, report_id: str) -> bool:
    """Keep what was sent along with the code; False if the report was shredded and takes nothing."""
    report = ex.tx.get_one(Report, report_id, with_for_update=True, populate_existing=True)
    try:
        attachments.enclose(ex.tx, ex.services.vault, report, ex.contact, ex.inbound.media, ex.now)
    except Unopenable:
        return False
    report.updated_at = ex.now
    if report.status == Status.CLOSED:
        ex.services.escalation.tell_top(ex.tx, report, ex.now)
    return True


def _tell(ex: Exchange, report: Report, *, complaint: bool, text: str) -> None:
    """A complaint goes to the top and not to whoever it is about; so does news of a report that nobody looks at."""
    closed = report.status == Status.CLOSED
    told = closed and ex.words.substance(text)
    if complaint:
        history = audit.history(ex.tx, report.id)
        lately = any(row.event == "complained" and ex.now - row.at < ONE_COMPLAINT for row in history)
        audit.record(ex.tx, "complained", at=ex.now, actor="intake", report_id=report.id)
        told = closed or not lately
    if told:
        ex.services.escalation.tell_top(ex.tx, report, ex.now)
