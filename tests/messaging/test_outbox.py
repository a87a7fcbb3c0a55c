"""What becomes of messages that wait: taken back, held, released, reported on."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Choice, Delivery, SendError
from hotline.core.priority import Priority
from hotline.messaging import outbox, receipts
from hotline.messaging.contacts import SAFE_WINDOW
from hotline.messaging.pages import Page
from hotline.staff.directory import Duty
from hotline.staff.tables import OfficerAddress
from tests.journeys.world import World
from tests.support.sending import AMNA, REPORTER, TIP, rows, states

pytestmark = pytest.mark.usefixtures("asleep")


def test_pages_that_were_answered_meanwhile_are_not_sent(world: World) -> None:
    world.send(REPORTER, TIP)
    page = rows(world, public=False)[0]
    with world.transaction() as tx:
        report = world.report()
        world.engine.accept(tx, report.id, "somebody", world.now, via="console")
    world.worker_sleeps = False
    world.settle()
    assert world.air.heard[AMNA] == []
    assert [(row.state, row.reason) for row in rows(world) if row.id == page.id] == [("withdrawn", "answered")]


def test_whoever_wants_silence_gets_nothing_that_has_not_left(world: World) -> None:
    world.send(REPORTER, TIP)
    world.send("+923000000098", "salam")
    world.send(REPORTER, "STOP")
    world.worker_sleeps = False
    world.settle()
    assert world.air.heard[REPORTER] == []
    assert len(world.air.heard["+923000000098"]) == 1
    assert len(world.air.heard[AMNA]) == 1, "officers are told all the same"


def test_silence_takes_back_what_is_held_too(world: World) -> None:
    world.send(REPORTER, "salam")
    world.database.moment += SAFE_WINDOW + timedelta(seconds=1)
    world.post.deliver_one()
    assert states(world, public=True) == [("held", "late")]
    world.send(REPORTER, "STOP")
    assert states(world, public=True) == [("withdrawn", "left")]


def held(world: World) -> str:
    world.send(REPORTER, "salam")
    world.air.failures[REPORTER] = [SendError("timeout", retryable=True, unknown=True)]
    world.post.deliver_one()
    return rows(world, public=True)[0].id


def test_a_held_message_goes_when_a_person_releases_it_and_only_once(world: World) -> None:
    row = held(world)
    for expected in (True, False):
        with world.transaction() as tx:
            assert outbox.release(tx, row, world.now) is expected
    world.worker_sleeps = False
    world.settle()
    assert len(world.air.heard[REPORTER]) == 1
    with world.transaction() as tx:
        assert not outbox.release(tx, row, world.now), "what has left is not released again"


def test_a_held_message_that_was_discarded_never_goes(world: World) -> None:
    row = held(world)
    with world.transaction() as tx:
        assert outbox.discard(tx, row)
        assert not outbox.release(tx, row, world.now)
        assert not outbox.discard(tx, row)
    world.worker_sleeps = False
    world.settle()
    assert world.air.heard[REPORTER] == []


@pytest.mark.parametrize("unknown", ["", "nothing", "0" * 32])
def test_a_row_that_is_not_there_is_neither_released_nor_discarded(world: World, unknown: str) -> None:
    with world.transaction() as tx:
        assert not outbox.release(tx, unknown, world.now)
        assert not outbox.discard(tx, unknown)


def report_delivery(world: World, row_id: str, *said: str) -> None:
    for state in said:
        with world.transaction() as tx:
            receipts.delivered(tx, world.keys, Delivery(row_id, state, "30003"), world.now, world.engine.page_failed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (["sent"], "sent"),
        (["delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "failed"], "failed"),
        (["sent", "delivered", "delivered"], "delivered"),
    ],
)
def test_delivery_reports_move_a_row_forward_only(world: World, said: list[str], state: str) -> None:
    world.send(REPORTER, TIP)
    for _ in range(2):
        world.post.deliver_one()
    page = rows(world, public=False)[0]
    report_delivery(world, page.id, *said)
    assert states(world, public=False)[0][0] == state
    assert world.events("undeliverable") == (["undeliverable"] if state == "failed" else [])


def test_a_delivery_report_of_an_unknown_row_changes_nothing(world: World) -> None:
    world.send(REPORTER, TIP)
    before = [(row.id, row.state) for row in rows(world)]
    report_delivery(world, "0" * 32, "delivered", "failed")
    assert [(row.id, row.state) for row in rows(world)] == before


@pytest.mark.parametrize(("said", "state"), [("sent", "sent"), ("delivered", "delivered"), ("failed", "failed")])
def test_a_delivery_report_tells_the_fate_of_a_message_that_was_held_for_not_knowing_it(
    world: World, said: str, state: str
) -> None:
    row = held(world)
    report_delivery(world, row, said)
    assert [found[0] for found in states(world, public=True)] == [state]
    with world.transaction() as tx:
        assert not outbox.release(tx, row, world.now), "it would be told twice"


def test_a_delivery_report_does_not_release_what_was_held_for_being_late(world: World) -> None:
    world.send(REPORTER, "salam")
    world.database.moment += SAFE_WINDOW + timedelta(seconds=1)
    world.post.deliver_one()
    report_delivery(world, rows(world, public=True)[0].id, "sent", "delivered", "failed")
    assert states(world, public=True) == [("held", "late")]


def test_the_choices_of_a_page_reach_the_channel_with_its_text(world: World) -> None:
    choices = (Choice("Accept", "1 4821"), Choice("جی نہیں", "2 4821"))
    world.send(REPORTER, TIP)
    with world.transaction() as tx:
        amna = tx.scalars(
            sa.select(OfficerAddress.id).where(OfficerAddress.index == world.keys.index("sms", AMNA))
        ).one()
        box, page = world.box, tx.scalars(sa.select(Page.id)).one()
        for dedupe, offered in (("with", choices), ("without", ())):
            box.page(
                tx,
                (amna, "sms"),
                dedupe,
                page_id=page,
                dedupe=dedupe,
                now=world.now,
                priority=Priority.P1,
                choices=offered,
            )
    world.worker_sleeps = False
    world.settle()
    heard = {letter.text: letter.choices for letter in world.air.letters}
    assert heard["with"] == (("Accept", "1 4821"), ("جی نہیں", "2 4821"))
    assert heard["without"] == ()


def test_an_officer_is_told_on_every_address_once_for_each_occasion(world: World) -> None:
    addresses = (("first", "sms"), ("second", "whatsapp"), ("broken", "call"))
    officer = Duty("amna", "Amna", integrity=False, addresses=addresses)
    with world.transaction() as tx:
        world.box.tell(tx, officer, "told", "occasion", now=world.now, priority=Priority.P1, skip=("broken",))
    told = [(row.channel, row.address_id, row.page_id, row.dedupe) for row in world.rows()]
    assert sorted(told) == [
        ("sms", "first", None, "occasion:first"), ("whatsapp", "second", None, "occasion:second"),
    ]  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), world.transaction() as tx:
        world.box.tell(tx, officer, "told", "occasion", now=world.now, priority=Priority.P1)
