"""Buttons of the public's questions, which a thumb finds again long after; and WhatsApp's window, which closes."""

import pytest

from hotline.channels.contract import MARK
from hotline.conversation.hours import Hours
from hotline.core.localtime import LOCAL
from hotline.messaging import safe_contact
from hotline.messaging.outbox import CLOSED, OutboxState
from tests.journeys.desk import contact, minute_passes, rows
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World

pytestmark = pytest.mark.one_database

PLEA = "مدد"


@pytest.fixture(params=["telegram:7009", "whatsapp:+923000000099"])
def thumb(world: World, request: pytest.FixtureRequest) -> Phone:
    """Somebody of the public on a channel with buttons."""
    return world.phone("thumb", request.param)


def buttons(phone: Phone) -> list[tuple[str, str]]:
    """Those under the last message expected."""
    return list(phone.network.buttons(phone.number, phone.read - 1))


def test_a_question_has_its_options_as_buttons_and_a_pressed_one_answers_it(world: World, thumb: Phone) -> None:
    thumb.texts(CHILDREN)
    thumb.expects("1 ")
    labels = [label for label, _ in buttons(thumb)]
    assert len(labels) > 3
    assert all(MARK in answer for _, answer in buttons(thumb))
    thumb.presses("2")
    thumb.expects("")
    assert world.report().category == "begging"


def test_a_button_of_an_earlier_question_brings_todays_question_again(world: World, thumb: Phone) -> None:
    thumb.texts(CHILDREN)
    thumb.expects("1 ")
    old = buttons(thumb)[0][1]
    thumb.presses("2")
    question = thumb.expects("")
    thumb.texts(old)
    assert thumb.expects("") == question
    assert world.report().category == "begging"


def test_yesterdays_yes_does_not_say_that_it_is_safe_today(world: World, thumb: Phone) -> None:
    thumb.texts(PLEA)
    thumb.expects("1 ")
    safe = buttons(thumb)[0][1]
    world.forward(hours=25)
    thumb.texts(PLEA)
    question = thumb.expects("1 ")
    thumb.texts(safe)
    assert thumb.expects("1 ") == question
    thumb.presses("1")
    assert thumb.expects("") != question


def test_a_button_after_the_conversation_is_over_is_no_tip(world: World, thumb: Phone) -> None:
    thumb.texts("hello")
    thumb.expects("1 ")
    old = buttons(thumb)[0][1]
    world.forward(hours=25)
    thumb.texts(old)
    thumb.expects("1 ")
    assert world.reports() == []


def test_a_typed_number_answers_as_before(world: World, thumb: Phone) -> None:
    thumb.texts(CHILDREN)
    thumb.expects("1 ")
    thumb.texts("2")
    assert world.report().category == "begging"


def test_an_sms_has_no_buttons_and_what_looks_like_one_is_words(world: World, reporter: Phone) -> None:
    reporter.texts(CHILDREN)
    reporter.expects("1 ")
    assert buttons(reporter) == []
    reporter.texts("1~3f9a61c2")
    assert world.report().category != "forced_labour"


@pytest.fixture
def sana(world: World) -> Phone:
    """Somebody on WhatsApp who wrote a day and some hours ago, and has said when it is safe to write to her."""
    sana = world.phone("sana", "whatsapp:+923000000098")
    sana.texts(CHILDREN)
    sana.reads_all()
    world.forward(hours=24)
    with world.transaction() as tx:
        safe_contact.tighten_hours(tx.merge(contact(world, sana)), Hours(9 * 60, 21 * 60))
    assert minute_of(world) == 10 * 60
    return sana


def minute_of(world: World) -> int:
    local = world.now.astimezone(LOCAL)
    return local.hour * 60 + local.minute


def says(world: World, phone: Phone, text: str) -> None:
    """The hotline has something to say, long after she wrote."""
    with world.transaction() as tx:
        world.box.reply(tx, contact(world, phone), text, dedupe=text, now=world.now)
    world.settle()
    world.forward(seconds=1)


def test_what_whatsapp_lets_not_pass_waits_and_a_neutral_word_says_that_there_is_something(
    world: World, sana: Phone
) -> None:
    world.gateway("whatsapp").shuts(sana.address)
    says(world, sana, "first")
    says(world, sana, "second")
    assert sana.reads_all() == [""]  # one for both, and the channel's own words
    states = [(row.state, row.reason) for row in rows(world, sana)]
    assert states.count((OutboxState.HELD, CLOSED)) == 2
    minute_passes(world)
    assert sana.unread() == []
    world.gateway("whatsapp").works()
    sana.texts("hello")
    assert sana.reads_all()[:2] == ["first", "second"]


def test_a_window_that_is_found_shut_later_is_the_same(world: World, sana: Phone) -> None:
    world.gateway("whatsapp").shuts(sana.address, says_so_later=True)
    says(world, sana, "first")
    assert sana.reads_all() == [""]
    world.gateway("whatsapp").works()
    sana.texts("hello")
    assert sana.reads_all()[0] == "first"


def test_outside_of_the_safe_hours_nothing_is_sent_at_all(world: World, sana: Phone) -> None:
    world.forward(hours=11, minutes=30)
    world.gateway("whatsapp").shuts(sana.address)
    says(world, sana, "first")
    assert sana.unread() == []
