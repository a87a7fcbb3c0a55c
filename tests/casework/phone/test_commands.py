"""What officers type is understood, in English, Urdu, Sindhi and Roman, or it is no command at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.casework.phone import commands
from hotline.casework.phone.commands import Command, Verb, parse
from hotline.conversation.letters import normalise
from hotline.core import i18n
from hotline.escalation import texts as page_texts
from hotline.messaging import officer_text
from hotline.reports.tables import Outcome

YES, NO = Verb.ACCEPT, Verb.PASS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 4821", Command(YES, "4821")),
        ("2 4821", Command(NO, "4821")),
        ("4821 1", Command(YES, "4821")),
        ("4821 2", Command(NO, "4821")),
        ("1 482193", Command(YES, "482193")),
        ('"1 4821"', Command(YES, "4821")),
        ("“1 4821”", Command(YES, "4821")),
        ("'1 4821'", Command(YES, "4821")),
        ("1  4821 .", Command(YES, "4821")),
        ("1, 4821", Command(YES, "4821")),
        ("1-4821", Command(YES, "4821")),
        ("1\n4821", Command(YES, "4821")),
        ("۱ ۴۸۲۱", Command(YES, "4821")),
        ("٢ ٤٨٢١", Command(NO, "4821")),
        ("\u200f1 4821\u200e", Command(YES, "4821")),
        ("\u202b۱ ۴۸۲۱\u202c", Command(YES, "4821")),
        ("１ ４８２１", Command(YES, "4821")),
        ("ok 4821", Command(YES, "4821")),
        ("OK", Command(YES, None)),
        ("Ok.", Command(YES, None)),
        ("okay", Command(YES, None)),
        ("yes", Command(YES, None)),
        ("jee 4821", Command(YES, "4821")),
        ("JEE", Command(YES, None)),
        ("ji", Command(YES, None)),
        ("han", Command(YES, None)),
        ("haan 4821", Command(YES, "4821")),
        ("جی ۴۸۲۱", Command(YES, "4821")),
        ("جی", Command(YES, None)),
        ("ہاں", Command(YES, None)),
        ("ها", Command(YES, None)),
        ("هائو", Command(YES, None)),
        ("no 4821", Command(NO, "4821")),
        ("نہیں 4821", Command(NO, "4821")),
        ("نه 4821", Command(NO, "4821")),
        ("1", Command(YES, None)),
        ("2", Command(NO, None)),
        ("", None),
        ("   ", None),
        ("a", None),
        ("1 2 4821", None),
        ("1 1", None),
        ("yes no", None),
        ("1 4821 4822", None),
        ("1 482", None),
        ("1 4821934", None),
        ("3 4821", None),
        ("1 48 21", None),
        ("1 4821 please", None),
        ("I will take 4821", None),
        ("not ok", None),
        ("1 ½", None),
    ],
)
def test_an_answer_is_understood_or_it_is_not(text: str, expected: Command | None) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("wish", [*i18n.LANGUAGES, *i18n.PARTIAL])
def test_what_officers_are_shown_can_be_typed(wish: str) -> None:
    """The names of outcomes, and what stands on the buttons."""
    for outcome in commands.OUTCOMES:
        said = f"done 4821 {officer_text.label(outcome, wish)} 739146"
        assert parse(said) == Command(Verb.DONE, "4821", outcome=outcome, pin="739146"), said
    for verb, button in ((Verb.ACCEPT, page_texts.ACCEPT), (Verb.PASS, page_texts.PASS_ON)):
        assert parse(f"{i18n.translate(button, wish)} 4821") == Command(verb, "4821")


@pytest.mark.parametrize(
    ("text", "verb", "token"),
    [
        ("4821", Verb.READ, "4821"),
        ("۴۸۲۱", Verb.READ, "4821"),
        ("14821", Verb.READ, "14821"),
        ("read 4821", Verb.READ, "4821"),
        ("4821 parhein", Verb.READ, "4821"),
        ("پڑھیں ۴۸۲۱", Verb.READ, "4821"),
        ("پڙهو 4821", Verb.READ, "4821"),
        ("Who 4821?", Verb.WHO, "4821"),
        ("who", Verb.WHO, None),
        ("kaun hai 4821", Verb.WHO, "4821"),
        ("کون ہے", Verb.WHO, None),
        ("ڪير 4821", Verb.WHO, "4821"),
        ("LIST", Verb.LIST, None),
        ("/list", Verb.LIST, None),
        ("لسٹ", Verb.LIST, None),
        ("لسٽ", Verb.LIST, None),
        ("fehrist", Verb.LIST, None),
        ("Duty OFF.", Verb.OFF, None),
        ("off duty", Verb.OFF, None),
        ("ڈیوٹی آف", Verb.OFF, None),
        ("ڊيوٽي آف", Verb.OFF, None),
        ("duty on", Verb.ON, None),
        ("ڈیوٹی آن", Verb.ON, None),
        ("help", Verb.HELP, None),
        ("مدد", Verb.HELP, None),
        ("madad", Verb.HELP, None),
        ("STOP", Verb.STOP, None),
        ("End", Verb.STOP, None),
        ("band", Verb.STOP, None),
        ("بند", Verb.STOP, None),
        ("unsubscribe", Verb.STOP, None),
        ("ok4821", Verb.ACCEPT, "4821"),
        ("theek hai 4821", Verb.ACCEPT, "4821"),
        ("4821 جی ہاں", Verb.ACCEPT, "4821"),
        ("aage 4821", Verb.PASS, "4821"),
        ("اڳتي 4821", Verb.PASS, "4821"),
        ("done", Verb.DONE, None),
    ],
)
def test_each_command_in_each_language(text: str, verb: Verb, token: str | None) -> None:
    assert parse(text) == Command(verb, token)


@pytest.mark.parametrize(
    ("text", "token", "said"),
    [
        ("note 4821 Went there, two men.", "4821", "Went there, two men"),
        ("NOTE 4821: Went there", "4821", "Went there"),
        ("note-4821:gone", "4821", "gone"),
        ("4821 note gone", "4821", "gone"),
        ("note4821 gone", "4821", "gone"),
        ('"note 4821 gone"', "4821", "gone"),
        ("note 4821 1 child, 2 women", "4821", "1 child, 2 women"),
        ("note 4821 list who 5533", "4821", "list who 5533"),
        ("note 4821 (at night) gone", "4821", "at night) gone"),
        ("Noteeee 4821 gooone", "4821", "gooone"),
        ("نوٹ ۴۸۲۱ ہم وہاں گئے", "4821", "ہم وہاں گئے"),
        ("نوٽ 4821 اسان ويا هئاسين", "4821", "اسان ويا هئاسين"),
        ("likhein 4821 hum gaye", "4821", "hum gaye"),
        ("note went there", None, "went there"),
        ("note 4821", "4821", ""),
        ("note 4821 ...", "4821", ""),
        ("note", None, ""),
    ],
)
def test_a_note_is_kept_as_it_was_typed(text: str, token: str | None, said: str) -> None:
    assert parse(text) == Command(Verb.NOTE, token, said)


@pytest.mark.parametrize(
    ("text", "outcome", "pin"),
    [
        ("done 4821 1 482193", "rescued", "482193"),
        ("done 4821 rescued 482193", "rescued", "482193"),
        ("4821 done 482193 rescued", "rescued", "482193"),
        ("Done, 4821, Referred, 482193.", "referred", "482193"),
        ("مکمل ۴۸۲۱ بازیاب ۴۸۲۱۹۳", "rescued", "482193"),
        ("مڪمل 4821 جاچ 482193", "inquiry", "482193"),
        ("done 4821 aage bheji 482193", "referred", "482193"),
        ("done 4821 6 48219377", "test", "48219377"),
        ("done 4821 rescued", "rescued", ""),
        ("done 4821 482193", None, "482193"),
        ("done 4821", None, ""),
        ("done 4821 7 482193", None, "482193"),
        ("done 4821 rescued referred 482193", None, "482193"),
        ("done 4821 rescued 482193 482194", "rescued", ""),
    ],
)
def test_closing_names_an_outcome_and_a_pin(text: str, outcome: str | None, pin: str) -> None:
    assert parse(text) == Command(Verb.DONE, "4821", outcome=outcome, pin=pin)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DUTY bilal", "bilal"),
        ("duty Amna Bibi.", "Amna Bibi"),
        ("ڈیوٹی آمنہ", "آمنہ"),
        ("ڊيوٽي آمنه", "آمنه"),
        ("duty", ""),
    ],
)
def test_a_head_names_an_officer(text: str, name: str) -> None:
    assert parse(text) == Command(Verb.DUTY, text=name)


@pytest.mark.parametrize(
    "text",
    [
        "list 4821", "stop 4821", "duty off 4821", "please stop texting me", "who is it", "4821 5533", "1 done 4821", "read",
        "1 4821 note gone", "P1 report 4821 Lahore. Reply 1 4821 to accept", "band karne wale log", "4821 1 2",
    ],
)  # fmt: skip
def test_what_may_mean_two_things_means_none(text: str) -> None:
    found = parse(text)
    assert found is None or (found.verb, found.token) == (Verb.READ, None)


@given(st.text(max_size=60))
def test_nothing_that_arrives_makes_reading_fail(text: str) -> None:
    found = parse(text)
    assert found is None or found.token is None or (found.token.isascii() and found.token.isdigit())


@given(
    word=st.sampled_from([(verb, word.strip()) for verb, words in commands.WORDS.items() for word in words.split(",")]),
    token=st.integers(1000, 999999).map(str), marks=st.sampled_from(["{}", '"{}"', "“{}”", " {} . ", "\u200f{}\u200e"]),
    before=st.booleans(),
)  # fmt: skip
def test_every_word_of_the_table_works_in_any_order_and_between_any_marks(
    word: tuple[Verb, str], token: str, marks: str, before: bool
) -> None:
    verb, typed = word
    alone = parse(marks.format(typed))
    assert alone is not None
    assert alone.verb is verb
    if verb in (Verb.ACCEPT, Verb.PASS, Verb.READ, Verb.WHO, Verb.NOTE, Verb.DONE):
        both = parse(marks.format(f"{token} {typed}" if before else f"{typed} {token}"))
        assert both == Command(verb, token)


def test_no_word_means_two_things() -> None:
    for table in (commands.WORDS, commands.OUTCOMES):
        words = [normalise(word) for words in table.values() for word in words.split(",")]
        different = {(key, normalise(word)) for key, words in table.items() for word in words.split(",")}
        assert len(different) == len(set(words))
        assert max(word.count(" ") + 1 for word in words) <= commands.LONGEST


def test_the_outcomes_are_those_of_the_record_each_with_its_digit() -> None:
    assert list(commands.OUTCOMES) == [outcome for outcome in Outcome if outcome != Outcome.ASIDE]
    for number, words in enumerate(commands.OUTCOMES.values(), start=1):
        assert words.startswith(f"{number}, ")


def test_a_command_shows_neither_words_nor_pin() -> None:
    assert "gone" not in repr(parse("note 4821 gone"))
    assert "482193" not in repr(parse("done 4821 1 482193"))
