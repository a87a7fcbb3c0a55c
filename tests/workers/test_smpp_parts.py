"""Long texts by SMPP: joined in whatever order their parts come, and never lost for one that is missing."""

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound
from hotline.channels.smpp.pdu import NOT_NOW
from hotline.intake.receive import Intake
from hotline.intake.sms_parts import PartRow
from hotline.messaging.inbox import InboundRow
from tests.journeys.told import NOWHERE
from tests.journeys.world import World
from tests.servers import START_SECONDS, wait_until
from tests.smsc import Smsc, smsc
from tests.smsc.process import POISON, Held, bound

URDU = "لاہور میں اینٹوں کے بھٹے پر بچوں سے کام لیا جا رہا ہے، مالک کا نام اسلم ہے۔ " * 4
UDHI = 0x40
OK = 0


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """The operator's message centre."""
    with smsc() as running:
        yield running


def count(world: World, table: type[InboundRow] | type[PartRow]) -> int:
    """Rows of a table."""
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def part(reference: int, total: int, number: int, text: str) -> bytes:
    """A part with an 8-bit reference, in UCS-2."""
    return bytes([5, 0, 3, reference, total, number]) + text.encode("utf-16-be", "surrogatepass")


def test_parts_are_joined_out_of_order_and_leave_nothing_readable(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        for number in (3, 1, 2):
            assert centre.delivers(part(7, 3, number, URDU[(number - 1) * 60 : number * 60]), 8, esm_class=UDHI) == OK
        wait_until(world.reports, "the report")
    assert world.written() == [URDU[:180]]
    with world.database.reading() as tx:
        assert {bytes(row.body) for row in tx.scalars(sa.select(PartRow))} == {b""}


def test_a_letter_torn_between_two_parts_is_whole_again(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert centre.delivers(part(7, 2, 2, "\ude4f people"), 8, esm_class=UDHI) == OK
        assert centre.delivers(part(7, 2, 1, "They keep \ud83d"), 8, esm_class=UDHI) == OK
        wait_until(world.reports, "the report")
    assert world.written() == ["They keep 🙏 people"]


@pytest.mark.parametrize("how", ["sixteen bits", "sar"])
def test_other_ways_to_number_parts(world: World, centre: Smsc, how: str) -> None:
    with bound(world, centre):
        for number, text in ((2, "in the cellar"), (1, "Ten people work ")):
            if how == "sar":
                sar = {"sar_msg_ref_num": 700, "sar_total_segments": 2, "sar_segment_seqnum": number}
                assert centre.texts(text, **sar) == OK
            else:
                octets = bytes([6, 8, 4, 1, 2, 2, number]) + text.encode("utf-16-be")
                assert centre.delivers(octets, 8, esm_class=UDHI) == OK
        wait_until(world.reports, "the report")
    assert world.written() == [NOWHERE]


def test_a_missing_part_is_waited_for_a_minute_and_then_marked_even_by_another_process(
    world: World, centre: Smsc
) -> None:
    with bound(world, centre) as process:
        assert centre.delivers(part(7, 3, 1, "Ten people work "), 8, esm_class=UDHI) == OK
        assert centre.delivers(part(7, 3, 3, "in the cellar"), 8, esm_class=UDHI) == OK
        process.tick()
        assert world.reports() == []
    world.forward(seconds=61)
    with bound(world, centre) as process:
        process.tick()
        assert world.written() == ["Ten people work  […] in the cellar"]
        assert centre.delivers(part(7, 3, 2, "from Peshawar "), 8, esm_class=UDHI) == OK
        world.forward(seconds=61)
        process.tick()
    assert world.written()[1:] == [" […] from Peshawar  […] "]


def test_a_part_that_comes_again_is_no_part_of_another_text(world: World, centre: Smsc) -> None:
    with bound(world, centre) as process:
        for number, text in ((1, "Ten people work "), (2, "in the cellar"), (2, "in the cellar")):
            assert centre.delivers(part(7, 2, number, text), 8, esm_class=UDHI) == OK
        world.forward(seconds=61)
        process.tick()
    assert world.written() == [NOWHERE]


def test_a_reference_that_comes_round_again_is_another_text(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        for text in ("Ten people work ", "Now they keep twenty "):
            for number, words in ((1, text), (2, f"in the cellar of {text[:4]}")):
                assert centre.delivers(part(7, 2, number, words), 8, esm_class=UDHI) == OK
        wait_until(lambda: count(world, InboundRow) == 2, "both texts")
    assert world.written() == [
        "Ten people work in the cellar of Ten ",
        "Now they keep twenty in the cellar of Now ",
    ]


def test_a_part_that_was_tampered_with_is_a_missing_one(world: World, centre: Smsc) -> None:
    with bound(world, centre) as process:
        assert centre.delivers(part(7, 3, 1, "Ten people work "), 8, esm_class=UDHI) == OK
        assert centre.delivers(part(7, 3, 2, "in the cellar"), 8, esm_class=UDHI) == OK
        with world.transaction() as tx:
            changed = tx.scalars(sa.select(PartRow).where(PartRow.number == 2)).one()
            changed.body = changed.body[:-1] + bytes([changed.body[-1] ^ 1])
        world.forward(seconds=61)
        process.tick()
    assert world.written() == ["Ten people work  […] "]


def test_a_part_that_cannot_be_stored_stays_with_the_operator(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        world.database.away = True
        assert centre.delivers(part(7, 2, 1, "They keep "), 8, esm_class=UDHI) == NOT_NOW
        world.database.away = False
        assert centre.delivers(part(7, 2, 1, "They keep "), 8, esm_class=UDHI) == OK
    assert count(world, PartRow) == 1


class Slow(Held):
    """The way in, whose word that all is stored comes late."""

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """As the intake does, and then it waits."""
        new = Intake.receive(self, inbound, now)
        self.came.release()
        assert self.open.wait(START_SECONDS)
        return new


def test_a_part_that_comes_while_its_text_is_joined_is_not_lost(world: World, centre: Smsc) -> None:
    way = Slow.of(world.intake)
    with bound(world, centre, way) as process:
        assert centre.delivers(part(7, 2, 1, "Ten people work "), 8, esm_class=UDHI) == OK
        world.forward(seconds=61)
        joining = threading.Thread(target=process.tick)
        joining.start()
        assert way.came.acquire(timeout=START_SECONDS)
        assert centre.delivers(part(7, 2, 2, "in the cellar"), 8, esm_class=UDHI) == OK
        way.open.set()
        joining.join()
    assert world.written() == ["Ten people work  […] ", "Ten people work in the cellar"]


def test_a_long_text_that_brings_the_intake_down_holds_up_no_other_and_ends_nothing(
    world: World, centre: Smsc, caplog: pytest.LogCaptureFixture
) -> None:
    way = Held.of(world.intake)
    way.open.set()
    with bound(world, centre, way) as process:
        for reference, text in ((7, POISON), (8, NOWHERE)):
            halves = text[: len(text) // 2], text[len(text) // 2 :]
            for number, words in enumerate(halves, start=1):
                assert centre.delivers(part(reference, 2, number, words), 8, esm_class=UDHI) == OK
        process.tick()
        assert world.written() == [NOWHERE]
    assert "not joined yet" in caplog.text
    assert POISON not in caplog.text
