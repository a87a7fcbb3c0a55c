"""What somebody with a code may do: hear the status, add to the report, say that nothing was done. Never read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline import reports
from hotline.casework import questions
from hotline.channels.contract import Inbound, Media
from hotline.conversation import texts
from hotline.core import audit
from hotline.core.vault import Unopenable
from hotline.intake.live_report import Desk
from hotline.messaging import Contact
from hotline.reports import NewEntry, Report, Status, attachments

COMPLAINT = "complaint"  # the question whose answer goes to HQ
ONE_COMPLAINT = timedelta(days=1)  # HQ is paged once within this time; every complaint is kept
_TEXTS = {
    Status.OPEN: texts.STATUS_RECEIVED,
    Status.ACCEPTED: texts.STATUS_TAKEN,
    Status.CLOSED: texts.STATUS_CLOSED,
}


def status(tx: Session, report_id: str) -> str:
    """The status in words (English msgid); the same words in every lane."""
    return _TEXTS[tx.get_one(Report, report_id).status]


def answer(desk: Desk, tx: Session, contact: Contact, inbound: Inbound, now: datetime) -> str | None:
    """Keep what answers an officer's question with that report, whose id is returned; None where nothing was asked."""
    asked = questions.asked(tx, contact, now) if contact.created_at < now else None
    if asked is None:
        return None
    row, report = asked
    questions.answered(tx, row)
    kept = not inbound.text or Followup(desk, tx, report, now).add(inbound.text, None, truncated=inbound.truncated)
    return report if kept else None


@dataclass(frozen=True, slots=True)
class Followup:
    """The report of a code, within one transaction."""

    desk: Desk
    tx: Session
    report_id: str
    now: datetime

    def add(self, text: str, field: str | None, *, truncated: bool) -> bool:
        """Keep what was written with the code, and act on it; False if the report was shredded and takes nothing."""
        report = self.tx.get_one(Report, self.report_id, with_for_update=True, populate_existing=True)
        words = NewEntry("answer" if field else "message", text, field, truncated=truncated)
        try:
            reports.leave_words(self.tx, self.desk.vault, report, words, self.now)
        except Unopenable:
            return False
        found = self.desk.triage.rate(report.kind, [text], {})
        if report.status != Status.CLOSED and found.priority < report.priority:
            self.desk.escalation.lift(self.tx, report, found.priority, list(found.reasons), self.now)
        self._tell(report, complaint=field == COMPLAINT, text=text)
        return True

    def enclose(self, media: Sequence[Media], contact: Contact) -> bool:
        """Keep what was sent along with the code, from `contact`; False if the report was shredded and takes nothing."""
        report = self.tx.get_one(Report, self.report_id, with_for_update=True, populate_existing=True)
        try:
            attachments.enclose(self.tx, self.desk.vault, report, contact, media, self.now)
        except Unopenable:
            return False
        report.updated_at = self.now
        if report.status == Status.CLOSED:
            self.desk.escalation.tell_top(self.tx, report, self.now)
        return True

    def _tell(self, report: Report, *, complaint: bool, text: str) -> None:
        """A complaint goes to the top and not to whoever it is about; so does news of a report that nobody looks at."""
        closed = report.status == Status.CLOSED
        if complaint:
            history = audit.history(self.tx, report.id)
            lately = any(row.event == "complained" and self.now - row.at < ONE_COMPLAINT for row in history)
            audit.record(self.tx, "complained", at=self.now, actor="intake", report_id=report.id)
            if not lately or closed:
                self.desk.escalation.tell_top(self.tx, report, self.now)
        elif closed and self.desk.triage.words.substance(text):
            self.desk.escalation.tell_top(self.tx, report, self.now)
