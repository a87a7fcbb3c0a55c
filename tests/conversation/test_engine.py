"""What the engine makes of a message."""

from pathlib import Path

import pytest

from hotline.conversation.engine import Effect, Session, Turn, resume, start
from hotline.conversation.flow import Flows
from hotline.conversation.texts import HINT

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


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "۲",
        "٢",
        " 2. ",
        "(2)",
        "two",
        "do",
        "دو",
        "ٻه",
        "بھیک منگوانا",
        "پنائڻ",
        "Forced begging",
        "2 forced begging",
    ],
)
def test_an_option_is_taken_by_number_name_or_label(text: str) -> None:
    turn = reply("tip", "what", text)
    assert (where(turn), turn.effects) == ("tip.where", (answer("category", "begging", text),))


def test_a_sentence_at_a_choice_is_the_answer_in_own_words() -> None:
    text = "they make my cousin sell her kidney"
    turn = reply("tip", "what", text)
    assert (where(turn), turn.effects) == ("tip.where", (answer("category", None, text),))


def test_a_slip_is_asked_again_with_a_hint_and_kept_the_second_time() -> None:
    once = reply("tip", "what", "gurda")
    assert (where(once), once.says[0].before, once.effects) == (
        "tip.what",
        HINT,
        (Effect("remark", {"text": "gurda"}),),
    )
    twice = reply("tip", "what", "gurda", "gurda!")
    assert (where(twice), twice.effects) == ("tip.where", (answer("category", None, "gurda!"),))


@pytest.mark.parametrize("text", ["", "   ", "😀"])
def test_nothing_said_twice_goes_on(text: str) -> None:
    assert where(reply("tip", "where", text)) == "tip.where"
    assert where(reply("tip", "where", text, text)) == "tip.when"


@pytest.mark.parametrize("text", ["x", "X", "00", "0 0", "۰۰", "stop", "بند", "band karo"])
@pytest.mark.parametrize("place", [("tip", "what"), ("tip", "who"), ("help", "safe"), ("start", "menu")])
def test_leaving_is_silent_at_every_question(place: tuple[str, str], text: str) -> None:
    assert reply(*place, text) == Turn(None, (), (Effect("leave"),))


def test_a_bus_is_an_answer_where_a_vehicle_is_asked_for() -> None:
    assert reply("tip", "who", "bus").effects == (answer("who", None, "bus", "text"),)
    assert reply("tip", "what", "bas").effects == (Effect("leave"),)


@pytest.mark.parametrize("text", ["0", "menu", "واپس", "back", "مینو"])
def test_zero_leads_to_the_start(text: str) -> None:
    assert where(reply("tip", "who", text)) == "start.menu"


@pytest.mark.parametrize("text", ["9", "۹", "skip", "pata nahi", "nahi", "نہیں"])
def test_a_question_can_be_skipped(text: str) -> None:
    turn = reply("tip", "who", text)
    assert (where(turn), turn.effects) == ("tip.children", ())


def test_nine_skips_a_choice_too() -> None:
    assert where(reply("tip", "children", "9")) == "tip.official"


def test_a_greeting_is_no_slip() -> None:
    turn = reply("tip", "what", "hello", "salam", "hello")
    assert (where(turn), turn.effects) == ("tip.what", ())


def test_the_name_of_a_language_changes_it_at_any_step() -> None:
    turn = reply("tip", "who", "سنڌي")
    assert turn.session
    assert (where(turn), turn.session.language) == ("tip.who", "sd")
    assert turn.effects == (Effect("language", {"language": "sd"}),)


def test_the_language_menu() -> None:
    turn = reply("start", "menu", "3", "3")
    assert turn.session
    assert (where(turn), turn.session.language) == ("start.menu", "en")


@pytest.mark.parametrize("text", ["madad", "مدد", "bachao", "مون کي مدد گھرجي", "mujhe madad chahiye"])
@pytest.mark.parametrize("place", [("tip", "what"), ("tip", "who")])
def test_a_plea_leads_to_the_help_flow_from_anywhere(place: tuple[str, str], text: str) -> None:
    turn = reply(*place, text)
    assert (where(turn), turn.effects) == ("help.safe", (Effect("remark", {"text": text}), Effect("help")))


def test_a_plea_in_the_help_flow_is_an_answer() -> None:
    turn = reply("help", "need", "madad")
    assert (where(turn), turn.effects) == ("help.code", (answer("need", None, "madad", "text"),))


def test_a_plea_in_a_sentence_at_the_menu_leads_to_the_help_flow() -> None:
    turn = reply("start", "menu", "I want to report this, please help me")
    assert (where(turn), turn.effects[-1]) == ("help.safe", Effect("help"))


def test_a_tip_in_a_sentence_at_the_menu_is_kept() -> None:
    text = "bhatte par log qaid hain"
    turn = reply("start", "menu", text)
    assert (where(turn), turn.effects) == ("tip.what", (Effect("remark", {"text": text}),))


@pytest.mark.parametrize(
    "text", ["2", "nahi", "no he is in the room", "ji nahi wo yahan hai", "mehfooz nahi", "pata nahi", "نه"]
)
def test_not_safe_ends_with_two_neutral_words(text: str) -> None:
    turn = reply("help", "safe", text)
    assert turn.session is None
    assert [say.text for say in turn.says] == ["OK. Thank you."]


@pytest.mark.parametrize("text", ["1", "haan", "ok", "yes he is out", "محفوظ"])
def test_safe_goes_on_to_danger(text: str) -> None:
    turn = reply("help", "safe", text)
    assert (where(turn), turn.effects) == ("help.danger", (answer("safe", "yes", text),))


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("children", "4 bachay bhi hain", "yes"),
        ("children", "yes two of them", "yes"),
        ("children", "wahan bachay nahi hain", None),
        ("children", "nahi pata mujhe kitne hain", "unknown"),
        ("when", "2 bachay kal se qaid", None),
    ],
)
def test_a_sentence_is_understood_by_its_opening_or_its_one_keyword(step: str, text: str, value: str | None) -> None:
    assert reply("tip", step, text).effects == (answer(step, value, text),)


def test_own_words_about_safety_keep_to_neutral_questions() -> None:
    assert where(reply("help", "safe", "my husband sold me to them")) == "help.where"


def test_no_code_is_given_to_somebody_at_risk_unless_asked() -> None:
    wanted, unwanted = reply("help", "code", "1"), reply("help", "code", "2")
    assert Effect("issue_code") in wanted.effects
    assert Effect("issue_code") not in unwanted.effects
    assert all("{code}" not in say.text for say in unwanted.says)


def test_a_whole_tip() -> None:
    turn = reply("tip", "what", "1", "لاہور", "1", "9", "3", "2", "no")
    assert turn.session is None
    assert turn.effects == (Effect("issue_code"), Effect("end"))
    assert turn.says[0].params == ("code",)


def test_a_place_is_marked_for_the_caller() -> None:
    assert reply("tip", "where", "Kasur").effects == (answer("place", None, "Kasur", "place"),)


def test_what_belongs_to_the_caller_is_handed_on() -> None:
    turn = reply("tip", "what", "1", "zzz", "urdu", "0")
    assert turn.session
    assert (turn.session.report, turn.session.carry) == ("r1", "c1")


def test_a_session_of_an_older_revision_goes_on_at_its_step() -> None:
    turn = resume(FLOWS, Session("tip", "older", "when", "ur"), "1")
    assert turn.session
    assert (where(turn), turn.session.revision) == ("tip.who", FLOWS.flows["tip"].revision)


@pytest.mark.parametrize(
    ("flow", "step", "beginning"),
    [("tip", "gone", "tip.what"), ("gone", "what", "start.menu"), ("help", "gone", "help.safe")],
)
def test_a_session_at_a_step_that_is_gone_begins_again_and_keeps_the_text(flow: str, step: str, beginning: str) -> None:
    turn = resume(FLOWS, Session(flow, "older", step, "sd"), "at the kiln")
    assert (where(turn), turn.effects[0]) == (beginning, Effect("remark", {"text": "at the kiln"}))


def test_an_unknown_flow_begins_at_the_start() -> None:
    assert where(start(FLOWS, "gone", "ur")) == "start.menu"


def test_the_help_flow_announces_itself() -> None:
    assert start(FLOWS, "help", "ur", report="r1").effects == (Effect("help"),)


def test_a_session_survives_json() -> None:
    session = at("tip", "who", "sd")
    assert Session.from_json(session.to_json()) == session
    assert Session.from_json('{"flow": "tip", "revision": "1", "step": "who", "language": "sd"}').misses == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{"])
def test_what_is_no_session_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a session|Expecting"):
        Session.from_json(text)


def test_nothing_said_stands_in_a_repr() -> None:
    assert "secret" not in repr(reply("tip", "who", "secret"))
