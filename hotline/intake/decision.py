"""The decision about a message, as a value; and `carry_out`, the one place where that is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hotline.conversation import HELP, Effect, Say, Session, Turn, discretion, texts
from hotline.core import audit
from hotline.intake import answers, duress, followup, live_report, recruiters, unsend
from hotline.intake.exchange import Exchange
from hotline.intake.followup import STATUS
from hotline.intake.live_report import LiveReport
from hotline.intake.replies import Replies
from hotline.intake.state import ConversationState
from hotline.messaging import Safety, contacts, safe_contact
from hotline.reports import AsideRule, attachments

KINDS = {HELP: "help", "family": "family", "professional": "professional"}  # what a flow shows of its report
DELETES = frozenset({"clear_chat", "erase"})  # effects for nobody but the person themselves


def say(text: str) -> Turn:
    """A turn that says one text, and no more."""
    return Turn(None, (Say(text),))


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one message leads to. Nothing of it is done yet.

    `turn` is what is said and done, silence if it is empty. It is of `flow`; without one the conversation stays as it was,
    or as `state` says. `opens` is the kind of report that the words open if there is none, and they are kept there before
    all else. `aside`: the words page nobody, and are kept by themselves. `report`: of a code or of an officer's
    `question`; what came beside the words is enclosed there. `word`: whether the check word that was asked for is right.
    `duress`: somebody else has the phone; `doubt`: that may be so. `hush`: nothing that waits is sent, and nothing later
    unless they write.
    """

    turn: Turn = field(default_factory=lambda: Turn(None))
    flow: str | None = None
    state: ConversationState | None = None
    opens: str | None = None
    aside: AsideRule | None = None
    report: str | None = None
    question: str | None = None
    word: bool | None = None
    duress: bool = False
    hush: bool = False
    doubt: bool = False


def carry_out(ex: Exchange, live: LiveReport, decision: Decision) -> Replies:
    """Do what was decided about a message.

    1. What holds whatever was decided is counted, and words that belong to no question are kept.
    2. With duress everything stops.
    3. The turn: its effects, then its texts.
    4. What came beside the words is enclosed.
    5. The state is kept for the next message.
    6. What was held for being late leaves, now that the person writes.
    """
    doing = Execution(ex, live)
    _count(ex, decision)
    if decision.opens is not None:
        live.remark(ex.text, decision.opens)
    if decision.aside is not None:
        live.set_aside("test" if decision.aside.aside == "trial" else "tip", decision.aside.reason, ex.text)
    if decision.hush:
        duress.hush(ex, live)
    if decision.doubt:
        duress.tell(ex)
    if decision.duress and decision.word is None:  # a duress word: nothing is done beside
        duress.stop(ex, ex.inbound.media)
    else:
        if decision.duress:
            duress.stop(ex)  # what came beside a wrong check word is this conversation's
        doing.finish(decision)
    contacts.save(ex.tx, ex.contact)
    return doing.replies


def _count(ex: Exchange, decision: Decision) -> None:
    """Keep what the message says of safety, check words that were given, and codes that are none."""
    if "NO_CALL" in ex.inside:
        safe_contact.tighten(ex.contact, Safety.PULL_ONLY)
    if decision.word is not None:
        contacts.count_word(ex.contact, ex.now, right=decision.word)
    if decision.flow is not None or decision.question is not None:
        contacts.keep_word(ex.contact, ex.now)
    if ex.code is not None and ex.coded is None and not ex.paused:
        contacts.code_missed(ex.contact, ex.now)
        if ex.state.session is None:
            audit.record(ex.tx, "code_unknown", at=ex.now, actor="intake")


class Execution:
    """A decision that is being carried out. `clears`: the messages that the person wants deleted on both sides."""

    def __init__(self, ex: Exchange, live: LiveReport) -> None:
        self.ex, self.live, self.replies = ex, live, Replies(ex, live)
        self.written = unsend.written(ex.state, ex.inbound, ex.now)
        self.left = self.erased = False
        self.chosen = ex.state.chosen
        self.clears: list[str] = []

    def finish(self, decision: Decision) -> None:
        """Answer, and keep what the next message needs."""
        ex, kept = self.ex, decision.state
        if decision.flow is None:
            self.replies.answer(decision.turn)
        else:
            kept = self._follow(decision.turn, decision.flow)
        if ex.inbound.media:
            kept = self._enclose(decision.report, kept)
        if self.left:  # and wants to hear nothing, not even that a picture was lost on its way
            attachments.forget(ex.tx, ex.contact)
        self._remember(kept)
        if ex.contact.created_at < ex.now and not ex.guarded:
            safe_contact.release_waiting(ex.tx, ex.contact, self.live.urgency)

    def _follow(self, turn: Turn, flow: str) -> ConversationState:
        """Carry out a turn, but nothing that tells anything before the check word was given; the state to keep."""
        ex, session = self.ex, self.ex.state.session
        guarded = session is not None and ex.guarded
        if guarded and DELETES & {effect.name for effect in turn.effects}:
            return self._ask_word(session)  # before: what is deleted would take the word along
        for effect in turn.effects:
            self._apply(effect, flow)
        if self.left:
            return ConversationState()
        if turn.session is not None:
            turn = discretion.unseen(ex.services.revisions.of(ex.tx, turn.session), turn)
        turn = turn if self.live.pen is not None else discretion.codeless(turn)
        if any(say.home for say in turn.says) and self.live.abroad:
            turn = discretion.at_home(turn)
        if guarded and flow not in discretion.FOR_ALL:
            if turn.session is not None:
                return self._ask_word(turn.session)
            turn = replace(turn, says=(Say(texts.NEUTRAL),))
        if self.clears and unsend.clear(ex.services.outbox, ex.tx, ex.contact, self.clears, ex.now):
            turn = replace(turn, says=())  # an empty chat says that it is done, and nothing to whoever looks
        self.replies.answer(turn)
        return ConversationState() if self.erased else self._standing(turn.session)

    def _ask_word(self, session: Session | None) -> ConversationState:
        self.replies.answer(say(texts.CHECK_WORD))
        return replace(self._standing(session), asked=True)

    def _standing(self, session: Session | None) -> ConversationState:
        if session is not None and session.flow != STATUS:
            session = replace(session, report=None)
        return ConversationState(session).with_pen(self.live.pen)

    def _apply(self, effect: Effect, flow: str) -> None:
        ex, live = self.ex, self.live
        match effect.name:
            case "language":
                ex.contact.language, self.chosen = effect.data["language"], True
            case "issue_code":
                code = live.issue_code()
                self.replies.shown |= {"code": code} if code else {}
            case "help":
                live.become(HELP)
            case "clear_chat":
                self.clears = unsend.names(ex.tx, ex.contact, self.written, ex.now)
            case "erase":
                live_report.forget(ex)
                self.erased = True
            case "leave":
                self.left = True
                ex.services.outbox.silence(ex.tx, ex.contact)
                audit.record(ex.tx, "left", at=ex.now, actor="intake")
            case "remark" | "answer":
                self._said(effect.data, flow)

    def _said(self, said: Mapping[str, str | None], flow: str) -> None:
        """Words, or the answer to a question: to the report of the code that was sent, else to this conversation's."""
        ex, code, text, question = self.ex, self.ex.state.followed, said["text"] or "", said.get("field")
        tells = question is not None or ex.words.substance(text)
        if code is not None and (not tells or followup.add(ex, code, text, question)):
            return
        kind = KINDS.get(flow) or (ex.sorting.kind if question is None else "tip")
        self.live.become(kind)
        if question is not None:
            answers.take(self.live, kind, said)
        elif self.live.pen is not None or tells:
            self.live.remark(text, kind)
        if question == "agent":
            self.replies.shown["agent"] = recruiters.answer(ex.tx, text, self.replies.letters)

    def _enclose(self, report: str | None, kept: ConversationState | None) -> ConversationState | None:
        """Put what came beside words to the report of the code, else to this conversation's; it opens one by itself."""
        ex, live, report = self.ex, self.live, report or self.ex.state.followed
        if report is not None and followup.enclose(ex, report):
            return kept
        if live.pen is None:
            live.open("tip", ex.text)
            kept = kept if self.erased else (kept or ex.state).with_pen(live.pen)
        live.enclose(ex.inbound.media)
        return kept

    def _remember(self, kept: ConversationState | None) -> None:
        """Keep the state; None: as it was, but for what the person wrote since."""
        ex, written = self.ex, () if self.clears else self.written
        state = kept or ex.state
        self.replies.waits = bool(state.session or state.asked)
        if kept is not None or written != ex.state.written or ex.drift != ex.state.drift:
            state = replace(
                state, question=self.replies.question, campaign=ex.campaign, written=written, drift=ex.drift,
                chosen=self.chosen,
            )  # fmt: skip
            contacts.remember(ex.contact, ex.services.vault, state.dump(), ex.now)
