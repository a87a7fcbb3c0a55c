"""The clock dies, the worker dies, the database goes away, the machine sleeps: nothing is lost, the urgent comes first."""

from hotline.monitoring import heartbeats
from hotline.reports.tables import Status
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World


def test_the_clock_was_dead_for_an_hour_and_catches_up_with_the_most_urgent_and_oldest_first(
    world: World, reporter: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    for last, text in ((71, DANGER), (72, CHILDREN), (73, DANGER)):
        world.forward(minutes=1)
        world.phone(f"reporter {last}", f"+9230000000{last}").texts(text)
    first, second, third, fourth = (report.id for report in world.reports())
    world.clock_sleeps = True
    world.forward(hours=1)
    bilal.is_silent()
    world.clock_sleeps = False
    world.tick()
    assert world.about("climbed") == [second, fourth, first, third]
    assert world.told_of(bilal) == [second, fourth, first, third]
    world.ledger_balances()


def test_what_was_accepted_while_the_worker_was_dead_is_never_sent(world: World, reporter: Phone, amna: Phone) -> None:
    world.worker_sleeps = True
    reporter.texts(CHILDREN)
    with world.transaction() as tx:
        officer = world.pages()[0].officer_id
        assert world.engine.accept(tx, world.report().id, officer, world.now, via="console").won
    world.worker_sleeps = False
    world.forward(minutes=10)
    amna.is_silent()
    world.ledger_balances()


def test_the_worker_was_dead_while_a_report_climbed_twice_and_each_tier_is_paged_when_it_is_back(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    world.worker_sleeps = True
    reporter.texts(CHILDREN)
    world.forward(minutes=61)
    world.worker_sleeps = False
    world.tick()
    for phone in (amna, bilal, dania):
        phone.expects_page("P2", "Lahore")
    world.nobody_else_is_paged()
    world.ledger_balances()


def test_the_database_was_away_for_two_hours_and_what_was_written_meanwhile_is_taken_when_the_provider_repeats_it(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.database.away = True
    neighbour = world.phone("neighbour", "+923000000078")
    neighbour.texts(DANGER)
    amna.accepts()
    world.forward(hours=2)
    assert len(world.unanswered) == 2
    amna.is_silent()
    world.database.away = False
    world.tick()
    bilal.expects_page("P2", "Lahore")
    world.provider_repeats()
    amna.expects_page("P1", "Lahore")
    amna.expects("is yours")
    assert sorted(report.status for report in world.reports()) == [Status.ACCEPTED, Status.OPEN]
    world.ledger_balances()


def test_the_machine_slept_for_a_night_and_every_report_moves_one_tier_not_five(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.leap(hours=9)
    bilal.expects_page("P2", "Lahore")
    world.nobody_else_is_paged()
    dania.expects_page("P2", within="30m")
    world.ledger_balances()


def test_a_reply_that_would_come_too_late_is_held_and_the_page_is_sent_all_the_same(
    world: World, reporter: Phone, amna: Phone
) -> None:
    world.worker_sleeps = True
    reporter.texts(CHILDREN)
    world.forward(minutes=16)
    world.worker_sleeps = False
    world.tick()
    amna.expects_page("P2")
    reporter.is_silent()
    assert [row.reason for row in world.rows("held")] == ["late"]


def test_four_clocks_that_look_at_the_same_instant_page_each_report_once(
    world: World, amna: Phone, bilal: Phone
) -> None:
    for last in range(60, 72):
        world.send(f"+9230000000{last}", DANGER)
    amna.reads_all()
    world.database.moment = max(report.due_at for report in world.reports() if report.due_at)
    world.simultaneously(*[world.tick] * 4)
    assert len({bilal.expects_page() for _ in range(12)}) == 12
    bilal.is_silent()
    world.ledger_balances()


def test_a_report_whose_step_fails_stops_no_other_and_is_tried_again(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    world.phone("neighbour", "+923000000078").texts(CHILDREN)
    amna.reads_all()
    broken = world.reports()[0].id
    with world.transaction() as tx:
        tx.get_one(type(world.reports()[0]), broken).policy = "nobody-knows-it"
    world.forward(minutes=31)
    bilal.expects_page()
    bilal.is_silent()
    assert set(world.events("step_failed")) == {"step_failed"}
    with world.transaction() as tx:
        tx.get_one(type(world.reports()[0]), broken).policy = world.rules.id
    bilal.expects_page(within="30s")
    world.ledger_balances()


def test_a_clock_that_died_is_missed_by_who_asks_whether_the_hotline_is_ready(world: World) -> None:
    with world.transaction() as tx:
        heartbeats.beat(tx, heartbeats.CLOCK, world.now)
    assert heartbeats.missing(world.database) == []
    world.leap(seconds=31)
    assert heartbeats.missing(world.database) == ["a sweep of the clock under 30 seconds old"]
    world.database.away = True
    assert heartbeats.missing(world.database) == ["the database"]
