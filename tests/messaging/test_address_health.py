"""Officers' addresses that do not work are noticed, and forgotten as soon as they work again."""

from datetime import timedelta

import sqlalchemy as sa

from hotline.channels.contract import Delivery, SendError
from hotline.messaging import address_health, receipts
from hotline.messaging.outbox import OutboxRow
from hotline.staff.tables import OfficerAddress
from tests.journeys.world import World

AMNA = "+923000000001"
DANGER = "لاہور میں بچی کو آج رات مار دیں گے خطرہ ہے"
REFUSED, DOWN = SendError("21610", retryable=False), SendError("503", retryable=True)


def pages(world: World) -> list[OutboxRow]:
    """Amna's pages, oldest first."""
    with world.database.reading() as tx:
        rows = tx.scalars(sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None)).order_by(OutboxRow.created_at))
        return [row for row in rows if row.address_id == _amna(world)]


def _amna(world: World) -> str:
    mine = sa.select(OfficerAddress.id).where(OfficerAddress.index == world.keys.index("sms", AMNA))
    with world.database.reading() as tx:
        return tx.scalars(mine).one()


def goes_out(world: World, number: int, *errors: SendError) -> OutboxRow:
    """One more report is paged to Amna, whose gateway says this."""
    world.air.failures[AMNA] = [*errors]
    world.database.moment += timedelta(minutes=1)
    world.send(f"+9230000000{number + 60}", DANGER)
    return pages(world)[-1]


def says(world: World, row: OutboxRow, state: str) -> None:
    with world.transaction() as tx:
        receipts.delivered(tx, world.keys, Delivery(row.id, state, "30003"), world.now, world.engine.page_failed)  # type: ignore[arg-type]


def broken(world: World) -> list[tuple[str, int]]:
    with world.database.reading() as tx:
        return [(health.address_id, health.failures) for health in address_health.broken(tx)]


def test_an_address_that_fails_twice_in_a_row_is_broken_and_it_is_put_on_record_once(world: World) -> None:
    goes_out(world, 0, REFUSED)
    assert broken(world) == []
    says(world, goes_out(world, 1), "failed")
    assert broken(world) == [(_amna(world), 2)]
    goes_out(world, 2, REFUSED)
    assert broken(world) == [(_amna(world), 3)]
    assert world.record("address_broken") == [("address_broken", {"address": _amna(world)})]


def test_a_receipt_between_two_failures_makes_it_whole_and_being_taken_by_the_gateway_does_not(world: World) -> None:
    goes_out(world, 0, REFUSED)
    says(world, goes_out(world, 1), "delivered")
    goes_out(world, 2, REFUSED)
    assert broken(world) == []
    goes_out(world, 3)
    goes_out(world, 4, REFUSED)
    assert broken(world) == [(_amna(world), 2)]


def test_an_officer_who_answers_can_be_reached(world: World) -> None:
    for number in range(2):
        goes_out(world, number, REFUSED)
    with world.transaction() as tx:
        address_health.worked(tx, _amna(world), world.now)
    assert broken(world) == []
    goes_out(world, 3, REFUSED)
    assert broken(world) == [], "it begins anew"


def test_a_gateway_that_is_down_says_nothing_about_an_address(world: World) -> None:
    for number in range(3):
        goes_out(world, number, DOWN, DOWN)
        world.forward(minutes=1)
    assert broken(world) == []


def test_a_receipt_of_an_address_that_never_failed_writes_nothing(world: World) -> None:
    says(world, goes_out(world, 0), "delivered")
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(address_health.AddressHealth)).all() == []
