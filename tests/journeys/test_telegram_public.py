"""What Telegram has beside messages: links from posters, and messages that are changed afterwards."""

from itertools import count
from typing import Any

import pytest

from hotline.channels.contract import Inbound
from hotline.conversation import texts
from hotline.core.i18n import translate
from tests.journeys.desk import kept, stands
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World

pytestmark = pytest.mark.one_database

ADDED = translate(texts.ADDED, "ur")
_ids = count(1)


def arrives(world: World, phone: Phone, text: str, **more: Any) -> None:
    """An update with more than words."""
    world.intake.receive(Inbound("telegram", f"42:{next(_ids)}", phone.address, text, **more), world.now)
    world.settle()


def test_a_report_says_which_poster_led_to_it(world: World) -> None:
    phone = world.phone("thumb", "telegram:7009")
    arrives(world, phone, "", campaign="lahore24")
    phone.expects("1 ")
    assert world.reports() == []
    phone.texts(CHILDREN)
    assert (world.report().campaign, world.written()) == ("lahore24", [CHILDREN])


def test_who_came_without_a_link_belongs_to_no_campaign(world: World) -> None:
    world.phone("thumb", "telegram:7009").texts(CHILDREN)
    assert world.report().campaign is None


def test_a_changed_message_is_kept_and_does_not_answer_the_question_of_now(world: World) -> None:
    phone = world.phone("thumb", "telegram:7009")
    phone.texts(CHILDREN)
    question = phone.expects("1 ").partition("\n")[2]
    arrives(world, phone, "2", edited=True)
    assert phone.expects(ADDED).endswith(question)
    assert world.report().category is None
    assert [text for _, text in kept(world)] == [CHILDREN, "2"]
    phone.presses("1")
    assert world.report().category == "forced_labour"


def test_a_changed_message_after_the_conversation_is_one_more_word(world: World) -> None:
    phone = world.phone("thumb", "telegram:7009")
    phone.texts(CHILDREN)
    while stands(world, phone):
        phone.texts("9")
    arrives(world, phone, CHILDREN + "!", edited=True)
    assert world.written()[-1] == CHILDREN + "!"
    assert len(world.reports()) == 1


def test_a_changed_first_message_is_a_tip(world: World) -> None:
    phone = world.phone("thumb", "telegram:7009")
    arrives(world, phone, CHILDREN, edited=True)
    phone.expects("1 ")
    assert world.written() == [CHILDREN]
