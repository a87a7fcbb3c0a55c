"""The rules about a message, in their order. The first that returns a decision wins.

A rule asks and changes nothing; what it decides is done by `decision.carry_out`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Transaction

from hotline.casework import questions
from hotline.channels import drill
from hotline.channels.contract import Inbound
from hotline.conversation import HELP, START, Effect, Say, Session, Turn, buttons, discretion, engine, normalise, texts
from hotline.core.priority import Priority
from hotline.intake import answers, duress, followup, live_report, ussd
from hotline.intake.decision import KINDS, Decision, carry_out, say
from hotline.intake.exchange import PLEAS, Exchange, Services
from hotline.intake.followup import STATUS
from hotline.intake.live_report import LiveReport
from hotline.intake.replies import Replies
from hotline.intake.state import ConversationState
from hotline.intake.tongue import listen
from hotline.messaging import Known, contacts

SENTENCE = 3  # spaces: fewer words may be a slip at the menu
BREAK = timedelta(hours=1)  # after which a greeting is answered with a line that says where we were


def handle(tx: Transaction, services: Services, inbound: Inbound, known: Known, now: datetime) -> Replies:
    """Take one message; what it was answered with."""
    state, contact = ConversationState.load(known.session), known.contact
    if known.over:
        state = ConversationState(written=state.written)
    text, outdated = buttons.read(inbound.text, inbound.channel, state.question)
    language, drift = listen(contact, inbound, state, services.second_reader)
    campaign = inbound.campaign or state.campaign
    ex = Exchange(tx, services, contact, inbound, now, state, text, outdated, language, campaign, drift)
    live = LiveReport(ex)
    live.resume(state.session.carry if state.session is not None else None)
    decision = _decide(RULES, ex, live)
    if decision.question is not None and not followup.answer(ex, decision.question, decision.report or ""):
        decision = _decide(CONVERSATION, ex, live)  # that report takes nothing any more: it is a matter of its own
    return carry_out(ex, live, decision)


def drilled(ex: Exchange, _live: LiveReport) -> Decision | None:
    """A drill holds no conversation: its report is what is tried out."""
    return Decision(opens="test") if ex.inbound.channel == drill.CHANNEL else None


def duress_word(ex: Exchange, _live: LiveReport) -> Decision | None:
    """A word that was agreed for it stops everything."""
    return Decision(duress=True) if duress.warned(ex) else None


def somebody_asks(ex: Exchange, live: LiveReport) -> Decision | None:
    """Who asks whose number this is, in a plea, may be somebody else: one neutral line, and HQ is told."""
    if (ex.state.session is not None and ex.state.session.flow == "info") or not duress.asks_who(ex):
        return None
    return Decision(say(texts.NEUTRAL), START, opens=_kept(ex, live), hush=True, doubt=True)


def no_messages(ex: Exchange, live: LiveReport) -> Decision | None:
    """Who wants no messages gets none, not even an answer."""
    asked = ex.state.session is not None and ex.state.session.step == "contact"  # there it is an answer
    if asked or duress.NO_CONTACT not in ex.inside:
        return None
    return Decision(Turn(None), START, opens=_kept(ex, live) or ex.sorting.kind, hush=True)


def _kept(ex: Exchange, live: LiveReport) -> str | None:
    """Go on with the report of this conversation, if there is one; the kind by which words are kept with it."""
    live.resume(ex.state.pen if live.pen is None else None)
    return HELP if live.pen is not None else None


def check_word(ex: Exchange, live: LiveReport) -> Decision | None:
    """The word was asked for, and this may be it. Whoever writes more than a word has something else to say."""
    state = ex.state
    if not state.asked or not _one_word(ex):
        return None
    unasked = Decision(say(texts.NEUTRAL), state=replace(state, asked=False, report=None))
    if not contacts.is_word(ex.contact, ex.services.vault, ex.text):
        opens = "tip" if live.pen is not None and ex.words.substance(ex.text) else None
        if contacts.last_try(ex.contact):
            return Decision(opens=opens, word=False, duress=True)
        return replace(unasked, opens=opens, word=False)
    if state.report is not None:
        return replace(_status(ex, live, state.report), word=True)
    return replace(_again(ex, state.session) if state.session is not None else unasked, word=True)


def _one_word(ex: Exchange) -> bool:
    said = normalise(ex.text)
    few = bool(said) and said.count(" ") < answers.SECRET
    return few and ex.code is None and "STOP" not in ex.words.whole_of(said)


def reference_code(ex: Exchange, live: LiveReport) -> Decision | None:
    """A code shows the status, after the check word. An unknown one may be a phone number: in a conversation, an answer."""
    if ex.coded is not None and ex.guarded:
        return Decision(say(texts.CHECK_WORD), state=replace(ex.state, asked=True, report=ex.coded.id))
    if ex.coded is not None:
        return _status(ex, live, ex.coded.id)
    if ex.code is None or ex.state.session is not None:
        return None
    return Decision(say(texts.TOO_MANY_TRIES if ex.paused else texts.CODE_UNKNOWN))


def officers_question(ex: Exchange, live: LiveReport) -> Decision | None:
    """An officer asked, and nothing else was asked since: these words belong to that report."""
    session = ex.state.session
    idle = live.pen is None and (session is None or session.flow == START) and not ex.guarded
    if not idle or not ex.tells or PLEAS & ex.whole or ex.contact.created_at >= ex.now:
        return None
    asked = questions.asked(ex.tx, ex.contact, ex.now)
    return Decision(say(texts.ADDED), question=asked[0], report=asked[1]) if asked is not None else None


def begin(ex: Exchange, live: LiveReport) -> Decision | None:
    """Begin a conversation, as none is under way; or take one more word on the last report."""
    if ex.state.session is not None:
        return None
    if "STOP" in ex.whole:
        return Decision(Turn(None, (), (Effect("leave"),)), START)
    if live_report.unsafe(ex.state.pen):
        return _not_safe_yet(ex, live)
    if duress.WORD in ex.whole:
        return Decision(say(texts.NEUTRAL))  # to somebody who never wrote to us: it is a wrong number
    if not ex.tells:
        return Decision(engine.start(ex.services.flows, START, ex.language), START)
    live.resume(ex.state.pen)
    return _first_message(ex) if live.pen is None else _one_more_word(ex)


def _not_safe_yet(ex: Exchange, live: LiveReport) -> Decision:
    """It was not safe: the question is asked again when words say that it may be, and until then nothing is said."""
    live.resume(ex.state.pen)
    opens = HELP if ex.tells else None
    safe = engine.meant(ex.services.flows, HELP, "safe", ex.text) == "yes" and "AGREED" not in ex.whole
    if PLEAS & ex.whole or safe:
        turn = engine.start(ex.services.flows, HELP, ex.language, known=ex.notice(ex.text, ex.language))
        return Decision(turn, HELP, opens=opens)
    return Decision(say(texts.NEUTRAL), START, opens=opens)


def told_at_menu(ex: Exchange, live: LiveReport) -> Decision | None:
    """Something is told after a greeting: no choice of the menu, but what the person came to say."""
    session, said = ex.state.session, normalise(ex.text)
    if session is None or session.flow != START or live.pen is not None or not ex.tells or ex.inbound.edited:
        return None
    if said in ex.services.flows.node(session.flow, session.step).options and not PLEAS & ex.whole:
        return None
    told = ex.sorting.says or ex.sorting.aside is not None or said.count(" ") >= SENTENCE
    return _first_message(ex) if told else None


def asked_us(ex: Exchange, _live: LiveReport) -> Decision | None:
    """A question to the hotline in the middle of a conversation: answered, and our own question stands.

    Not where somebody else may read along: there we say nothing of ourselves.
    """
    session, aside = ex.state.session, ex.sorting.aside
    if session is None or aside is None or not aside.answer or session.flow in discretion.AT_RISK:
        return None
    return _again(ex, session, _answer(ex))


def go_on(ex: Exchange, live: LiveReport) -> Decision | None:
    """A conversation is under way."""
    session, said = ex.state.session, normalise(ex.text)
    if session is None:
        return None
    dialled = ussd.redialled(ex)
    if dialled and ussd.begins_anew(ex, session):
        return Decision(engine.start(ex.services.flows, START, session.language), START)
    back = ex.rested > BREAK and (not said or "GREETING" in ex.words.whole_of(said))
    if ex.outdated or dialled or back:
        return _again(ex, session, "" if ex.outdated else texts.WHERE_WE_WERE)
    if (ex.inbound.media and not said) or (ex.inbound.edited and session.flow != STATUS):
        return _shown(ex, live, session)
    flows = ex.services.revisions.of(ex.tx, session)
    return Decision(engine.resume(flows, session, ex.text, ex.notice), session.flow)


def _answer(ex: Exchange) -> str:
    """What the questions and answers say to a question (English msgid); nothing, if that step is gone.

    On a phone that pleaded for help nothing either: they say who we are, and who asks may be somebody else.
    """
    step = ex.sorting.aside.answer if ex.sorting.aside is not None else None
    if step is None or duress.pleaded(ex):
        return ""
    node = ex.services.flows.node("info", step)
    return node.say.text if node.here.step == step else ""


def _shown(ex: Exchange, live: LiveReport, session: Session) -> Decision:
    """A picture where words were asked for, or other words for earlier ones: taken, and the question stands."""
    if live.pen is None and session.flow in discretion.FOR_ALL:
        return _first_message(ex)
    again = _again(ex, session, texts.ADDED)
    if session.flow == STATUS or (live.pen is not None and not ex.text):
        return again
    return replace(again, opens=KINDS.get(session.flow, "tip"))


def _first_message(ex: Exchange) -> Decision:
    """Make the first message count: the report is open and a page is on its way before anything is asked."""
    kind, aside, flows = ex.sorting.kind, ex.sorting.aside, ex.services.flows
    if aside is not None and not ex.inbound.media:
        menu = engine.start(flows, START, ex.language)
        answer = _answer(ex)
        return Decision(replace(menu, says=((Say(answer),) if answer else ()) + menu.says), START, aside=aside)
    urgent = kind == "tip" and ex.services.triage.rate(kind, [ex.text], {}).priority == Priority.P1
    known = {**engine.known_choices(flows, kind, ex.text), **ex.notice(ex.text, ex.language)}
    turn = engine.start(flows, kind, ex.language, known=known, facts={"urgent": "yes"} if urgent else None)
    # the first question of somebody who may not be alone, and an urgent tip's first line, acknowledge by themselves
    before = () if kind in discretion.AT_RISK or urgent else (Say(texts.ACKNOWLEDGED),)
    return Decision(replace(turn, says=before + turn.says), kind, opens=kind)


def _one_more_word(ex: Exchange) -> Decision:
    opens = ex.sorting.kind if ex.text or not ex.inbound.media else None
    if PLEAS & ex.whole:
        return Decision(engine.start(ex.services.flows, HELP, ex.language), HELP, opens=opens)
    return Decision(say(texts.ADDED), START, opens=opens)


def _status(ex: Exchange, live: LiveReport, report: str) -> Decision:
    live.resume(ex.state.pen)
    return Decision(engine.start(ex.services.flows, STATUS, ex.language, report=report), STATUS, report=report)


def _again(ex: Exchange, session: Session, before: str = "") -> Decision:
    """The question at which the conversation stands, with a line `before` it."""
    return Decision(engine.ask_again(ex.services.revisions.of(ex.tx, session), session, before), session.flow)


MessageRule = Callable[[Exchange, LiveReport], Decision | None]
CONVERSATION = (begin, told_at_menu, asked_us, go_on)
RULES = (drilled, duress_word, somebody_asks, no_messages, check_word, reference_code, officers_question, *CONVERSATION)


def _decide(rules: Sequence[MessageRule], ex: Exchange, live: LiveReport) -> Decision:
    return next(decision for rule in rules if (decision := rule(ex, live)) is not None)
