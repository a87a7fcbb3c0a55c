"""Somebody at risk: what is asked, and what is never shown before it is safe."""

import pytest

from hotline.conversation.engine import resume, start
from hotline.conversation.turn import Effect
from tests.conversation.replies import FLOWS, answer, reply, where


def test_a_plea_in_the_help_flow_is_an_answer() -> None:
    turn = reply("help", "words", "madad")
    assert (where(turn), turn.effects) == ("help.contact", (answer("more", None, "madad", "text"),))


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


def test_own_words_about_safety_keep_to_neutral_questions() -> None:
    assert where(reply("help", "safe", "my husband sold me to them")) == "help.where"


def test_without_a_yes_to_safe_only_neutral_questions_are_asked() -> None:
    turn, asked = reply("help", "safe", "he looks at my phone"), []
    while turn.session:
        asked.append(turn.session.step)
        turn = resume(FLOWS, turn.session, "9")
    assert asked == ["where", "words", "contact", "code"]
    turn = reply("help", "safe", "9", "9", "9", "2", "after ten", "my word")  # certain hours
    assert where(turn) == "help.code"
    assert all("staff acts" not in say.text for say in turn.says)


@pytest.mark.parametrize("then", ["he is coming back to the room", "9", "0"])
def test_a_yes_to_safe_is_taken_back_by_own_words_or_a_skip(then: str) -> None:
    turn = reply("help", "safe", "1", "0", then)
    while turn.session and turn.session.step != "code":
        assert turn.session.step not in ("person", "need", "police", "ngo")
        turn = resume(FLOWS, turn.session, "2" if turn.session.flow == "start" else "9")


def test_a_family_that_is_not_safe_is_given_no_code() -> None:
    turn = reply("family", "safe", "2")
    assert [say.text for say in turn.says] == ["OK. Thank you."]
    assert Effect("issue_code") not in turn.effects


def test_no_code_is_given_to_somebody_at_risk_unless_asked() -> None:
    wanted, unwanted = reply("help", "code", "1"), reply("help", "code", "2")
    assert Effect("issue_code") in wanted.effects
    assert Effect("issue_code") not in unwanted.effects
    assert all("{code}" not in say.text for say in unwanted.says)


@pytest.mark.parametrize(("danger", "age", "told"), [("1", "1", True), ("2", "2", True), ("2", "1", False)])
def test_danger_or_a_child_goes_on_without_consent_and_says_so(danger: str, age: str, told: bool) -> None:
    turn = reply("help", "safe", "1", danger, "Kasur", "1", age, "9", "1", "1", "9", "1", "2", "2")
    assert where(turn) == "help.code"
    assert any("acts in any case" in say.text for say in turn.says) is told


def test_the_help_flow_announces_itself() -> None:
    assert start(FLOWS, "help", "ur", report="r1").effects == (Effect("help"),)
