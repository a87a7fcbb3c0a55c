"""Corners of the ladder: late acceptances, second reminders, what cannot be sent, and two clocks at once."""

import threading

import pytest
import sqlalchemy as sa

from hotline import escalation
from hotline.channels.contract import SendError
from hotline.core import audit
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.pages import Page, PageState
from hotline.reports.tables import Report
from hotline.staff.tables import Officer, OfficerAddress
from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.support.paged import tip

NUMBERS = {"amna": "01", "bilal": "02", "dania": "03", "ehsan": "04", "fatima": "05"}


@pytest.fixture
def cast(world: World) -> dict[str, Phone]:
    """Lahore's officers and HQ, tier by tier."""
    return {name: world.phone(name, f"+9230000000{last}") for name, last in NUMBERS.items()}


def acts(world: World) -> None:
    """The officer who has the report does something with it."""
    with world.transaction() as tx:
        world.engine.act(tx, tx.scalars(sa.select(Report)).one(), world.now)


def test_an_officer_who_was_paged_before_the_acceptance_is_told_when_nothing_is_done(
    world: World, cast: dict[str, Phone]
) -> None:
    tip(world)
    cast["amna"].expects_page()
    world.forward(minutes=30)
    cast["bilal"].expects_page()
    cast["amna"].accepts()  # late, but before Bilal
    cast["amna"].expects("is yours")
    world.forward(hours=4)
    cast["bilal"].expects("no action yet")
    cast["bilal"].accepts()
    cast["bilal"].expects("is yours")
    assert world.events("step_failed") == []


def test_each_lapse_after_an_action_is_told_again_to_the_tier_above(world: World, cast: dict[str, Phone]) -> None:
    tip(world)
    cast["amna"].expects_page()
    cast["amna"].accepts()
    cast["amna"].expects("is yours")
    world.forward(hours=4)
    cast["bilal"].expects("no action yet")
    for _ in range(3):
        acts(world)
        world.forward(days=2)
        cast["bilal"].expects("no action yet")
    assert world.events("step_failed") == []
    world.nobody_else_is_paged()


def test_a_report_that_nobody_works_on_climbs_to_hq_which_is_told_again_and_again(
    world: World, cast: dict[str, Phone]
) -> None:
    tip(world)
    cast["amna"].expects_page()
    cast["amna"].accepts()
    cast["amna"].expects("is yours")
    for name in ("bilal", "dania", "ehsan", "fatima", "fatima", "fatima"):
        world.forward(hours=4)
        cast[name].expects("no action yet")
    assert world.events("step_failed") == []


def test_a_report_taken_over_and_left_again_climbs_from_there(world: World, cast: dict[str, Phone]) -> None:
    tip(world)
    cast["amna"].expects_page()
    cast["amna"].accepts()
    cast["amna"].expects("is yours")
    world.forward(hours=4)
    cast["bilal"].expects_page()
    cast["bilal"].accepts()
    cast["bilal"].expects("is yours")
    world.forward(hours=4)
    cast["dania"].expects("no action yet")
    assert world.events("step_failed") == []
    assert world.report().accepted_by is not None


def test_danger_after_the_acceptance_shortens_the_wait_until_a_superior_is_told(
    world: World, cast: dict[str, Phone]
) -> None:
    tip(world)
    cast["amna"].expects_page("P2")
    cast["amna"].accepts()
    cast["amna"].expects("is yours")
    world.forward(hours=1)
    world.send("+923000000099", "وہ اسے آج رات مار دیں گے خطرہ ہے")
    world.forward(minutes=30)
    cast["bilal"].expects("no action yet")


def test_an_officer_without_an_address_holds_nothing_up(world: World, cast: dict[str, Phone]) -> None:
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one()
        tx.delete(tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.officer_id == amna.id)).one())
    tip(world)
    cast["bilal"].expects_page()
    assert world.events("tier_empty") == ["tier_empty"]


def test_an_officer_who_left_after_the_page_was_written_is_not_waited_for(world: World, cast: dict[str, Phone]) -> None:
    world.worker_sleeps = True
    tip(world)
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one()
        tx.delete(tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.officer_id == amna.id)).one())
    world.worker_sleeps = False
    world.settle()
    world.forward(seconds=1)
    cast["bilal"].expects_page()
    assert world.events("undeliverable") == ["undeliverable"]


def test_a_page_that_was_replaced_before_it_left_does_not_hide_that_the_new_one_failed(
    world: World, cast: dict[str, Phone]
) -> None:
    world.worker_sleeps = True
    tip(world)
    tip(world, "وہ اسے آج رات مار دیں گے خطرہ ہے")
    world.air.failures[cast["amna"].number] = [SendError("21610", retryable=False)]
    world.worker_sleeps = False
    world.settle()
    world.forward(seconds=1)
    cast["bilal"].expects_page("P1")


def test_without_any_working_phone_the_ladder_is_climbed_and_hq_is_tried_for_ever(world: World) -> None:
    for last in NUMBERS.values():
        world.air.failures[f"+9230000000{last}"] = [SendError("21610", retryable=False)] * 1000
    tip(world)
    world.forward(hours=9)
    report = world.report()
    assert (report.level, report.status, report.round > 2) == (4, "open", True)
    assert report.due_at is not None
    assert report.due_at > world.now


@pytest.mark.parametrize("clocks", [2, 5])
def test_clocks_side_by_side_move_each_report_once(world: World, clocks: int) -> None:
    world.worker_sleeps = True
    for number in range(12):
        tip(world, number=f"+923000000{number + 20:03}")
    with world.database.reading() as tx:
        due = tx.scalars(sa.select(Report.due_at)).first()
    assert due is not None
    start, moved, problems = threading.Barrier(clocks), [], []

    def sweep() -> None:
        start.wait()
        try:
            moved.append(world.clock_engine.sweep(world.database, due))
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=sweep) for _ in range(clocks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # a clock may find nothing left that is not in another's hands; what is over comes in the next sweep
    moved.append(world.clock_engine.sweep(world.database, due))
    assert (problems, sum(moved)) == ([], 12)
    assert world.events("climbed", "step_failed") == ["climbed"] * 12
    with world.database.reading() as tx:
        assert audit.verify(tx)[1] is None
        assert len(tx.scalars(sa.select(Page).where(Page.level == 1, Page.state == PageState.OPEN.value)).all()) == 12


def test_one_report_that_fails_stops_no_other_and_is_tried_again(world: World, cast: dict[str, Phone]) -> None:
    tip(world)
    tip(world, "کراچی میں فیکٹری میں زبردستی کام", "+923000000098")
    with world.transaction() as tx:
        lahore = tx.scalars(sa.select(Report).where(Report.circle == "lahore")).one()
        known, lahore.policy = lahore.policy, "lost"
    world.forward(minutes=30)
    hamid = world.phone("hamid", "+923000000012")
    hamid.expects_page(circle="Karachi")
    assert world.events("step_failed") == ["step_failed"]
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report).where(Report.circle == "lahore")).one()
        assert report.due_at == world.now + escalation.STUCK_WAIT
        report.policy = known
    cast["amna"].expects_page()
    world.forward(seconds=30)
    cast["bilal"].expects_page()


def test_two_officers_who_accept_at_once_do_not_both_have_it(world: World) -> None:
    tip(world)
    world.forward(hours=4)
    with world.database.reading() as tx:
        report_id = tx.scalars(sa.select(Report.id)).one()
        officers = list(tx.scalars(sa.select(Page.officer_id)))
    start, won = threading.Barrier(len(officers)), []

    def accept(officer: str) -> None:
        start.wait()
        with world.transaction() as tx:
            answer = world.engine.accept(tx, report_id, officer, world.now, via="console")
        if answer.won:
            won.append(officer)

    threads = [threading.Thread(target=accept, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [world.report().accepted_by]
    with world.database.reading() as tx:
        rows = tx.scalars(sa.select(OutboxRow.state).where(OutboxRow.page_id.is_not(None))).all()
    assert "queued" not in rows
