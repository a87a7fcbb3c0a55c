"""How long it took: what is measured, what counts as in time, and what is in no table."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import reports
from hotline.channels.contract import Delivery
from hotline.escalation.policy import PolicyRow
from hotline.messaging import receipts
from hotline.messaging.outbox import OutboxRow
from hotline.monitoring import metrics, response_times
from hotline.monitoring.response_times import Cell, Measure
from hotline.reports.tables import Outcome, Report
from tests.journeys.told import QUESTION
from tests.journeys.world import World
from tests.support.paged import officer

TIP = "لاہور میں بھٹے پر زبردستی کام"  # P2: half an hour to accept, four hours to the first action
ALL = ("all", "")
LAHORE, KARACHI = ("circle", "lahore"), ("circle", "karachi")


def tip(world: World, text: str = TIP) -> None:
    """From somebody new each time."""
    world.send(f"+9230000001{world.messages:02d}", text)


def all_accepted(world: World, name: str = "amna", via: str = "sms") -> None:
    """An officer takes everything that waits."""
    with world.transaction() as tx:
        for report_id in tx.scalars(sa.select(Report.id).where(Report.status == "open")).all():
            world.engine.accept(tx, report_id, officer(world, name), world.now, via=via)


def all_delivered(world: World) -> None:
    """The gateway says that all messages have arrived."""
    with world.transaction() as tx:
        for row_id in tx.scalars(sa.select(OutboxRow.id)).all():
            receipts.delivered(tx, world.keys, Delivery(row_id, "delivered"), world.now, world.engine.page_failed)


def noted(world: World) -> None:
    """Something is done with every report."""
    with world.transaction() as tx:
        for report in tx.scalars(sa.select(Report)).all():
            reports.note(tx, world.keys, report, officer(world, "amna"), "done", world.now)


def cell(world: World, key: tuple[str, str], measure: Measure, days: int = 7) -> Cell | None:
    """A cell of HQ's table."""
    with world.database.reading() as tx:
        return response_times.table(tx, world.now, days, few=True).get(key, {}).get(measure)


def test_each_step_is_measured_from_what_it_follows(world: World) -> None:
    tip(world)
    world.database.moment += timedelta(seconds=20)
    all_delivered(world)
    world.forward(minutes=9, seconds=40)
    all_accepted(world)
    world.forward(minutes=20)
    noted(world)
    whole = {measure: cell(world, ALL, measure) for measure in Measure}
    assert whole == {
        Measure.PAGE: Cell(1, 0, 0, 1),
        Measure.DELIVERY: Cell(1, 20, 20, 1),
        Measure.ACCEPTANCE: Cell(1, 600, 600, 1),
        Measure.FIRST_ACTION: Cell(1, 1200, 1200, 1),
    }
    for key in (LAHORE, ("hour", "10")):
        assert {measure: cell(world, key, measure) for measure in Measure} == whole
    assert {measure: cell(world, ("tier", "duty_officer"), measure) for measure in Measure} == whole
    assert {measure: cell(world, ("channel", "sms"), measure) for measure in Measure} == whole


def test_a_tier_is_measured_from_its_own_page(world: World) -> None:
    tip(world)
    world.forward(minutes=40)
    all_accepted(world, "bilal", via="console")
    assert cell(world, ALL, Measure.ACCEPTANCE) == Cell(1, 2400, 2400, 0)
    assert cell(world, ("tier", "duty_officer"), Measure.ACCEPTANCE) == Cell(1, 2400, 2400, 0)
    assert cell(world, ("tier", "assistant_director"), Measure.ACCEPTANCE) == Cell(1, 600, 600, 1)
    assert cell(world, ("channel", "console"), Measure.ACCEPTANCE) == Cell(1, 2400, 2400, 0)
    assert cell(world, ("tier", "assistant_director"), Measure.FIRST_ACTION) is None, "it may still be in time"


def test_what_still_waits_counts_only_once_it_is_late(world: World) -> None:
    tip(world)
    world.forward(minutes=29)
    assert cell(world, ALL, Measure.ACCEPTANCE) is None
    world.forward(minutes=11)
    assert cell(world, ALL, Measure.ACCEPTANCE) == Cell(1, 2400, 2400, 0)
    all_accepted(world)
    world.forward(hours=4, minutes=1)
    assert cell(world, ALL, Measure.FIRST_ACTION) == Cell(1, 14460, 14460, 0)


def test_a_page_that_does_not_leave_is_late(world: World) -> None:
    world.worker_sleeps = True
    tip(world)
    world.forward(minutes=31)
    assert cell(world, ALL, Measure.PAGE) == Cell(1, 1860, 1860, 0)
    assert cell(world, ALL, Measure.DELIVERY) is None


def test_a_message_that_fails_is_not_in_time_and_has_no_length(world: World) -> None:
    tip(world)
    with world.transaction() as tx:
        row = tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.page_id.is_not(None))).one()
        receipts.delivered(tx, world.keys, Delivery(row, "failed", "30003"), world.now, world.engine.page_failed)
    assert cell(world, ("channel", "sms"), Measure.DELIVERY) == Cell(1, None, None, 0)


def test_half_and_nine_of_ten(world: World) -> None:
    for minutes in range(1, 11):
        tip(world)
        world.forward(minutes=minutes)
        all_accepted(world)
    assert cell(world, ALL, Measure.ACCEPTANCE) == Cell(10, 330, 540, 1)


def test_quiet_hours_are_nobodys_lateness(world: World) -> None:
    world.database.moment += timedelta(hours=13)  # eleven at night
    world.triage("P3")
    tip(world, QUESTION)
    world.forward(hours=9)
    all_accepted(world)
    assert cell(world, ALL, Measure.ACCEPTANCE) == Cell(1, 3600, 3600, 1)
    assert cell(world, ("hour", "23"), Measure.PAGE) == Cell(1, 0, 0, 1)


def an_official(report: Report) -> None:
    """It is about one."""
    report.integrity = True


def a_drill(report: Report) -> None:
    """The hotline's own."""
    report.channel = "drill"


def a_test(report: Report) -> None:
    """Somebody tried it out."""
    report.outcome = Outcome.TEST


def an_old_one(report: Report) -> None:
    """Before the days that are asked for."""
    report.opened_at -= timedelta(days=7)


@pytest.mark.parametrize("change", [an_official, a_drill, a_test, an_old_one])
def test_some_reports_are_in_no_table(world: World, change: Callable[[Report], None]) -> None:
    tip(world)
    tip(world)
    with world.transaction() as tx:
        change(tx.scalars(sa.select(Report).order_by(Report.opened_at)).first() or pytest.fail("none"))
    found = cell(world, ALL, Measure.PAGE)
    assert found is not None
    assert found.count == 1


def test_a_circle_sees_its_own_and_no_small_counts(world: World) -> None:
    for number in range(5):
        tip(world)
        if number < 4:
            tip(world, "کراچی میں زبردستی کام")
    all_accepted(world)
    with world.database.reading() as tx:
        table = response_times.table(tx, world.now, 7, circles=["lahore"])
        everything = response_times.table(tx, world.now, 7)
    assert table[LAHORE][Measure.ACCEPTANCE] == Cell(5, 0, 0, 1)
    assert KARACHI not in table
    assert table[ALL] == table[LAHORE]
    assert everything[KARACHI][Measure.ACCEPTANCE] == Cell(4, None, None, None)


def test_a_report_whose_policy_is_lost_stops_no_table(world: World) -> None:
    tip(world)
    with world.transaction() as tx:
        tx.execute(sa.delete(PolicyRow))
    assert cell(world, ALL, Measure.PAGE) is None


def test_prometheus_gets_figures_without_small_counts_and_not_anew_each_second(world: World) -> None:
    for _ in range(5):
        tip(world)
    tip(world, "کراچی میں زبردستی کام")
    all_accepted(world)

    def response() -> dict[str, list[tuple[tuple[str, ...], float]]]:
        with world.database.reading() as tx:
            found = metrics.figures(tx, world.now)
        return {figure.name: list(figure.values) for figure in found if figure.name.startswith("hotline_response")}

    first = response()
    assert (("acceptance", "lahore"), 5) in first["hotline_response_reports"]
    assert (("acceptance", "all"), 6) in first["hotline_response_reports"]
    assert (("acceptance", "lahore"), 1.0) in first["hotline_response_in_time_ratio"]
    assert (("acceptance", "lahore", "0.9"), 0.0) in first["hotline_response_seconds"]
    assert not [labels for values in first.values() for labels, _ in values if "karachi" in labels]
    tip(world)
    all_accepted(world)
    assert response() == first
    world.forward(minutes=1)
    assert (("acceptance", "lahore"), 6) in response()["hotline_response_reports"]
