"""An officer's next channel starts when the one before it fails or owes its receipt for too long."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Delivery, SendError
from hotline.messaging import outbox, receipts
from hotline.messaging.outbox import OutboxRow, OutboxState
from hotline.staff.tables import OfficerAddress
from tests.journeys.world import World
from tests.support.sending import AMNA, REPORTER, TIP, rows

pytestmark = pytest.mark.usefixtures("asleep")


def report_delivery(world: World, row_id: str, *said: str) -> None:
    for state in said:
        with world.transaction() as tx:
            receipts.delivered(tx, world.keys, Delivery(row_id, state, "30003"), world.now, world.engine.page_failed)  # type: ignore[arg-type]


def paged_by(world: World, **after: float) -> str:
    """A report whose page rings by several channels of Amna's, each so many seconds from now; returns the page's id."""
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.index == world.keys.index("sms", AMNA))).one()
        for channel in after:
            if channel == "sms":
                continue
            other = OfficerAddress(id=channel, officer_id=amna.officer_id, channel=channel, index=channel.encode())
            other.address = world.keys.seal_for("worker", f"{channel}-amna".encode(), f"officer {channel} {channel}")
            tx.add(other)
    for channel in after:
        world.gateway(channel)
    world.send(REPORTER, TIP)
    with world.transaction() as tx:
        for row in tx.scalars(sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None))):
            if row.channel not in after:
                outbox.stop(row, outbox.OutboxState.WITHDRAWN, "left")
                continue
            row.not_before = world.now + timedelta(seconds=after[row.channel])
            page = row.page_id
    assert page is not None
    return page


def rings(world: World) -> dict[str, tuple[str, float]]:
    """State of each channel's page, and in how many seconds it rings."""
    return {row.channel: (row.state, (row.not_before - world.now).total_seconds()) for row in rows(world, public=False)}


def test_the_next_channel_is_brought_forward_and_those_after_it_keep_their_distance(world: World) -> None:
    page = paged_by(world, telegram=0, sms=60, call=120)
    with world.transaction() as tx:
        assert not outbox.bring_forward(tx, page, world.now), "one is about to ring by itself"
    while world.post.deliver_one():
        pass
    world.database.moment += timedelta(seconds=10)
    for expected in (True, False):
        with world.transaction() as tx:
            assert outbox.bring_forward(tx, page, world.now) is expected
    assert rings(world) == {"telegram": ("sent", -10), "sms": ("queued", 0), "call": ("queued", 60)}
    assert world.events("next_channel") == ["next_channel"]


@pytest.mark.parametrize(("channel", "within"), [("sms", 60), ("whatsapp", 60), ("call", 45)])
def test_a_page_without_a_receipt_in_time_starts_the_next_channel(world: World, channel: str, within: int) -> None:
    paged_by(world, **{channel: 0, "telegram": 900})
    while world.post.deliver_one():
        pass
    world.database.moment += timedelta(seconds=within - 1)
    world.post.recover()
    assert rings(world)["telegram"] == ("queued", 900 - within + 1)
    world.database.moment += timedelta(seconds=1)
    world.post.recover()
    world.post.recover()
    assert rings(world)["telegram"] == ("queued", 0)
    assert world.events("no_receipt", "next_channel") == ["no_receipt", "next_channel"]


def test_a_page_with_a_receipt_starts_no_other_channel(world: World) -> None:
    paged_by(world, sms=0, telegram=900)
    for _ in range(2):
        world.post.deliver_one()
    sent = next(row for row in rows(world, public=False) if row.channel == "sms")
    report_delivery(world, sent.id, "sent", "delivered")
    world.database.moment += timedelta(minutes=10)
    world.post.recover()
    assert rings(world)["telegram"] == ("queued", 300)


def test_telegram_gives_no_receipts_and_none_is_waited_for(world: World) -> None:
    paged_by(world, telegram=0, sms=900)
    while world.post.deliver_one():
        pass
    world.database.moment += timedelta(minutes=10)
    world.post.recover()
    assert rings(world)["sms"] == ("queued", 300)


@pytest.mark.parametrize("error", [SendError("503", retryable=True), SendError("21610", retryable=False)])
def test_a_send_that_fails_starts_the_next_channel_at_once(world: World, error: SendError) -> None:
    paged_by(world, telegram=0, sms=60, call=120)
    world.gateway("telegram").failures["telegram-amna"] = [error]
    for _ in range(2):
        world.post.deliver_one()
    assert {channel: seconds for channel, (_, seconds) in rings(world).items() if channel != "telegram"} == {
        "sms": 0, "call": 60,
    }  # fmt: skip


def test_a_failed_delivery_starts_the_next_channel_and_the_last_one_makes_the_report_due(world: World) -> None:
    paged_by(world, call=0, sms=60)
    for channel in ("call", "sms"):
        while world.post.deliver_one():
            pass
        due = world.report().due_at
        row = next(row for row in rows(world, public=False) if row.channel == channel)
        assert row.state == "sent"
        report_delivery(world, row.id, "failed")  # the call: a voicemail took it
    assert due is not None
    assert due > world.now
    assert world.report().due_at == world.now


def test_trouble_of_a_gateway_is_seen_only_while_something_waits_for_it(world: World) -> None:
    def trouble() -> dict[str, datetime]:
        with world.database.reading() as tx:
            return outbox.gateway_trouble(tx)

    world.send(REPORTER, TIP)
    world.air.is_down()
    while world.post.deliver_one():
        pass
    began = world.now
    world.database.moment += timedelta(minutes=2)
    while world.post.deliver_one():
        pass
    assert trouble() == {"sms": began}
    with world.transaction() as tx:
        world.engine.accept(tx, world.report().id, "somebody", world.now, via="console")
        outbox.withdraw(tx, world.report().id)
        tx.execute(sa.update(OutboxRow).where(OutboxRow.contact_id.is_not(None)).values(state="withdrawn"))
    assert trouble() == {}


@pytest.mark.parametrize(
    ("state", "known", "said", "counts"),
    [
        ("sent", "second", "second", True),
        ("sent", "second", "first", False),  # the report of the first try comes again
        ("sending", "first", "first", False),
        ("sending", "first", "second", True),  # it overtook our own marking
        ("sent", "second", "", True),  # a provider that does not say
    ],
)
def test_the_failure_of_an_earlier_try_takes_nothing_back(
    world: World, state: str, known: str, said: str, counts: bool
) -> None:
    world.send(REPORTER, TIP)
    with world.transaction() as tx:
        row = tx.scalars(sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None))).one()
        row.state, row.provider_ref, row_id = OutboxState(state), known, row.id
    with world.transaction() as tx:
        failed = Delivery(row_id, "failed", "131047", reference=said)
        receipts.delivered(tx, world.keys, failed, world.now, world.engine.page_failed)
    with world.transaction() as tx:
        assert tx.get_one(OutboxRow, row_id).state == ("failed" if counts else state)
