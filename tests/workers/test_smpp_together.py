"""Texts that wait one behind the other share a transaction, and each is answered for itself."""

from collections.abc import Iterator, Sequence

import pytest

from hotline.channels.smpp.pdu import NOT_NOW
from tests.journeys.desk import told
from tests.journeys.told import CHILDREN, NOWHERE
from tests.journeys.world import World
from tests.servers import START_SECONDS
from tests.smsc import Smsc, smsc
from tests.smsc.process import POISON, Held, bound

OK = 0
PEOPLE = [f"923000009{number:03d}" for number in range(4)]


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """The operator's message centre."""
    with smsc() as running:
        yield running


def sent_at_once(centre: Smsc, way: Held, texts: Sequence[tuple[str, str]]) -> list[int]:
    """The answers to texts, given with their senders, that all wait while the first is being taken in."""
    tags = [centre.hands_over(text.encode("utf-16-be"), 8, source_addr=sender) for sender, text in texts]
    assert way.came.acquire(timeout=START_SECONDS)
    centre.expect("obeyed", times=len(tags))
    way.open.set()
    return [centre.expect("answered", tag=tag)["status"] for tag in tags]


def test_what_waits_shares_a_transaction_and_a_senders_texts_stay_in_order(world: World, centre: Smsc) -> None:
    way, (first, second, third) = Held.of(world.intake), PEOPLE[:3]
    with bound(world, centre, way):
        texts = [(first, CHILDREN), (second, "1"), (third, CHILDREN), (second, NOWHERE), (second, "1")]
        assert sent_at_once(centre, way, texts) == [OK] * 5
    assert [len(texts) for texts in way.together] == [2], "who writes twice has a transaction each"
    assert told(world) == sorted([CHILDREN, CHILDREN, NOWHERE])


def test_one_that_cannot_be_stored_holds_up_none_of_those_it_waited_with(world: World, centre: Smsc) -> None:
    way = Held.of(world.intake)
    with bound(world, centre, way):
        texts = [CHILDREN, NOWHERE, POISON, CHILDREN]
        answers = sent_at_once(centre, way, list(zip(PEOPLE, texts, strict=True)))
        assert answers == [OK, OK, NOT_NOW, OK]
    assert way.together == [texts[1:]]
    assert told(world) == sorted([CHILDREN, NOWHERE, CHILDREN])
