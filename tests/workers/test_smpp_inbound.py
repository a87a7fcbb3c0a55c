"""What an SMSC delivers is committed before it is answered, and counted once however often it comes."""

import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound, Screen
from hotline.channels.smpp.link import Link
from hotline.channels.smpp.pdu import NOT_NOW, Deliver, Packet, SmppAddress
from hotline.messaging.contacts import Contact
from hotline.messaging.inbox import InboundRow
from tests.journeys.told import CHILDREN, NOWHERE
from tests.journeys.world import World
from tests.servers import START_SECONDS, wait_until
from tests.smsc import CODE, Smsc, smsc
from tests.smsc.process import Held, bound, made
from workers.smpp import Smpp

URDU = "لاہور میں اینٹوں کے بھٹے پر بچوں سے کام لیا جا رہا ہے، مالک کا نام اسلم ہے۔ " * 4
UDHI = 0x40
OK = 0


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """The operator's message centre."""
    with smsc() as running:
        yield running


def count(world: World, table: type[InboundRow] | type[Contact]) -> int:
    """Rows of a table."""
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_text_becomes_a_report_before_it_is_answered(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert centre.texts(CHILDREN) == OK
        assert world.written() == [CHILDREN]
        assert (world.report().channel, world.report().circle) == ("sms", "lahore")


def test_four_spellings_of_a_number_are_one_person(world: World, centre: Smsc) -> None:
    spellings = [
        ("923000000078", 1),
        ("03000000078", 0),
        ("+923000000078", 0),
        ("00923000000078", 0),
        ("3000000078", 2),
    ]
    with bound(world, centre):
        for number, (written, ton) in enumerate(spellings):
            assert centre.texts(f"{NOWHERE} {number}", source_addr=written, source_addr_ton=ton) == OK
    assert count(world, Contact) == 1
    assert len(world.reports()) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("octets", "coding", "kept"),
    [
        (b"They keep ten people \x1b\x28in\x1b\x29 the cellar", 0, "They keep ten people {in} the cellar"),
        (b"They keep ten people, caf\xe9 cellar", 3, "They keep ten people, café cellar"),
        ("They keep 🙏 people".encode("utf-16-be"), 8, "They keep 🙏 people"),
        (b"\xd8\x3d" + "They keep ten people".encode("utf-16-be"), 8, "\ufffdThey keep ten people"),
        ("They keep ten people".encode("utf-16-be") + b"\xd8", 8, "They keep ten people\ufffd"),
        ("\u202eThey keep ten people\u202c".encode("utf-16-be"), 8, "\u202eThey keep ten people\u202c"),
        ("They\0 keep ten people".encode("utf-16-be"), 8, "They keep ten people"),
    ],
)
def test_what_a_phone_sends_is_kept_as_it_can_be_read(
    world: World, centre: Smsc, octets: bytes, coding: int, kept: str
) -> None:
    with bound(world, centre):
        assert centre.delivers(octets, coding) == OK
    assert world.written() == [kept]


def test_urdu_in_its_own_shift_table_is_read(world: World, centre: Smsc) -> None:
    header = bytes([3, 0x25, 1, 13])
    text = bytes.fromhex("4d00565325 20 4e5950 20 4d534a 20 024f1a 20 565950")
    with bound(world, centre):
        assert centre.delivers(header + text, esm_class=UDHI) == OK
    assert world.written() == ["لاہور میں لوگ بند ہیں"]


def test_a_long_text_in_a_payload_is_one_message(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert centre.delivers(b"", 8, message_payload=URDU.encode("utf-16-be").hex()) == OK
    assert world.written() == [URDU]


def test_no_number_and_no_text_is_logged(world: World, centre: Smsc, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with bound(world, centre):
        assert centre.texts(NOWHERE) == OK
        world.database.away = True
        assert centre.texts(CHILDREN) == NOT_NOW
        world.database.away = False
        assert centre.reports("deadbeef", "WEIRDLY") == OK
        centre.tell("cut")
        centre.expect("bound", times=2)
    assert "not stored" in caplog.text
    assert [word for word in ("3000000078", "cellar", CHILDREN[:4], "deadbeef") if word in caplog.text] == []


def test_what_cannot_be_stored_stays_with_the_operator_and_counts_once_when_it_comes_again(
    world: World, centre: Smsc
) -> None:
    with bound(world, centre):
        world.database.away = True
        assert centre.texts(CHILDREN) == NOT_NOW
        world.database.away = False
        assert centre.texts(CHILDREN) == OK
    assert world.written() == [CHILDREN]


def test_an_answer_lost_with_the_connection_makes_no_second_message(world: World, centre: Smsc) -> None:
    way = Held.of(world.intake)
    with bound(world, centre, way):
        centre.hands_over(CHILDREN.encode("utf-16-be"), 8)
        assert way.came.acquire(timeout=START_SECONDS)
        centre.tell("cut")
        centre.expect("closed")
        way.open.set()
        centre.expect("bound", times=2)
        assert centre.texts(CHILDREN) == OK
        assert count(world, InboundRow) == 1
        assert world.written() == [CHILDREN]


def test_the_same_answer_to_two_questions_is_two_messages(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert [centre.texts(CHILDREN), centre.texts("1"), centre.texts("1")] == [OK, OK, OK]
    assert count(world, InboundRow) == 3


def test_a_text_whose_answer_has_arrived_is_another_one_after_a_cut(world: World, centre: Smsc) -> None:
    with bound(world, centre, enquire=0.1) as process:
        assert centre.texts("1") == OK
        link = process.bind._link
        assert link is not None
        before = link.confirmed
        wait_until(lambda: link.confirmed > before + 0.6, "two questions answered")
        centre.tell("cut")
        centre.expect("bound", times=2)
        assert centre.texts("1") == OK
    assert count(world, InboundRow) == 2


def test_what_comes_again_after_a_restart_counts_once_and_minutes_later_again(world: World, centre: Smsc) -> None:
    for _ in range(2):
        with bound(world, centre):
            assert centre.texts(CHILDREN) == OK
    assert count(world, InboundRow) == 1
    world.forward(minutes=4)
    with bound(world, centre):
        assert centre.texts(CHILDREN) == OK
    assert count(world, InboundRow) == 2


def test_a_text_delivered_on_twenty_binds_at_one_moment_counts_once(world: World) -> None:
    processes = [made(world, 1) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(delivered, processes))
    assert (answers, count(world, InboundRow)) == ([OK] * 20, 1)
    assert world.written() == [CHILDREN]


def test_a_burst_that_is_cut_is_neither_lost_nor_doubled(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        centre.tell("flood", count=60, window=10, text=NOWHERE)
        wait_until(lambda: count(world, InboundRow) > 10, "the first of them")
        centre.tell("cut")
        centre.expect("flooded")
    assert (count(world, InboundRow), count(world, Contact)) == (60, 60)


def delivered(process: Smpp) -> int:
    """Hand the same text to a process as if it came on a connection of its own; the status that it answers."""
    answers: queue.Queue[int] = queue.Queue()
    link = cast("Link", SimpleNamespace(confirmed=0.0, answer=lambda _packet, status=OK: answers.put(status)))
    phone = SmppAddress(1, 1, "923000000078")
    deliver = Deliver(phone, SmppAddress(3, 0, CODE), 0, 8, CHILDREN.encode("utf-16-be"))
    process.door.heard(link, Packet("deliver_sm", 0, 1, deliver=deliver))
    return answers.get(timeout=START_SECONDS)


def test_a_hop_of_ussd_is_answered_with_a_screen(world: World, centre: Smsc) -> None:
    with bound(world, centre, Screens.of(world.intake)):
        assert centre.delivers(b"*8398#", ussd_service_op=1, its_session_info="2a00") == OK
        first = centre.expect("submitted")
        assert centre.delivers(b"1", ussd_service_op=18, its_session_info="2a02") == OK
        last = centre.expect("submitted", times=2)
    assert (first["operation"], first["session"], first["coding"], first["text"]) == (2, "2a00", 0, "1 Madad")
    assert (first["to"], first["sender"], first["service"]) == ("923000000078", "8398", "USSD")
    assert (last["operation"], last["session"], last["coding"], last["text"]) == (17, "2a03", 8, "شکریہ")


def test_a_tip_by_ussd_over_the_bind_is_a_report(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert centre.delivers(b"*8398#", ussd_service_op=1, its_session_info="2a00") == OK
        menu = centre.expect("submitted")
        assert centre.delivers(b"1", ussd_service_op=18, its_session_info="2a02") == OK
        asked = centre.expect("submitted", times=2)
        assert centre.delivers(b"1", ussd_service_op=18, its_session_info="2a04") == OK
        centre.expect("submitted", times=3)
    assert (menu["operation"], asked["operation"], menu["coding"]) == (2, 2, 0)
    assert "\n1 " in menu["text"]
    assert menu["text"] != asked["text"]
    assert (world.report().channel, world.report().category) == ("ussd", "forced_labour")


@dataclass(frozen=True)
class Screens(Held):
    """A stand-in for the intake's screens: a menu in Latin letters, then a thank you that needs UCS-2."""

    begun: list[str] = field(default_factory=list)

    def show(self, inbound: Inbound, now: datetime) -> Screen:
        """The screen of each hop; the second one belongs to the first one's session."""
        assert inbound.channel == "ussd"
        assert inbound.hop is not None
        if inbound.hop.kind == "begin":
            self.begun.append(inbound.hop.session)
            return Screen("1 Madad", goes_on=True)
        assert (inbound.hop.kind, inbound.hop.session, inbound.text) == ("answer", self.begun[-1], "1")
        return Screen("شکریہ", goes_on=False)
