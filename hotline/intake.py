"""The one way in: `receive` takes a message from any channel, and all that follows from it happens in one transaction.

1. Claim (channel, provider id): a repeat changes nothing.
2. An officer's phone: the message is an answer to a page.
3. Otherwise find the contact, lock it, and either answer a status code or go on with the conversation.
4. The first message with substance opens a report, which is on its way to a circle before any menu; answers amend it.
5. Replies and pages are in the outbox, the state is sealed, the record is chained: commit. Nothing has been sent yet.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from hotline import audit, contacts, duty_phone, reports
from hotline.arrival import arrive
from hotline.casefile import Casefile, Desk
from hotline.channels import drill
from hotline.channels.contract import Inbound
from hotline.contacts import Contact, Known
from hotline.conversation import engine, language, texts
from hotline.conversation.flow import Flows
from hotline.conversation.render import render
from hotline.conversation.turn import Effect, Say, Session, Turn
from hotline.conversation.words import normalise
from hotline.db import Database
from hotline.i18n import translate
from hotline.reports import Pen, Status

AFTER = "after "  # a session text that is no session of the engine: the flow is over, its report still open for more
PLEAS = frozenset({"HELP", "RESCUE"})  # whoever writes them is treated as somebody at risk; HELD is said of others too
STATUS_TEXTS = {
    Status.OPEN.value: texts.STATUS_RECEIVED,
    Status.ACCEPTED.value: texts.STATUS_TAKEN,
    Status.CLOSED.value: texts.STATUS_CLOSED,
}


@dataclass(frozen=True, slots=True)
class Intake:
    """What receiving a message takes."""

    database: Database
    flows: Flows
    desk: Desk
    phones: duty_phone.DutyPhone

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """Take a message; False if it was a repeat. Raises SQLAlchemyError if it could not be stored: the provider retries."""
        try:
            return self._take(inbound, now)
        except IntegrityError:  # two reports at one moment drew the same page token: this one draws again
            return self._take(inbound, now)

    def _take(self, inbound: Inbound, now: datetime) -> bool:
        vault = self.desk.vault
        with self.database.transaction() as tx:
            arrival = arrive(tx, vault, inbound, now)
            if arrival is None:
                return False
            if arrival.officer is not None:
                self.phones.answer(tx, *arrival.officer, inbound, now)
            if arrival.known is not None:
                _Message(self, tx, inbound, arrival.known, now).handle()
                contacts.save(tx, arrival.known.contact)
        return True


class _Message:
    """One message of the public, within its transaction."""

    def __init__(self, intake: Intake, tx: Transaction, inbound: Inbound, known: Known, now: datetime) -> None:
        self.flows, self.desk, self.tx, self.now = intake.flows, intake.desk, tx, now
        self.inbound, self.contact = inbound, known.contact
        self.text = inbound.text
        self.language = self._language(known.contact)
        self.file = Casefile(self.desk, tx, known.contact, inbound.truncated, self.language, now)
        self.state = known.session

    def handle(self) -> None:
        """Decide what kind of message it is; the first that fits wins."""
        if self.inbound.channel == drill.CHANNEL:  # no conversation: its report is what is tried out
            self.file.open("test", self.text)
            return
        if self._status():
            return
        if self.state is None or self.state.startswith(AFTER):
            self._begin()
            return
        session = Session.from_json(self.state)
        if session.carry is not None:
            self.file.resume(Pen.load(session.carry))
        self._follow(engine.resume(self.flows, session, self.text), session.flow)

    def _language(self, contact: Contact) -> str:
        """The chosen language, else the page's, else what the message is written in, else Urdu."""
        if contact.language is None or self.inbound.language is not None:
            contact.language = self.inbound.language or language.guess(self.text) or contact.language or "ur"
        return contact.language

    def _status(self) -> bool:
        """Answer a reference code. Within a conversation an unknown one may be a phone number, so it is an answer."""
        code = normalise(self.text).replace(" ", "")
        if not reports.looks_like_code(code):
            return False
        if contacts.code_pause(self.contact, self.now):
            return self.state is None and self._say(texts.TOO_MANY_TRIES)
        report = reports.by_code(self.tx, self.desk.vault, code)
        if report is not None:
            return self._say(STATUS_TEXTS[report.status])
        contacts.code_missed(self.contact, self.now)
        if self.state is not None:
            return False
        audit.record(self.tx, "code_unknown", at=self.now, actor="intake")
        return self._say(texts.CODE_UNKNOWN)

    def _begin(self) -> None:
        """No conversation is under way: a new one, or one more word on the last report."""
        words = self.flows.words
        concepts = words.whole(self.text)
        if "STOP" in concepts:
            self._leave()
        elif not words.substance(self.text):
            self._follow(engine.start(self.flows, "start", self.language), "start")
        elif self.state is not None:
            self.file.resume(Pen.load(self.state.removeprefix(AFTER)))
            self._one_more_word()
        else:
            self._first_message()

    def _one_more_word(self) -> None:
        if self.file.pen is None:
            self._first_message()
            return
        self.file.message(self.text)
        self._say(texts.ADDED)
        contacts.remember(self.contact, self.desk.vault, AFTER + self.file.dump(), self.now)

    def _first_message(self) -> None:
        """It counts: the report is open and a page is on its way before anything is asked."""
        kind = "help" if PLEAS & self.flows.words.contains(self.text) else "tip"
        self.file.open(kind, self.text)
        turn = engine.start(self.flows, kind, self.language)
        # the help flow's first question is itself the neutral acknowledgement
        before = () if kind == "help" else (Say(texts.ACKNOWLEDGED),)
        self._follow(replace(turn, says=before + turn.says), kind)

    def _follow(self, turn: Turn, flow: str) -> None:
        """Carry out a turn: its effects on the report, its texts to the outbox, its session kept."""
        code = None
        for effect in turn.effects:
            if effect.name == "leave":
                self._leave()
                return
            code = self._apply(effect, flow) or code
        # Who skipped every question has no report, so no code: nobody is told to remember an empty line.
        says = [say if code or "code" not in say.params else Say(texts.NEUTRAL) for say in turn.says]
        tongue, channel = self.contact.language or "ur", self.inbound.channel
        self._send("\n".join(render(say, tongue, channel, {"code": code or ""}) for say in says))
        self._keep(turn.session)

    def _apply(self, effect: Effect, flow: str) -> str | None:
        """One effect; returns the reference code where it made one."""
        data = effect.data
        if effect.name == "language":
            self.contact.language = data["language"]
        elif effect.name == "issue_code" and self.file.pen is not None:
            return self.file.issue_code()
        elif effect.name == "help":
            self.file.plea()
        elif effect.name == "remark":
            text = data["text"] or ""
            if self.file.pen is not None or self.flows.words.substance(text):
                self.file.remark(text, "help" if self._pleads(effect, flow) else "tip")
        elif effect.name == "answer":
            kind = "help" if flow == "help" else "tip"
            self.file.answer(
                kind, data["field"] or "", data["value"], data["text"] or "", place=data["kind"] == "place"
            )
        return None

    def _pleads(self, effect: Effect, flow: str) -> bool:
        return flow == "help" or bool(PLEAS & self.flows.words.contains(effect.data["text"] or ""))

    def _keep(self, session: Session | None) -> None:
        pen = self.file.dump() if self.file.pen is not None else None
        if session is not None:
            state: str | None = replace(session, report=None, carry=pen).to_json()
        else:
            state = AFTER + pen if pen else None
        contacts.remember(self.contact, self.desk.vault, state, self.now)

    def _leave(self) -> None:
        """X, 00 or STOP: at once, and without a word."""
        contacts.remember(self.contact, self.desk.vault, None, self.now)
        self.desk.outbox.silence(self.tx, self.contact)
        audit.record(self.tx, "left", at=self.now, actor="intake")

    def _say(self, text: str) -> bool:
        self._send(translate(text, self.contact.language or "ur"))
        return True

    def _send(self, text: str) -> None:
        if text:
            priority = self.file.report.priority if self.file.report is not None else 3
            dedupe = f"reply:{self.contact.id}:{self.desk.vault.digest('provider', self.inbound.provider_id).hex()}"
            self.desk.outbox.reply(self.tx, self.contact, text, dedupe=dedupe, now=self.now, priority=priority)
