"""What a message of the public does to a report: opens it, amends it, sends it to the circle that it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import reports, staff
from hotline.channels import drill
from hotline.channels.contract import Media
from hotline.conversation import Ambiguous, Place, Places
from hotline.core import audit, db
from hotline.core.i18n import N_
from hotline.core.priority import Priority
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.messaging import Contact, Outbox, contacts
from hotline.reports import NewEntry, Pen, Rating, Report, Status, Triage, attachments

# Translators: why a report is urgent: a word that was agreed for this, or twice a wrong word
DURESS = N_("Duress: somebody else has the phone")


@dataclass(frozen=True, slots=True)
class Desk:
    """What working on reports takes."""

    vault: Vault
    outbox: Outbox
    escalation: Escalation
    places: Places
    triage: Triage


class LiveReport:
    """The report of one conversation, within one transaction. Without a report until something is said."""

    def __init__(
        self, desk: Desk, tx: Session, contact: Contact, truncated: bool, language: str, now: datetime
    ) -> None:
        self.desk, self.tx, self.contact, self.now = desk, tx, contact, now
        self.truncated, self.language = truncated, language
        self.pen: Pen | None = None
        self.campaign = ""  # the code of the link that led here
        self._report: Report | None = None
        self._fresh = False  # opened by this very message

    @property
    def report(self) -> Report | None:
        """The report, locked on first use."""
        if self._report is None and self.pen is not None:
            self._report = self.tx.get_one(Report, self.pen.report_id, with_for_update=True, populate_existing=True)
        return self._report

    def resume(self, pen: Pen) -> None:
        """Go on with the report of an earlier message, unless it was closed: then what comes is a new matter."""
        self.pen = pen
        if self.report is not None and self.report.status == Status.CLOSED:
            self.pen = self._report = None

    def dump(self) -> str:
        """What the next message needs to go on."""
        return self.pen.dump() if self.pen is not None else ""

    def open(self, kind: str, text: str, field: str | None = None, value: str | None = None) -> None:
        """Open a report with its first words, or its first answer, and begin its escalation."""
        answers = {field: value} if field is not None and value is not None else {}
        report = self._new(kind, self.desk.triage.rate(kind, [text], answers), self.desk.places.mention(text))
        self._write(NewEntry("answer" if field else "message", text, field, value, truncated=self.truncated))
        audit.record(
            self.tx, "opened", at=self.now, actor="intake", report_id=report.id,
            kind=kind, priority=report.priority, circle=report.circle, channel=report.channel,
        )  # fmt: skip
        self.desk.escalation.begin(self.tx, report, self.now)

    def _new(self, kind: str, rating: Rating, place: Place | None) -> Report:
        report = Report.made(
            id=db.new_id(), kind=kind, status=Status.OPEN, priority=rating.priority, generation=1, round=0,
            reasons=list(rating.reasons), circle=self._circle(place), district=place.code if place else None,
            language=self.language, channel=self.contact.channel, contact_id=self.contact.id, integrity=False,
            opened_at=self.now, updated_at=self.now, campaign=self.campaign or None,
        )  # fmt: skip
        self.pen = Pen(report.id, reports.new_data_key(), 0)
        reports.lock_to_circle(self.tx, self.desk.vault, report, self.pen.data_key, self.now)
        db.add(self.tx, report)
        self._report, self._fresh = report, True
        return report

    def _circle(self, place: Place | None) -> str:
        if self.contact.channel == drill.CHANNEL:
            return drill.CIRCLE
        known = staff.current_directory(self.tx)
        owners = (known.districts.get(code) for code in (place.districts if place is not None else ()))
        return next(filter(None, owners), None) or known.desk

    def message(self, text: str) -> None:
        """Words outside any question."""
        self._write(NewEntry("message", text, truncated=self.truncated))
        self._assess([text])

    def remark(self, text: str, kind: str) -> None:
        """Words that answered nothing; they open the report if there is none."""
        if self.pen is None:
            self.open(kind, text)
        else:
            self.message(text)

    def answer(self, kind: str, field: str, value: str | None, text: str) -> None:
        """An answer to a question; the first one opens the report. What it means beyond that, `answers` knows."""
        if self.pen is None:
            self.open(kind, text, field, value)
        else:
            self._write(NewEntry("answer", text, field, value, truncated=self.truncated))
        if value is not None and self.pen is not None:
            self.pen.answers[field] = value
        self._assess([text])

    def enclose(self, media: Sequence[Media]) -> None:
        """Pictures, voices and the like: they open with the report's own key, wherever it goes."""
        if self.pen is None or self.report is None:
            raise RuntimeError("no report to put it to")
        data_key = self.pen.data_key
        attachments.enclose(self.tx, self.desk.vault, self.report, self.contact, media, self.now, data_key)
        if not self._fresh:
            self.report.updated_at = self.now

    def plea(self) -> None:
        """The person asks for help: what began as a tip is a plea from now on."""
        if self.report is not None and self.report.kind != "help":
            self.report.kind = "help"
            self._assess([])

    def issue_code(self) -> str | None:
        """Give the report a reference code; it is known to the reporter only. None if it has one, or there is no report."""
        if self.report is None or self.report.code is not None:
            return None
        code = reports.new_code()
        self.report.code = self.desk.vault.digest("code", code)
        return code

    def _write(self, words: NewEntry) -> None:
        if self.pen is None or self.report is None:
            raise RuntimeError("no report to write to")
        reports.write(self.tx, self.pen, words, self.now)
        if not self._fresh:
            self.report.updated_at = self.now
            audit.record(
                self.tx, "amended", at=self.now, actor="intake", report_id=self.report.id, entry=self.pen.entries
            )

    def _assess(self, said: list[str]) -> None:
        report, pen = self.report, self.pen
        if report is None or pen is None or report.status == Status.CLOSED:
            return
        found = self.desk.triage.rate(report.kind, said, pen.answers)
        if found.priority < report.priority:
            self.desk.escalation.lift(self.tx, report, found.priority, list(found.reasons), self.now)

    def move_to(self, text: str) -> None:
        """The place is known: the report goes to its circle, unless somebody has taken it already."""
        report, place = self.report, self.desk.places.find(text)
        if isinstance(place, Ambiguous):
            place = place.home or place  # Gujrat in Punjab, before Gujarat in India
        circles = {self._circle(option) for option in place.options} if isinstance(place, Ambiguous) else set()
        if report is None or place is None or (isinstance(place, Ambiguous) and len(circles) > 1):
            return
        circle = circles.pop() if circles else self._circle(place if isinstance(place, Place) else None)
        if isinstance(place, Place):
            report.district = place.code
        if report.circle != circle and report.status == Status.OPEN and not report.integrity:
            self._transfer(report, circle)

    def to_integrity(self) -> None:
        """A tip about an official: from now on HQ's integrity officers only, whoever had it before."""
        report = self.report
        if report is not None and not report.integrity and report.status != Status.CLOSED:
            report.integrity = True
            self._transfer(report, staff.current_directory(self.tx).desk)

    def _transfer(self, report: Report, circle: str) -> None:
        report.circle = circle
        if self.pen is not None:
            reports.lock_to_circle(self.tx, self.desk.vault, report, self.pen.data_key, self.now)
        self.desk.escalation.transfer(self.tx, report, self.now, actor="intake")


def duress(desk: Desk, tx: Session, report: Report, now: datetime) -> None:
    """Somebody else has the reporter's phone: as urgent as can be, and HQ is told, whoever has the report."""
    audit.record(tx, "duress", at=now, actor="intake", report_id=report.id)
    desk.escalation.lift(tx, report, Priority.P1, [*dict.fromkeys((DURESS, *report.reasons))], now)
    desk.escalation.tell_top(tx, report, now)


def forget(desk: Desk, tx: Session, contact: Contact, now: datetime) -> None:
    """Somebody asks to be forgotten: what they told us stays, without them, and without the code that led to it."""
    desk.outbox.forget(tx, contact)
    attachments.forget(tx, contact)
    mine = sa.update(Report).where(Report.contact_id == contact.id).values(contact_id=None, code=None)
    tx.execute(mine.execution_options(synchronize_session="evaluate"))
    contacts.erase(tx, contact, now)
    audit.record(tx, "contact_erased", at=now, actor="intake")
