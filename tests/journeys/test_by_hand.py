"""By hand: a slip of paper, a superior who accepts for another; a woman who asks for a woman."""

from datetime import timedelta

from hotline.casework import slips
from hotline.casework.results import Fault
from hotline.reports.tables import Report, Status
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World
from tests.support.paged import acting, officer


def printed(world: World) -> str:
    """Print a slip for Amna; its serial."""
    amna = officer(world, "amna")
    with world.transaction() as tx:
        report = tx.get_one(Report, world.report().id)
        return slips.issue(tx, world.engine, report, printed_by=amna, for_officer=amna, level=0, now=world.now).serial


def typed_in(world: World, serial: str, minutes_ago: int) -> Fault | None:
    """Type in that Amna had the slip in hand so many minutes ago; what is wrong with that, if anything."""
    amna = officer(world, "amna")
    with world.transaction() as tx:
        slip = slips.by_serial(tx, slips.serial_of(serial) or "")
        assert slip is not None
        at = world.now - timedelta(minutes=minutes_ago)
        return slips.receive(acting(world, tx, "bilal"), slip, amna, at).fault


def test_sms_is_down_and_a_slip_carried_by_hand_accepts_at_the_true_time(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.air.is_down()
    reporter.texts(CHILDREN)
    serial = printed(world)
    world.forward(minutes=25)
    assert typed_in(world, serial.lower().replace("-", " "), minutes_ago=10) is None
    report = world.report()
    assert (report.status, report.accepted_by) == (Status.ACCEPTED, officer(world, "amna"))
    assert report.accepted_at is not None
    assert timedelta(minutes=9) < world.now - report.accepted_at < timedelta(minutes=11)
    world.air.works()
    world.forward(hours=1)
    amna.expects(serial, "yours by this paper")
    for phone in (amna, bilal):
        phone.is_silent()
    assert [data["via"] for _, data in world.record("accepted")] == ["slip"]


def test_the_timer_runs_on_while_a_slip_is_carried(world: World, reporter: Phone, amna: Phone, bilal: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    printed(world)
    bilal.expects_page("P2", within="30m")


def test_a_slip_that_comes_after_somebody_accepted_is_kept_and_changes_nothing(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    serial = printed(world)
    world.forward(minutes=30)
    bilal.expects_page()
    bilal.accepts()
    assert typed_in(world, serial, minutes_ago=0) is Fault.TAKEN
    assert typed_in(world, serial, minutes_ago=0) is Fault.TYPED
    assert world.report().accepted_by == officer(world, "bilal")


def test_a_receipt_from_the_future_is_refused(world: World, reporter: Phone) -> None:
    reporter.texts(CHILDREN)
    assert typed_in(world, printed(world), minutes_ago=-5) is Fault.FUTURE
    assert world.report().status == Status.OPEN


def test_a_superior_accepts_on_behalf_of_an_officer_and_both_are_on_record(
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    mine, typist = officer(world, "amna"), officer(world, "bilal")
    with world.transaction() as tx:
        world.engine.accept(tx, world.report().id, mine, world.now, via="console", actor=typist)
    world.forward(minutes=31)
    world.nobody_else_is_paged()
    assert world.report().accepted_by == mine


def test_a_plea_prefers_a_woman_on_duty_and_delays_nobody(world: World, reporter: Phone) -> None:
    world.policy("prefer_female: [sexual_exploitation, forced_marriage, Somebody asks for help]")
    world.staff("""
        bilal  hq hq male
        fatima hq hq female
    """)
    reporter.texts("مدد")
    for name in ("bilal", "fatima"):
        world.phone(name).expects_page("P2", "HQ")
    world.phone("bilal").accepts()
    world.phone("bilal").expects("Fatima")
    assert world.report().status == Status.ACCEPTED
