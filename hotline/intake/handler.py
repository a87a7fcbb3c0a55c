"""One message of the public: what it changes and what is answered, within the transaction that took it.

1. A duress word, and a word that forbids to call, come before anything else.
2. A reference code shows the status; where a check word was chosen, the word is asked for first.
3. The first message with substance opens a report, which is on its way to a circle before any menu; answers amend it.
4. What was held for being late leaves with the answer, unless the person wants to hear nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session as Transaction

from hotline import reports
from hotline.channels import drill
from hotline.channels.contract import Inbound, Screen
from hotline.conversation import (
    HELP,
    START,
    Notice,
    Say,
    Session,
    Turn,
    buttons,
    discretion,
    engine,
    legible,
    normalise,
    texts,
)
from hotline.core import audit
from hotline.intake import answers, followup, redial, unsend
from hotline.intake.duress import IdentityCheck
from hotline.intake.effects import DELETES, PLEAS, Effects
from hotline.intake.flow_revisions import Revisions
from hotline.intake.followup import Followup
from hotline.intake.live_report import Desk, LiveReport
from hotline.intake.replies import STATUS, Replies, language_of
from hotline.intake.state import ConversationState
from hotline.messaging import Known, Safety, contacts, safe_contact
from hotline.reports import Pen, attachments

BREAK = timedelta(hours=1)  # after which a greeting is answered with a line that says where we were


class MessageHandler:
    """One message, within its transaction."""

    def __init__(
        self, revisions: Revisions, notice: Notice, desk: Desk, tx: Transaction, inbound: Inbound, known: Known,
        now: datetime,
    ) -> None:  # fmt: skip
        self.revisions, self.desk, self.tx, self.now = revisions, desk, tx, now
        self.notice = legible(notice, inbound.channel)
        self.flows, self.words = revisions.current, revisions.current.words
        self.inbound, self.contact = inbound, known.contact
        state = ConversationState.load(known.session)
        self.state = self.kept = ConversationState(written=state.written) if known.over else state
        self.text, self.outdated = buttons.read(inbound.text, inbound.channel, self.state.question)
        self.language = language_of(known.contact, inbound)
        self.file = LiveReport(desk, tx, known.contact, inbound.truncated, self.language, now)
        self.guard = IdentityCheck(desk, tx, known.contact, self.words, now)
        self.file.campaign = inbound.campaign or self.state.campaign
        self.voice = Replies(desk, tx, inbound, known.contact, self.file, self.language)
        self.written = unsend.written(self.state, inbound, now)
        self.effects = Effects(self.file, self.voice, self.words, inbound, self.written)
        self.left = False
        self.coded: str | None = None  # the report of the code that this message brought

    def handle(self) -> None:
        """Decide what kind of message it is; the first that fits wins."""
        if self.inbound.channel == drill.CHANNEL:  # no conversation: its report is what is tried out
            self.file.open("test", self.text)
            return
        session = self.state.session
        if session is not None and session.carry is not None:
            self.file.resume(Pen.load(session.carry))
        if self.guard.warned(self.text):
            self.guard.duress(self.inbound.media)
            return
        if "NO_CALL" in self.words.contains(self.text):
            safe_contact.tighten(self.contact, Safety.PULL_ONLY)
        if not (self._check_word() or self._code() or self._answers_a_question()):
            if self.state.session is None:
                self._begin()
            else:
                self._go_on(self.state.session)
        self._after()

    def _after(self) -> None:
        """Whatever it was: what came beside the words, and what waited for the person to write."""
        if self.inbound.media:
            self._enclose()
        if self.left:  # and wants to hear nothing, not even that a picture was lost on its way
            attachments.forget(self.tx, self.contact)
        if self.kept.written != self.written and not self.effects.clears:  # said without a step forward
            self._remember(self.kept)
        if self.contact.created_at < self.now and not contacts.word_wanted(self.contact, self.now):
            safe_contact.release_waiting(self.tx, self.contact, self.voice.urgency())

    def _enclose(self) -> None:
        """What came beside words belongs to the report of the code, else to this conversation's; it opens one by itself."""
        session, media = self.state.session, self.inbound.media
        report = self.coded or (session.report if session is not None and session.flow == STATUS else None)
        if report is not None and Followup(self.desk, self.tx, report, self.now).enclose(media, self.contact):
            return
        if self.file.pen is None:
            self.file.open("tip", self.text)
            kept = self.kept.session
            if not self.effects.erased:
                self._remember(self._kept(kept) if kept is not None else replace(self.kept, pen=self.file.dump()))
        self.file.enclose(media)

    @cached_property
    def _guarded(self) -> bool:
        return self.guard.wanted()

    def _check_word(self) -> bool:
        """The word was asked for, and this may be it. Whoever writes more than a word has something else to say."""
        if not self.state.asked:
            return False
        report, self.state = self.state.report, replace(self.state, asked=False, report=None)
        said, session = normalise(self.text), self.state.session
        no_try = not said or said.count(" ") >= answers.SECRET or "STOP" in self.words.whole_of(said)
        if no_try or reports.looks_like_code(said.replace(" ", "")):
            return False
        if contacts.give_word(self.contact, self.desk.vault, self.text, self.now):
            self._word_given(report, session)
            return True
        if self.file.pen is not None and self.words.substance(self.text):
            self.file.message(self.text)
        if self.guard.missed():
            self.guard.duress()
            return True
        self._remember(self.state)
        return self.voice.say(texts.NEUTRAL)

    def _word_given(self, report: str | None, session: Session | None) -> None:
        if report is not None:
            self._status(report)
        elif session is not None:
            self._follow(engine.ask_again(self.revisions.of(self.tx, session), session, ""), session.flow)
        else:
            self._remember(self.state)
            self.voice.say(texts.NEUTRAL)

    def _ask_word(self, state: ConversationState) -> None:
        self._remember(replace(state, asked=True))
        self.voice.say(texts.CHECK_WORD)

    def _code(self) -> bool:
        """Answer a reference code. Within a conversation an unknown one may be a phone number, so it is an answer."""
        code = normalise(self.text).replace(" ", "")
        if not reports.looks_like_code(code):
            return False
        busy = self.state.session is not None
        if contacts.code_pause(self.contact, self.now):
            return not busy and self.voice.say(texts.TOO_MANY_TRIES)
        report = reports.by_code(self.tx, self.desk.vault, code)
        if report is not None:
            if self._guarded:
                self._ask_word(replace(self.state, report=report.id))
            else:
                self._status(report.id)
            return True
        contacts.code_missed(self.contact, self.now)
        if busy:
            return False
        audit.record(self.tx, "code_unknown", at=self.now, actor="intake")
        return self.voice.say(texts.CODE_UNKNOWN)

    def _answers_a_question(self) -> bool:
        """An officer asked, and nothing else was asked since: these words belong to that report."""
        session, said = self.state.session, self.inbound.media or self.words.substance(self.text)
        idle = self.file.pen is None and (session is None or session.flow == START) and not self._guarded
        if idle and said and not PLEAS & self.words.whole(self.text):
            self.coded = followup.answer(self.desk, self.tx, self.contact, self.inbound, self.now)
        return self.coded is not None and self.voice.say(texts.ADDED)

    def _status(self, report: str) -> None:
        self.coded = report
        if self.state.pen is not None:
            self.file.resume(Pen.load(self.state.pen))
        self.state = ConversationState()
        self._follow(engine.start(self.flows, STATUS, self.voice.tongue, report=report), STATUS)

    def _begin(self) -> None:
        """No conversation is under way: a new one, or one more word on the last report."""
        if "STOP" in self.words.whole(self.text):
            self._leave()
        elif self.guard.agreed(self.text):
            self.voice.say(texts.NEUTRAL)  # to somebody who never wrote to us: it is a wrong number
        elif not (self.inbound.media or self.words.substance(self.text)):
            self._follow(engine.start(self.flows, START, self.language), START)
        elif self.state.pen is not None:
            self.file.resume(Pen.load(self.state.pen))
            (self._one_more_word if self.file.pen is not None else self._first_message)()
        else:
            self._first_message()

    def _one_more_word(self) -> None:
        if self.text or not self.inbound.media:
            self.file.message(self.text)
        if PLEAS & self.words.whole(self.text):
            self._follow(engine.start(self.flows, HELP, self.voice.tongue), HELP)
            return
        self.voice.say(texts.ADDED)
        self._remember(ConversationState(pen=self.file.dump()))

    def _first_message(self) -> None:
        """It counts: the report is open and a page is on its way before anything is asked."""
        kind = "help" if PLEAS & self.words.contains(self.text) else "tip"
        self.file.open(kind, self.text)
        turn = engine.start(self.flows, kind, self.language, known=self.notice(self.text, self.language))
        # the help flow's first question is itself the neutral acknowledgement
        before = () if kind == "help" else (Say(texts.ACKNOWLEDGED),)
        self._follow(replace(turn, says=before + turn.says), kind)

    def _go_on(self, session: Session) -> None:
        flows, said = self.revisions.of(self.tx, session), normalise(self.text)
        ago = self.now - (self.contact.session_at or self.now)
        if self.outdated:
            self._follow(engine.ask_again(flows, session, ""), session.flow)
        elif redial.redialled(self.inbound, self.words):
            turn = redial.turn(self.flows, flows, session, ago, at_risk=session.flow in discretion.AT_RISK)
            self._follow(turn, turn.session.flow if turn.session else START)
        elif ago > BREAK and (not said or "GREETING" in self.words.whole_of(said)):
            self._follow(engine.ask_again(flows, session, texts.WHERE_WE_WERE), session.flow)
        elif (self.inbound.media and not said) or (self.inbound.edited and session.flow != STATUS):
            self._shown(session)
        else:
            self._follow(engine.resume(flows, session, self.text, self.notice), session.flow)

    def _shown(self, session: Session) -> None:
        """A picture where words were asked for, or other words for earlier ones: taken, and the question stands."""
        if self.file.pen is None and session.flow in discretion.FOR_ALL:
            self._first_message()
            return
        if session.flow != STATUS and (self.text or self.file.pen is None):
            self.file.remark(self.text, HELP if session.flow in discretion.AT_RISK else "tip")
        self._follow(engine.ask_again(self.revisions.of(self.tx, session), session, texts.ADDED), session.flow)

    def _follow(self, turn: Turn, flow: str) -> None:
        """Carry out a turn: its effects on the report, its texts to the outbox, its session kept."""
        if self._guarded and self.state.session is not None and DELETES & {effect.name for effect in turn.effects}:
            self._ask_word(self._kept(self.state.session))  # before: what is deleted would take the word along
            return
        for effect in turn.effects:
            if effect.name == "leave":
                self._leave()
                return
            self.effects.apply(effect, flow, self.state)
        if turn.session is not None:
            turn = discretion.unseen(self.revisions.of(self.tx, turn.session), turn)
        turn = turn if self.file.pen is not None else discretion.codeless(turn)
        if self._guarded and self.state.session is not None and flow not in discretion.FOR_ALL:
            if turn.session is not None:
                self._ask_word(self._kept(turn.session))
                return
            turn = replace(turn, says=(Say(texts.NEUTRAL),))
        if self.effects.clears and unsend.clear(self.desk.outbox, self.tx, self.contact, self.effects.clears, self.now):
            turn = replace(turn, says=())  # an empty chat says that it is done, and nothing to whoever looks
        self.voice.answer(turn)
        self._remember(ConversationState() if self.effects.erased else self._kept(turn.session))

    def _kept(self, session: Session | None) -> ConversationState:
        pen = self.file.dump() if self.file.pen is not None else None
        if session is None:
            return ConversationState(pen=pen)
        report = session.report if session.flow == STATUS else None
        return ConversationState(replace(session, report=report, carry=pen))

    def screen(self) -> Screen:
        """What the hop is answered with, once it is handled."""
        return self.voice.screen(waits=bool(self.kept.session or self.kept.asked))

    def _remember(self, state: ConversationState) -> None:
        written = () if self.effects.clears else self.written
        self.kept = replace(state, question=self.voice.question, campaign=self.file.campaign, written=written)
        contacts.remember(self.contact, self.desk.vault, self.kept.dump(), self.now)

    def _leave(self) -> None:
        """X, 00 or STOP: at once, and without a word."""
        self.left = True
        self._remember(ConversationState())
        self.desk.outbox.silence(self.tx, self.contact)
        audit.record(self.tx, "left", at=self.now, actor="intake")
