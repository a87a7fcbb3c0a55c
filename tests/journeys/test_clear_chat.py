"""Telegram lets us delete a chat on both sides: whoever takes the phone next finds nothing."""

from itertools import count

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound
from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow
from tests.journeys.desk import minute_passes, stands
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World

MENU = ("hello", "5", "1", "7")  # something else, rights and information, delete messages
BY_HAND = "Open this chat, choose all messages, then delete. Also delete the call list. What you sent stays with us."
PHONE, DATA = "1", "2"  # what is to be deleted

_ids = count(1)


@pytest.fixture
def nadia(world: World) -> Phone:
    """Her Telegram."""
    return world.phone("Nadia", "telegram:7078")


def writes(world: World, phone: Phone, *texts: str) -> list[str]:
    """She writes these; the names of her messages."""
    names = [str(next(_ids)) for _ in texts]
    for name, text in zip(names, texts, strict=True):
        world.intake.receive(
            Inbound("telegram", f"42:9:{name}", phone.address, text, language="en", message_id=name), world.now
        )
        world.settle()
    return names


def tells(world: World, phone: Phone) -> list[str]:
    """A tip, to the end of its conversation; her messages on the way."""
    names = writes(world, phone, CHILDREN)
    while stands(world, phone):
        names += writes(world, phone, "9")
    return names


def deletes(world: World, phone: Phone, what: str) -> list[str]:
    """She finds "Delete messages" under "Rights and information", and says what; her messages on the way."""
    names = writes(world, phone, *MENU, what)
    return names + writes(world, phone, "yes") if what == DATA else names


def ours(world: World) -> list[str]:
    """Names of all that reached her."""
    return [f"telegram-{letter.row}" for letter in world.gateway("telegram").letters]


@pytest.mark.parametrize("what", [PHONE, DATA])
def test_nothing_is_left_of_it_and_nothing_is_said(world: World, nadia: Phone, what: str) -> None:
    hers = tells(world, nadia)
    hers += deletes(world, nadia, what)
    assert sorted(world.gateway("telegram").deleted[nadia.address]) == sorted(hers + ours(world))
    assert world.gateway("telegram").letters[-1].text.endswith("1 Yes\n2 No" if what == DATA else "go back")
    assert world.written() == [CHILDREN]


def test_what_telegram_deletes_no_more_is_left_to_her(world: World, nadia: Phone) -> None:
    writes(world, nadia, *MENU[:1])
    early = ours(world)
    world.forward(hours=48)
    hers = deletes(world, nadia, PHONE)
    gone = world.gateway("telegram").deleted[nadia.address]
    lately = [name for name in ours(world)[:-1] if name not in early]
    assert sorted(gone) == sorted(hers + lately)
    assert world.gateway("telegram").letters[-1].text == BY_HAND


def test_what_she_wrote_yesterday_goes_too(world: World, nadia: Phone) -> None:
    hers = writes(world, nadia, CHILDREN)
    world.forward(hours=25)
    hers += deletes(world, nadia, PHONE)
    assert sorted(world.gateway("telegram").deleted[nadia.address]) == sorted(hers + ours(world))
    assert world.gateway("telegram").letters[-1].text != BY_HAND


def test_an_answer_that_may_stand_there_without_a_name_is_left_to_her(world: World, nadia: Phone) -> None:
    world.gateway("telegram").loses_answers(nadia.address)
    tells(world, nadia)
    deletes(world, nadia, PHONE)
    assert world.gateway("telegram").letters[-1].text == BY_HAND


def test_an_answer_that_has_not_left_does_not_arrive_in_the_empty_chat(world: World, nadia: Phone) -> None:
    world.gateway("telegram")
    world.worker_sleeps = True
    tells(world, nadia)
    deletes(world, nadia, PHONE)
    world.worker_sleeps = False
    world.settle()
    assert world.gateway("telegram").letters == []


@pytest.mark.parametrize("then", ["X", "again", DATA])
def test_what_was_to_be_deleted_while_telegram_was_away_is_deleted_after_all(
    world: World, nadia: Phone, then: str
) -> None:
    hers = tells(world, nadia)
    world.gateway("telegram").is_down()
    hers += deletes(world, nadia, PHONE)
    if then == "X":
        writes(world, nadia, "X")
    else:
        deletes(world, nadia, PHONE if then == "again" else DATA)
    world.gateway("telegram").works()
    world.forward(minutes=5)
    assert set(world.gateway("telegram").deleted[nadia.address]) >= set(hers)


def test_what_comes_later_is_a_chat_of_its_own(world: World, nadia: Phone) -> None:
    deletes(world, nadia, PHONE)
    before = list(world.gateway("telegram").deleted[nadia.address])
    hers = deletes(world, nadia, PHONE)
    again = world.gateway("telegram").deleted[nadia.address][len(before) :]
    assert set(again) >= set(hers)
    assert not set(again) & set(before) - set(ours(world))


def test_a_code_that_is_unknown_is_deleted_too(world: World, nadia: Phone) -> None:
    hers = writes(world, nadia, "1234567890") + deletes(world, nadia, PHONE)
    assert set(world.gateway("telegram").deleted[nadia.address]) >= set(hers)


def test_who_was_forgotten_leaves_no_name_of_a_message(world: World, nadia: Phone) -> None:
    writes(world, nadia, *MENU[:1])
    deletes(world, nadia, DATA)
    world.forward(days=1)
    minute_passes(world)
    with world.transaction() as tx:
        assert tx.scalars(sa.select(Contact)).all() == []
        assert tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.contact_id.is_not(None))).all() == []


def test_by_sms_we_can_delete_nothing_and_say_how_she_can(world: World) -> None:
    sms = world.phone("Nadia", "+923000000078")
    for text in (*MENU, PHONE):
        sms.texts(text)
    assert world.air.heard[sms.address][-1] == translate(BY_HAND, "ur")
    assert not world.air.deleted


@pytest.mark.parametrize("what", [PHONE, DATA])
def test_whoever_holds_the_phone_deletes_nothing_without_her_word(world: World, nadia: Phone, what: str) -> None:
    writes(world, nadia, CHILDREN)
    with world.transaction() as tx:
        tx.scalars(sa.select(Contact)).one().check_word = b"w" * 16
    world.forward(hours=25)
    writes(world, nadia, *MENU, what, "yes please delete it all right now ok")
    assert nadia.address not in world.gateway("telegram").deleted
    assert world.gateway("telegram").letters[-1].text in (texts.CHECK_WORD, texts.NEUTRAL)
    with world.transaction() as tx:
        her = tx.scalars(sa.select(Contact)).one()
        assert (her.check_word, her.erased_at) == (b"w" * 16, None)
