"""Whatever is typed, in whatever order: it ends or waits, and nothing that was said is lost."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hotline.conversation.engine import resume, start
from hotline.conversation.flow import Flows
from hotline.conversation.letters import normalise
from hotline.conversation.rendering import render
from hotline.conversation.schema import HELP, PARAMS
from hotline.conversation.turn import Session, Turn
from hotline.core.i18n import LANGUAGES

FLOWS = Flows.load(Path("flows"))
FAMILIAR = sorted({variant for variants in FLOWS.words.variants.values() for variant in variants})
MESSAGES = st.one_of(
    st.sampled_from(["1", "2", "3", "7", "۲", "0", "9", "12", "", "😀", "hum band hain aur darwaza band hai"]),
    st.sampled_from(FAMILIAR),
    st.text(max_size=60),
    st.text(st.characters(categories=["Lo", "Mn", "Nd", "Cf", "Cs", "Zs"]), max_size=40),
)
# Words for the machine: a message of nothing else has nothing in it to keep.
COMMANDS = {
    "STOP",
    "ENOUGH",
    "MENU",
    "BACK",
    "GREETING",
    "SKIP",
    "UNKNOWN",
    "NO",
    "THANKS",
    "LANG_UR",
    "LANG_SD",
    "LANG_EN",
}


def kept(turn: Turn, text: str) -> bool:
    return any(text in effect.data.values() for effect in turn.effects)


def speaks_to_the_machine(session: Session, text: str) -> bool:
    said = normalise(text)
    options = FLOWS.node(session.flow, session.step).options
    return said in options or said in ("", "9") or bool(FLOWS.words.whole(text) & COMMANDS)


@given(st.sampled_from(sorted(FLOWS.flows)), st.sampled_from(LANGUAGES), st.lists(MESSAGES, max_size=12))
def test_any_walk_ends_or_waits_and_loses_nothing(flow: str, language: str, messages: list[str]) -> None:
    turn = start(FLOWS, flow, language, report="r1", carry="c1")
    for text in messages:
        if turn.session is None:
            return
        session = Session.from_json(turn.session.to_json())
        assert session == turn.session
        turn = resume(FLOWS, session, text)
        assert kept(turn, text) or speaks_to_the_machine(session, text)
        if turn.session is None:
            assert {effect.name for effect in turn.effects} & {"leave", "end"}
        else:
            assert (turn.session.report, turn.session.carry) == ("r1", "c1")
            assert len(turn.says) >= 1
            assert FLOWS.node(turn.session.flow, turn.session.step).question
        for say in turn.says:
            assert render(say, session.language, "sms", dict.fromkeys(PARAMS, "1"))


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=200))
def test_no_stored_session_makes_it_fail(flow: str, step: str, language: str, text: str) -> None:
    turn = resume(FLOWS, Session(flow, "?", step, language), text)
    assert turn.session is not None
    assert turn.says


REVEALING = ("danger", "15", "police", "shelter", "child", "rescue", "Threatened", "To get out")


@given(st.lists(MESSAGES, max_size=12))
def test_who_has_not_said_that_it_is_safe_reads_nothing_that_shows_whose_phone_this_is(messages: list[str]) -> None:
    turn, safe = start(FLOWS, HELP, "ur"), False
    for text in messages:
        if turn.session is None or turn.session.flow != HELP:
            return
        turn = resume(FLOWS, turn.session, text)
        safe = safe or any(
            effect.data.get("value") == "yes" for effect in turn.effects if effect.data.get("field") == "safe"
        )
        if turn.session is None or turn.session.flow == HELP:
            words = [word for say in turn.says for word in (say.text, *(label for _, label in say.choices))]
            assert safe or not any(shown in word for shown in REVEALING for word in words)
