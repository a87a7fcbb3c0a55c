"""The report of this conversation: a message opens it, amends it, sends it to the circle that it belongs to."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from hotline import reports, staff
from hotline.channels import drill, traits
from hotline.channels.contract import Media
from hotline.conversation import Ambiguous, Place
from hotline.core import audit, db
from hotline.core.priority import Priority
from hotline.intake.exchange import Exchange
from hotline.messaging import contacts
from hotline.reports import NewEntry, Pen, Rating, Report, Status, attachments

HOME = "+92"  # Pakistan's numbers
HEARD = 600  # letters of the last own words, which are rated together: people write in pieces
SENTENCE = 3  # words; fewer that chose an answer say nothing beyond it
# Answers that are no account of what happens: contacts, hours, secrets, and questions to us.
UNHEARD = frozenset({"safe_contact", "safe_hours", "check_word", "callback", "code", "agent"})
ANSWERS = frozenset({"YES", "AGREED", "NO", "UNKNOWN"})  # keywords that belong to one question only
# Questions whose answer in own words may name the place where the person is; a route or a name may not.
TELL_PLACE = frozenset({None, "safe", "danger", "situation", "category", "what", "more"})


class LiveReport:
    """The report of one conversation, within one transaction. Without a report until something is said."""

    def __init__(self, ex: Exchange) -> None:
        self.ex = ex
        self.pen: Pen | None = None
        self._report: Report | None = None
        self._fresh = False  # opened by this very message

    @property
    def report(self) -> Report | None:
        """The report, locked on first use."""
        if self._report is None and self.pen is not None:
            self._report = self.ex.tx.get_one(Report, self.pen.report_id, with_for_update=True, populate_existing=True)
        return self._report

    @property
    def urgency(self) -> Priority:
        """The priority of answers: that of the report's pages."""
        return self.report.priority if self.report is not None else Priority.P3

    @property
    def abroad(self) -> bool:
        """Tell whether the person writes from a number abroad, or has named a place abroad."""
        inbound, district = self.ex.inbound, self.report.district if self.report is not None else None
        number = inbound.peer if traits.of(inbound.channel).phones else ""
        foreign = number.startswith("+") and not number.startswith(HOME)
        return foreign or (district is not None and self.ex.services.places.district(district) is None)

    def resume(self, pen: str | None) -> None:
        """Go on with the report of an earlier message, unless it was closed: then what comes is a new matter."""
        if pen is None:
            return
        self.pen = Pen.load(pen)
        if self.report is not None and self.report.status == Status.CLOSED:
            self.pen = self._report = None

    def open(self, kind: str, text: str, field: str | None = None, value: str | None = None) -> None:
        """Open a report with its first words, or its first answer, and begin its escalation.

        What names an official with wrongdoing goes to HQ's integrity officers, and to nobody before them.
        """
        ex, services = self.ex, self.ex.services
        answers = {field: value} if field is not None and value is not None else {}
        place, integrity = services.places.mention(text), services.triage.sort([text]).integrity
        report = self._new(kind, services.triage.rate(kind, [text], answers), place, integrity=integrity)
        self._write(text, field, value)
        self._hear(text, field, value)
        audit.record(
            ex.tx, "opened", at=ex.now, actor="intake", report_id=report.id,
            kind=kind, priority=report.priority, circle=report.circle, channel=report.channel,
        )  # fmt: skip
        services.escalation.begin(ex.tx, report, ex.now)

    def set_aside(self, kind: str, reason: str, text: str) -> None:
        """Keep words that page nobody: a report that is closed from the start, until an officer makes one of it.

        What may be about an official is kept from the circle as any report is: only HQ's integrity officers see it.
        """
        ex = self.ex
        place, rating = ex.services.places.mention(text), Rating(Priority.P3, (reason,))
        report = self._new(kind, rating, place, integrity=ex.sorting.integrity)
        self._write(text)
        ex.services.escalation.set_aside(ex.tx, report, ex.now)
        self.pen = self._report = None

    def _new(self, kind: str, rating: Rating, place: Place | None, *, integrity: bool) -> Report:
        ex = self.ex
        circle = staff.current_directory(ex.tx).desk if integrity else self._circle(place)
        report = Report.made(
            id=db.new_id(), kind=kind, status=Status.OPEN, priority=rating.priority, generation=1, round=0,
            reasons=list(rating.reasons), circle=circle, district=place.code if place else None,
            language=ex.language, channel=ex.contact.channel, contact_id=ex.contact.id, integrity=integrity,
            opened_at=ex.now, updated_at=ex.now, campaign=ex.campaign or None,
        )  # fmt: skip
        self.pen = Pen(report.id, reports.new_data_key(), 0)
        reports.lock_to_circle(ex.tx, ex.services.vault, report, self.pen.data_key, ex.now)
        db.add(ex.tx, report)
        self._report, self._fresh = report, True
        return report

    def _circle(self, place: Place | None) -> str:
        if self.ex.contact.channel == drill.CHANNEL:
            return drill.CIRCLE
        known = staff.current_directory(self.ex.tx)
        owners = (known.districts.get(code) for code in (place.districts if place is not None else ()))
        return next(filter(None, owners), None) or known.desk

    def remark(self, text: str, kind: str) -> None:
        """Keep words that answered nothing; they open a report of that kind if there is none."""
        if self.pen is None:
            self.open(kind, text)
        else:
            self._write(text)
            self._place(text, None)
            self._rate(text)
            self._heed(text)

    def answer(self, kind: str, field: str, value: str | None, text: str) -> None:
        """Keep an answer to a question; the first one opens the report. What it means beyond that, `answers` knows."""
        if self.pen is None:
            self.open(kind, text, field, value)
        else:
            self._write(text, field, value)
        if value is not None and self.pen is not None:
            self.pen.answers[field] = value
        elif field in TELL_PLACE:
            self._place(text, field)
        self._rate(text, field, value)
        self._heed(text)

    def doubt(self) -> None:
        """Ask again whether it is safe before anything is said."""
        if self.pen is not None:
            self.pen.answers["safe"] = "no"

    def enclose(self, media: Sequence[Media]) -> None:
        """Keep pictures, voices and the like: they open with the report's own key, wherever it goes."""
        ex, report, pen = self.ex, self.report, self.pen
        if pen is None or report is None:
            raise RuntimeError("no report to put it to")
        attachments.enclose(ex.tx, ex.services.vault, report, ex.contact, media, ex.now, pen.data_key)
        if not self._fresh:
            report.updated_at = ex.now

    def _heed(self, text: str) -> None:
        """Send a report away from the circle whose official these words name."""
        if not self._fresh and self.ex.services.triage.sort([text]).integrity:
            self.to_integrity()

    def become(self, kind: str) -> None:
        """The conversation shows what the report is: a tip may become anything, and anything may become a plea."""
        report = self.report
        if report is not None and report.kind != kind and (report.kind == "tip" or kind == "help"):
            report.kind = kind
            rate(self.ex, report, (), self.pen.answers if self.pen is not None else {})

    def issue_code(self) -> str | None:
        """Give the report a reference code; it is known to the reporter only. None if it has one, or there is no report."""
        if self.report is None or self.report.code is not None:
            return None
        code = reports.new_code()
        self.report.code = self.ex.services.vault.digest("code", code)
        return code

    def _write(self, text: str, field: str | None = None, value: str | None = None) -> None:
        ex, report, pen = self.ex, self.report, self.pen
        if pen is None or report is None:
            raise RuntimeError("no report to write to")
        words = NewEntry("answer" if field else "message", text, field, value, truncated=ex.inbound.truncated)
        reports.write(ex.tx, pen, words, ex.now)
        if not self._fresh:
            report.updated_at = ex.now
            audit.record(ex.tx, "amended", at=ex.now, actor="intake", report_id=report.id, entry=pen.entries)

    def _rate(self, text: str, field: str | None = None, value: str | None = None) -> None:
        """Rate words by themselves, and with those before: in a longer text, what is over may hide what is not."""
        if self.report is not None and self.pen is not None:
            rate(self.ex, self.report, (text,), self.pen.answers)
            if self._hear(text, field, value):
                rate(self.ex, self.report, (self.pen.said,), self.pen.answers)

    def _hear(self, text: str, field: str | None, value: str | None) -> bool:
        """Keep own words to be rated with those that follow; False for a mere answer, and for nothing new."""
        pen, said = self.pen, " ".join(text.split())
        mere = value is not None and said.count(" ") < SENTENCE - 1
        mere = mere or (field == "place" and self.ex.services.places.find(text) is not None)
        if pen is None or not said or field in UNHEARD or mere or ANSWERS & self.ex.words.whole(text):
            return False
        alone, pen.said = not pen.said, f"{pen.said} {said}"[-HEARD:].lstrip()
        return not alone

    def _place(self, text: str, field: str | None) -> None:
        """Send a report whose place nobody knows to the one that own words name in passing."""
        report = self.report
        if report is None or report.district is not None or field not in TELL_PLACE:
            return
        places = self.ex.services.places
        place = places.mention(text)
        if place is None and "I_AM_AT" in self.ex.words.contains(text):
            named = places.find(text)  # "lahore shahdara me hun": less sure, so only where the person says "I am at"
            place = named if isinstance(named, Place) else None
        if place is not None:
            self._settle(place)

    def move_to(self, text: str) -> None:
        """The place is known: the report goes to its circle, unless somebody has taken it already."""
        place = self.ex.services.places.find(text)
        if place is not None:
            self._settle(place)

    def _settle(self, place: Place | Ambiguous) -> None:
        report = self.report
        if isinstance(place, Ambiguous):
            place = place.home or place  # Gujrat in Punjab, before Gujarat in India
        circles = {self._circle(option) for option in place.options} if isinstance(place, Ambiguous) else set()
        if report is None or (isinstance(place, Ambiguous) and len(circles) > 1):
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
            self._transfer(report, staff.current_directory(self.ex.tx).desk)

    def _transfer(self, report: Report, circle: str) -> None:
        ex, report.circle = self.ex, circle
        if self.pen is not None:
            reports.lock_to_circle(ex.tx, ex.services.vault, report, self.pen.data_key, ex.now)
        ex.services.escalation.transfer(ex.tx, report, ex.now, actor="intake")


def unsafe(pen: str | None) -> bool:
    """Tell whether the conversation of a kept pen ended because it was not safe."""
    return pen is not None and Pen.load(pen).answers.get("safe") == "no"


def rate(ex: Exchange, report: Report, said: Sequence[str], answers: Mapping[str, str]) -> None:
    """Rate what was said of a report, and lift the report if that is more urgent than it was."""
    if report.status == Status.CLOSED:
        return
    found = ex.services.triage.rate(report.kind, said, answers)
    if found.priority < report.priority:
        ex.services.escalation.lift(ex.tx, report, found.priority, list(found.reasons), ex.now)
    elif found.priority == report.priority:  # who is rung first may hang on a reason
        report.reasons = [*dict.fromkeys((*report.reasons, *found.reasons))]


def forget(ex: Exchange) -> None:
    """Forget the person, who asked for it: what they told us stays, without them, and without the code that led to it."""
    ex.services.outbox.forget(ex.tx, ex.contact)
    attachments.forget(ex.tx, ex.contact)
    mine = sa.update(Report).where(Report.contact_id == ex.contact.id).values(contact_id=None, code=None)
    ex.tx.execute(mine.execution_options(synchronize_session="evaluate"))
    contacts.erase(ex.tx, ex.contact, ex.now)
    audit.record(ex.tx, "contact_erased", at=ex.now, actor="intake")
