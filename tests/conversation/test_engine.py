"""What the engine makes of a message."""

import pytest

from hotline.conversation import engine
from hotline.conversation.engine import resume, start
from hotline.conversation.texts import HINT
from hotline.conversation.turn import Effect, Session, Turn
from tests.conversation.replies import FLOWS, answer, at, reply, where


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
        "Begging",
        "2 begging",
    ],
)
def test_an_option_is_taken_by_number_name_or_label(text: str) -> None:
    turn = reply("tip", "what", text)
    assert (where(turn), turn.effects) == ("tip.where", (answer("category", "begging", text),))


def test_a_sentence_at_a_choice_is_the_answer_in_own_words() -> None:
    text = "strange people come and go at night"
    turn = reply("tip", "what", text)
    assert (where(turn), turn.effects) == ("tip.where", (answer("category", None, text),))


def test_a_slip_is_asked_again_with_a_hint_and_kept_the_second_time() -> None:
    once = reply("tip", "what", "zulm")
    assert (where(once), once.says[0].before, once.effects) == (
        "tip.what",
        HINT,
        (Effect("remark", {"text": "zulm"}),),
    )
    twice = reply("tip", "what", "zulm", "zulm!")
    assert (where(twice), twice.effects) == ("tip.where", (answer("category", None, "zulm!"),))


@pytest.mark.parametrize("text", ["", "   ", "😀"])
def test_nothing_said_twice_goes_on(text: str) -> None:
    assert where(reply("tip", "where", text)) == "tip.where"
    assert where(reply("tip", "where", text, text)) == "tip.when"


@pytest.mark.parametrize("text", ["x", "X", "00", "0 0", "۰۰", "stop", "بند", "band karo"])
@pytest.mark.parametrize("place", [("tip", "what"), ("tip", "own_words"), ("help", "safe"), ("start", "menu")])
def test_leaving_is_silent_at_every_question(place: tuple[str, str], text: str) -> None:
    assert reply(*place, text) == Turn(None, (), (Effect("leave"),))


def test_a_bus_is_an_answer_where_a_vehicle_is_asked_for() -> None:
    assert reply("tip", "route", "bus").effects == (answer("route", None, "bus", "text"),)
    assert reply("tip", "what", "bas").effects == (Effect("leave"),)


@pytest.mark.parametrize("text", ["menu", "مینو", "shuru"])
def test_the_menu_is_a_word_away(text: str) -> None:
    assert where(reply("tip", "own_words", text)) == "start.menu"


@pytest.mark.parametrize("text", ["0", "۰", "واپس", "back", "پوئتي"])
def test_zero_leads_one_question_back_and_from_the_first_one_to_the_start(text: str) -> None:
    asked = reply("tip", "what", "1", "Kasur", "1")
    back = resume(FLOWS, asked.session or at("tip", "what"), text)
    assert where(back) == "tip.when"
    again = resume(FLOWS, back.session or at("tip", "what"), text)
    assert where(again) == "tip.where"
    assert where(reply("tip", "what", "1", text, text)) == "start.menu"


def test_the_way_back_leads_into_the_flow_before() -> None:
    assert where(reply("start", "menu", "1", "0")) == "start.menu"


@pytest.mark.parametrize("text", ["9", "۹", "skip", "pata nahi", "nahi", "نہیں"])
def test_a_question_can_be_skipped(text: str) -> None:
    turn = reply("tip", "own_words", text)
    assert (where(turn), turn.effects) == ("tip.code", (Effect("issue_code"),))


def test_four_thousand_characters_are_an_answer_like_any_other() -> None:
    text = "bhatte par log qaid hain " * 160
    for step in ("what", "where", "when", "own_words"):
        assert any(effect.data.get("text") == text for effect in reply("tip", step, text).effects)


def test_nine_skips_a_choice_too() -> None:
    assert where(reply("tip", "children", "9")) == "tip.official"


def test_a_greeting_is_no_slip() -> None:
    turn = reply("tip", "what", "hello", "salam", "hello")
    assert (where(turn), turn.effects) == ("tip.what", ())


def test_the_name_of_a_language_changes_it_at_any_step() -> None:
    turn = reply("tip", "own_words", "سنڌي")
    assert turn.session
    assert (where(turn), turn.session.language) == ("tip.own_words", "sd")
    assert turn.effects == (Effect("language", {"language": "sd"}),)


def test_the_language_menu() -> None:
    turn = reply("start", "menu", "6", "3")
    assert turn.session
    assert (where(turn), turn.session.language) == ("start.menu", "en")


@pytest.mark.parametrize("text", ["madad", "مدد", "bachao", "مون کي مدد گھرجي", "mujhe madad chahiye"])
@pytest.mark.parametrize("place", [("tip", "what"), ("tip", "own_words")])
def test_a_plea_leads_to_the_help_flow_from_anywhere(place: tuple[str, str], text: str) -> None:
    turn = reply(*place, text)
    assert (where(turn), turn.effects) == ("help.safe", (Effect("remark", {"text": text}), Effect("help")))


def test_a_plea_in_a_sentence_at_the_menu_leads_to_the_help_flow() -> None:
    turn = reply("start", "menu", "I want to report this, please help me")
    assert (where(turn), turn.effects[-1]) == ("help.safe", Effect("help"))


def test_a_tip_in_a_sentence_at_the_menu_is_kept() -> None:
    text = "bhatte par log qaid hain"
    turn = reply("start", "menu", text)
    assert (where(turn), turn.effects) == ("tip.what", (Effect("remark", {"text": text}),))


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("children", "4 bachay bhi hain", "yes"),
        ("children", "yes two of them", "yes"),
        ("children", "wahan bachay nahi hain", "no"),
        ("children", "nahi pata mujhe kitne hain", "unknown"),
        ("when", "2 bachay kal se qaid", "now"),
    ],
)
def test_a_sentence_is_understood_by_its_opening_or_its_one_keyword(step: str, text: str, value: str | None) -> None:
    assert reply("tip", step, text).effects == (answer(step, value, text),)


def test_a_whole_tip() -> None:
    asked = reply("tip", "what", "1", "لاہور", "1", "9")
    assert asked.effects == (Effect("issue_code"),)
    assert asked.says[0].params == ("code",)
    over = resume(FLOWS, asked.session or at("tip", "what"), "2")
    assert (over.session, over.effects) == (None, (Effect("end"),))


def test_who_lets_us_ask_is_asked_everything_once() -> None:
    turn = reply("tip", "code", "1", "5", "1", "2", *["9"] * 7, "1", "9")
    assert turn.session is None


# What a caller finds in own words, for these tests: a place and a number.
def noticed(text: str, language: str) -> dict[str, str]:
    found = {"place": {"ur": "قصور", "en": "Kasur"}[language]} if "kasur" in text else {}
    return found | ({"people": "5"} if "5" in text else {})


def test_what_own_words_said_already_is_confirmed_and_not_asked_for() -> None:
    turn = resume(FLOWS, at("tip", "what", "en"), "5 men are forced to work near kasur", noticed)
    assert (turn.says[0].text, turn.says[0].known) == ("{known}. Is it there?", "Kasur")
    yes = resume(FLOWS, turn.session or at("tip", "what"), "1", noticed)
    assert (where(yes), yes.effects) == ("tip.when", (answer("place", None, "Kasur", "place"),))


def test_a_sentence_that_chooses_an_option_is_listened_to_as_well() -> None:
    turn = resume(FLOWS, at("family", "what", "en"), "my son is locked in near kasur", noticed)
    assert turn.effects[0].data["value"] == "held"
    assert (turn.says[0].text, turn.says[0].known) == ("{known}. Are they there?", "Kasur")
    assert resume(FLOWS, at("family", "what", "en"), "1", noticed).says[0].known == ""


def test_a_wrong_guess_is_asked_for_and_any_other_place_is_taken() -> None:
    asked = resume(FLOWS, at("tip", "what", "en"), "5 men are forced to work near kasur", noticed).session
    no = resume(FLOWS, asked or at("tip", "what"), "2", noticed)
    assert (where(no), no.says[0].text) == ("tip.where", "Where? District, city or village.")
    other = resume(FLOWS, asked or at("tip", "what"), "Multan", noticed)
    assert (where(other), other.effects) == ("tip.when", (answer("place", None, "Multan", "place"),))


def test_what_is_known_at_the_first_message_is_confirmed() -> None:
    turn = start(FLOWS, "tip", "ur", known={"place": "قصور"})
    assert resume(FLOWS, turn.session or at("tip", "what"), "1").says[0].known == "قصور"


@pytest.mark.parametrize("text", ["haan wahin", "ji ha jaldi", "yes right there", "ہاں وہیں", "ها اتي ئي"])
def test_a_yes_with_a_few_words_confirms_and_loses_none_of_them(text: str) -> None:
    asked = start(FLOWS, "tip", "en", known={"place": "Kasur"}, facts={"urgent": "yes"}).session
    turn = resume(FLOWS, asked or at("tip", "where"), text, noticed)
    assert (where(turn), turn.effects) == (
        "tip.when",
        (answer("place", None, "Kasur", "place"), Effect("remark", {"text": text})),
    )


@pytest.mark.parametrize("text", ["haan lekin Multan me", "nahi Multan", "yes but not there"])
def test_a_yes_that_names_another_place_is_that_place(text: str) -> None:
    asked = start(FLOWS, "tip", "en", known={"place": "Kasur"}, facts={"urgent": "yes"}).session
    turn = resume(FLOWS, asked or at("tip", "where"), text, noticed)
    assert turn.effects == (answer("place", None, text, "place"),)


def test_a_choice_that_own_words_have_made_is_confirmed() -> None:
    known = engine.known_choices(FLOWS, "tip", "bacho se bheek mangwate hain")
    asked = start(FLOWS, "tip", "en", known=known)
    assert (asked.says[0].text, asked.says[0].known) == ("{known}. Is that right?", "Begging")
    yes = resume(FLOWS, asked.session or at("tip", "what"), "haan")
    assert (where(yes), yes.effects) == ("tip.where", (answer("category", "begging", "haan"),))
    no = resume(FLOWS, asked.session or at("tip", "what"), "2")
    assert (where(no), no.says[0].text) == ("tip.what", "What is it about?")
    other = resume(FLOWS, asked.session or at("tip", "what"), "nahi shadi ka masla hai")
    assert where(other) == "tip.what_else"


def test_no_and_a_place_corrects_the_place_that_was_given() -> None:
    given = resume(FLOWS, reply("tip", "what", "1").session or at("tip", "where"), "Lahore", noticed)
    corrected = resume(FLOWS, given.session or at("tip", "when"), "nahi, kasur", noticed)
    assert (where(corrected), corrected.effects) == ("tip.when", (answer("place", None, "nahi, kasur", "place"),))
    denied = resume(FLOWS, given.session or at("tip", "when"), "nahi pehle", noticed)
    assert denied.effects == (answer("when", "past", "nahi pehle"),)


def test_an_urgent_tip_is_asked_two_questions_and_no_more() -> None:
    turn = start(FLOWS, "tip", "ur", facts={"urgent": "yes"})
    asked = [where(turn)]
    for text in ("Kasur", "1"):
        turn = resume(FLOWS, turn.session or at("tip", "what"), text)
        asked.append(where(turn))
    assert asked == ["tip.where", "tip.when", "tip.code"]


def test_a_place_is_marked_for_the_caller() -> None:
    assert reply("tip", "where", "Kasur").effects == (answer("place", None, "Kasur", "place"),)


def test_what_belongs_to_the_caller_is_handed_on() -> None:
    turn = reply("tip", "what", "1", "zzz", "urdu", "0")
    assert turn.session
    assert (turn.session.report, turn.session.carry) == ("r1", "c1")


def test_a_session_of_an_older_revision_goes_on_at_its_step() -> None:
    turn = resume(FLOWS, Session("tip", "older", "when", "ur"), "1")
    assert turn.session
    assert (where(turn), turn.session.revision) == ("tip.own_words", FLOWS.flows["tip"].revision)


@pytest.mark.parametrize(
    ("flow", "step", "beginning"),
    [("tip", "gone", "tip.what"), ("gone", "what", "start.menu"), ("help", "gone", "help.safe")],
)
def test_a_session_at_a_step_that_is_gone_begins_again_and_keeps_the_text(flow: str, step: str, beginning: str) -> None:
    turn = resume(FLOWS, Session(flow, "older", step, "sd"), "at the kiln")
    assert (where(turn), turn.effects[0]) == (beginning, Effect("remark", {"text": "at the kiln"}))


def test_an_unknown_flow_begins_at_the_start() -> None:
    assert where(start(FLOWS, "gone", "ur")) == "start.menu"


def test_a_session_survives_json() -> None:
    session = at("tip", "own_words", "sd")
    assert Session.from_json(session.to_json()) == session
    assert Session.from_json('{"flow": "tip", "revision": "1", "step": "own_words", "language": "sd"}').misses == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{"])
def test_what_is_no_session_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a session|Expecting"):
        Session.from_json(text)


def test_nothing_said_stands_in_a_repr() -> None:
    assert "secret" not in repr(reply("tip", "own_words", "secret"))
