"""A message as it is read on a phone."""

import pytest

from hotline.conversation.rendering import choices_of, render, text_of
from hotline.conversation.turn import Say
from hotline.core.i18n import LANGUAGES

QUESTION = Say("Is it happening now?", (("1", "Yes, now"), ("2", "No, before")))


def test_options_stand_one_a_line_number_first() -> None:
    assert render(QUESTION, "en", "sms") == "Is it happening now?\n1 Yes, now\n2 No, before"
    assert render(QUESTION, "ur", "sms").splitlines()[1] == "1 جی ہاں، ابھی"


def test_buttons_have_the_same_numbers_and_names() -> None:
    assert choices_of(QUESTION, "sd") == (("1", "ها، هاڻي"), ("2", "نه، اڳ ۾ ٿيو"))
    assert text_of(QUESTION, "en") == "Is it happening now?"


def test_a_hint_stands_in_front() -> None:
    assert render(Say("Question", before="Skip"), "en", "sms") == "Skip\nQuestion"


def test_a_code_stays_one_run_of_ascii_digits() -> None:
    say = Say("Your code:\n{code}", params=("code",))
    assert "4821736050" in render(say, "ur", "sms", {"code": "4821736050"}).splitlines()
    with pytest.raises(KeyError):
        render(say, "ur", "sms")


def test_letters_that_double_the_price_are_replaced_in_sms_only() -> None:
    say = Say("Don’t\xa0worry")
    assert render(say, "en", "sms") == "Don't worry"
    assert render(say, "en", "webchat") == "Don’t\xa0worry"


def test_what_is_known_already_is_shown_as_it_was_said() -> None:
    say = Say("{known}. Is it there?", (("1", "Yes, right"), ("2", "No")), known="قصور")
    assert render(say, "ur", "sms").splitlines()[0].startswith("قصور")
    assert "{known}" not in render(say, "ur@latin", "ussd")


@pytest.mark.parametrize("language", LANGUAGES)
def test_ussd_is_in_latin_letters_also_where_languages_call_themselves(language: str) -> None:
    say = Say("Choose a language.", (("1", "اردو"), ("2", "سنڌي"), ("3", "English")))
    screen = render(say, language, "ussd")
    assert screen.isascii()
    assert screen.splitlines()[1:] == ["1 Urdu", "2 Sindhi", "3 English"]
