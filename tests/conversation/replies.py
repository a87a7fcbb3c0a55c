"""Messages to the engine at a given question, for the tests beside."""

from pathlib import Path

from hotline.conversation.engine import resume
from hotline.conversation.flow import Flows
from hotline.conversation.turn import Effect, Session, Turn

FLOWS = Flows.load(Path("flows"))


def at(flow: str, step: str, language: str = "ur") -> Session:
    return Session(flow, FLOWS.flows[flow].revision, step, language, report="r1", carry="c1")


def reply(flow: str, step: str, *texts: str) -> Turn:
    turn = Turn(at(flow, step))
    for text in texts:
        assert turn.session
        turn = resume(FLOWS, turn.session, text)
    return turn


def where(turn: Turn) -> str | None:
    return f"{turn.session.flow}.{turn.session.step}" if turn.session else None


def answer(field: str, value: str | None, text: str, kind: str = "choice") -> Effect:
    return Effect("answer", {"field": field, "value": value, "text": text, "kind": kind})
