"""A conversation that listens: pieces, corrections, somebody else at the phone, and the way back after "not safe"."""

import pytest

from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.messaging import Safety
from hotline.reports import Pen
from tests.journeys.desk import contact, facts, kept, stands
from tests.journeys.phones import Phone
from tests.journeys.world import World

REVEALING = ("danger", "police", "15", "child", "خطر", "پولیس", "بچہ", "ٻار", "رپورٹ")


def heard(world: World, phone: Phone) -> list[str]:
    return world.air.heard[phone.number]


def quiet(phone: Phone) -> bool:
    """Tell whether all that arrived is the neutral line."""
    return all(line in NEUTRAL for line in phone.reads_all())


NEUTRAL = {translate(texts.NEUTRAL, language) for language in ("ur", "sd", "en")}


def pleads(world: World, phone: Phone, *then: str) -> None:
    phone.texts("bachao")
    for text in then:
        phone.texts(text)
    phone.reads_all()


def test_after_not_safe_the_way_back_stays_open_and_the_place_counts(world: World, reporter: Phone) -> None:
    pleads(world, reporter, "nahi wo sath hai")
    assert stands(world, reporter) == ""
    reporter.texts("mujhe dar lag raha hai wo ghoor raha hai")
    assert quiet(reporter)
    reporter.texts("ab chala gaya")
    assert stands(world, reporter) == "help/safe"
    reporter.reads_all()
    reporter.texts("lahore shahdara me hun ghar no 12")
    assert (world.report().circle, world.report().district) == ("lahore", "lahore")
    assert not any(word in message for message in heard(world, reporter) for word in REVEALING)
    assert contact(world, reporter).safety == Safety.PULL_ONLY
    assert len(world.reports()) == 1


def test_a_yes_after_a_no_asks_on_and_loosens_nothing(world: World, reporter: Phone) -> None:
    pleads(world, reporter, "nahi", "ab wo so gaya hai", "haan")
    assert stands(world, reporter) == "help/danger"
    assert contact(world, reporter).safety == Safety.PULL_ONLY


@pytest.mark.parametrize("text", ["hello", "menu", "kya", "2", "theek nahi", "ok?"])
def test_until_then_only_the_neutral_line_is_said(world: World, reporter: Phone, text: str) -> None:
    pleads(world, reporter, "nahi wo dekh raha hai")
    reporter.texts(text)
    assert quiet(reporter)
    assert stands(world, reporter) == ""


def test_what_comes_in_pieces_is_rated_together(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts("lahore me")
    for text in ("mere", "bhai ko", "pakar", "lia hai"):
        reporter.texts(text)
    assert world.report().priority == 1


def test_answers_to_questions_do_not_run_together(world: World, reporter: Phone) -> None:
    reporter.texts("Karachi me log bheek mangte hain")
    for text in ("2", "nahi", "ghar", "jane"):
        reporter.texts(text)
    assert world.report().priority > 1


def test_the_last_words_are_bounded_and_only_in_the_sealed_conversation(world: World, reporter: Phone) -> None:
    reporter.texts("kiln near Kasur " * 100)
    row = contact(world, reporter)
    assert row.session is not None
    assert b"kiln" not in row.session
    session = world.keys.open_session(row.session, row.id)
    assert session is not None
    assert len(session) < 3000
    pen = Pen("r", b"k" * 32, 1, {}, "the last words")
    assert Pen.load(pen.dump()) == pen
    old = Pen.load('["r", "a2V5", 1, {}]')  # of a release before
    assert old.said == ""


def test_an_urgent_tip_is_told_so_and_asked_where_and_when(world: World, reporter: Phone) -> None:
    reporter.texts("they will kill my neighbour tonight, she is locked in a room")
    reporter.expects("right now", "Where?")
    assert world.report().priority == 1
    reporter.texts("Kasur")
    assert stands(world, reporter) == "tip/when"
    reporter.texts("now")
    assert stands(world, reporter) == "tip/code"


def test_any_other_tip_is_asked_what_it_is(world: World, reporter: Phone) -> None:
    reporter.texts("something strange at a house near the canal")
    assert stands(world, reporter) == "tip/what"


def test_no_kasur_is_another_place(world: World, reporter: Phone) -> None:
    reporter.texts("something strange at a house near the canal")
    for text in ("1", "Karachi", "nahi, Kasur"):
        reporter.texts(text)
    assert stands(world, reporter) == "tip/when"
    assert world.report().district == "kasur"


@pytest.mark.parametrize("text", ["kaun hai ye", "who is this", "kis ka number hai", "یہ کون ہے", "هي ڪير آهي"])
def test_who_asks_whose_number_it_is_hears_one_neutral_line_and_hq_is_told(
    world: World, reporter: Phone, fatima: Phone, text: str
) -> None:
    pleads(world, reporter, "haan", "haan")
    fatima.reads_all()
    reporter.texts(text)
    assert quiet(reporter)
    assert fatima.unread() != []
    assert world.events("who_asked") == ["who_asked"]
    assert stands(world, reporter) == ""
    assert contact(world, reporter).safety == Safety.PULL_ONLY
    fatima.reads_all()
    reporter.texts(text)
    assert quiet(reporter)
    assert fatima.unread() == []  # told once


@pytest.mark.parametrize("text", ["what is this number for", "kya ye police ka number hai", "is this the FIA"])
@pytest.mark.parametrize("greeted", [False, True])
def test_a_question_on_a_phone_that_pleaded_is_not_told_who_we_are(
    world: World, reporter: Phone, text: str, greeted: bool
) -> None:
    pleads(world, reporter, "haan", "0")
    world.forward(hours=25)  # another conversation
    reporter.reads_all()
    if greeted:
        reporter.texts("salam")
    reporter.texts(text)
    assert reporter.unread() != []
    assert not any(name in line for line in reporter.reads_all() for name in ("FIA", "ایف آئی اے", "ايف آءِ اي"))
    stranger = world.phone("stranger", "+923000000098")
    stranger.texts("what is this number for")
    stranger.expects("FIA")


def test_a_stranger_who_asks_is_answered_as_before(world: World, reporter: Phone) -> None:
    reporter.texts("who is this")
    assert world.events("who_asked") == []


@pytest.mark.parametrize(
    "text", ["sorry galat number lag gaya", "غلط نمبر لگ گیا معاف کیجیے", "sorry, wrong number, my mistake"]
)
def test_a_wrong_number_in_a_sentence_after_a_plea_stops_everything(
    world: World, reporter: Phone, fatima: Phone, text: str
) -> None:
    pleads(world, reporter, "haan")
    fatima.reads_all()
    reporter.texts(text)
    assert reporter.unread() == []
    assert contact(world, reporter).safety == Safety.DURESS
    fatima.expects_page("P1")


def test_a_wrong_number_in_a_story_stops_nothing(world: World, reporter: Phone) -> None:
    pleads(world, reporter, "haan")
    reporter.texts("wo galat number se sorry keh kar phone karta hai aur dhamki deta hai ke maar dega")
    assert contact(world, reporter).safety != Safety.DURESS
    assert reporter.unread() != []


@pytest.mark.parametrize(
    "text",
    [
        "is number pe msg mat karna",
        "please ab message na karna wo dekh lega",
        "میسج مت کریں",
        "ميسيج نه ڪجو",
        "dont text me",
    ],
)
def test_who_wants_no_messages_gets_none(world: World, reporter: Phone, text: str) -> None:
    pleads(world, reporter, "haan")
    reporter.texts(text)
    assert reporter.unread() == []
    assert stands(world, reporter) == ""
    assert contact(world, reporter).safety == Safety.PULL_ONLY
    assert (None, text) in kept(world)
    assert len(world.reports()) == 1


def test_who_wants_no_messages_from_the_first_word_on_is_heard_in_silence(world: World, reporter: Phone) -> None:
    reporter.texts("mujhe bachao, is number pe msg mat karna")
    assert reporter.unread() == []
    assert world.report().kind == "help"


def test_what_waited_is_taken_back_when_somebody_asks(world: World, reporter: Phone) -> None:
    pleads(world, reporter, "haan")
    world.worker_sleeps = True
    reporter.texts("haan")
    world.forward(minutes=20)
    world.worker_sleeps = False
    world.settle()
    assert reporter.unread() == []
    reporter.texts("who is this")
    assert quiet(reporter)


def test_natural_answers_lead_through_a_plea(world: World, reporter: Phone) -> None:
    pleads(world, reporter, "abhi akeli hun", "haan wo mujhe marta hai", "lahore", "mere liye", "14 saal", "larki hun")
    assert facts(world, reporter) == {
        "safe": "yes",
        "danger": "yes",
        "person": "self",
        "age": "child",
        "gender": "female",
    }
    assert stands(world, reporter) == "help/situation"
