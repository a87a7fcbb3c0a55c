"""The things that a turn must not show: places to somebody who may not be alone, a code to somebody who has no report,
the police's number to somebody whom that police does not hear.
"""

from dataclasses import replace

from hotline.conversation import engine, texts
from hotline.conversation.flow import Flows
from hotline.conversation.schema import HELP, START
from hotline.conversation.turn import Say, Turn

AT_RISK = frozenset({HELP, "family"})  # flows of pleas, not tips
FOR_ALL = frozenset({START, "info", "code"})  # flows that say nothing of anybody, so need no check word


def unseen(flows: Flows, turn: Turn) -> Turn:
    """Hide every place from somebody who has not said that it is safe, even the one that they wrote themselves.

    `flows`: those that the turn's session began with.
    """
    session = turn.session
    if session is None or not session.confirming or session.flow != HELP or session.facts.get("safe") == "yes":
        return turn
    asked = engine.ask_again(flows, replace(session, known={}), "")
    return replace(asked, says=(*turn.says[:-1], *asked.says), effects=turn.effects)


def at_home(turn: Turn) -> Turn:
    """Leave out what holds in Pakistan only, for somebody who may be abroad: there 15 is nobody's number, or another's."""
    return replace(turn, says=tuple(say for say in turn.says if not say.home))


def codeless(turn: Turn) -> Turn:
    """Leave out code and questions for somebody who skipped every question, and so has no report."""
    if not any("code" in say.params for say in turn.says):
        return turn
    return replace(turn, session=None, says=(Say(texts.NEUTRAL),))
