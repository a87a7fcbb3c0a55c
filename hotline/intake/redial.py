"""A USSD session that begins while a conversation is under way: the network broke off, or somebody else has the phone."""

from datetime import timedelta

from hotline.channels.contract import Inbound
from hotline.conversation import START, Flows, Session, Turn, Words, engine, texts
from hotline.messaging import SAFE_WINDOW

ANEW = frozenset({START, "info", "code", "status"})  # nothing is being told there; a status is for who sends the code


def redialled(inbound: Inbound, words: Words) -> bool:
    """Whether a session begins. Digits dialled behind the code answer no question: none has been seen."""
    return inbound.hop is not None and inbound.hop.kind == "begin" and not words.substance(inbound.text)


def turn(current: Flows, flows: Flows, session: Session, ago: timedelta, *, at_risk: bool) -> Turn:
    """Where we were, in the conversation's own `flows`, else the start of today's.

    The questions to somebody at risk are not shown to whoever dials later than it is safe.
    """
    if session.flow in ANEW or (at_risk and ago > SAFE_WINDOW):
        return engine.start(current, START, session.language)
    return engine.ask_again(flows, session, texts.WHERE_WE_WERE)
