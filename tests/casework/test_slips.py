"""Slips of paper: their serials, their timer, and who is told when no receipt comes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_2

from hotline.casework import slips
from hotline.casework.results import Fault, Result
from hotline.casework.slips import LETTERS, Slip
from hotline.reports.tables import Report
from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.support.paged import acting, officer
from workers.clock import Clock

REPORTER = "+923000000099"
TIP = "لاہور میں بھٹے پر زبردستی کام"
AMNA, BILAL, DANIA = "+923000000001", "+923000000002", "+923000000003"
TEN = timedelta(minutes=10)
numbers = st.integers(1000, 999_999).map(str)


def printed(world: World, by: str = "amna", to: str = "bilal", level: int = 1) -> Slip:
    """A slip for the one report of the story."""
    ids = {"printed_by": officer(world, by), "for_officer": officer(world, to)}
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        return slips.issue(tx, world.engine, report, **ids, level=level, now=world.now)


def received(world: World, slip: Slip, name: str, minutes: float) -> Result:
    """A receipt, typed in by Amna: `name` had the slip in hand `minutes` after it was printed."""
    with world.transaction() as tx:
        known = slips.by_serial(tx, slip.serial)
        assert known is not None
        at = slip.printed_at + timedelta(minutes=minutes)
        return slips.receive(acting(world, tx, "amna"), known, officer(world, name), at)


def swept(world: World) -> int:
    """The clock looks at the slips."""
    told = slips.sweep(world.database, world.clock_engine, world.now)
    world.settle()
    return told


@pytest.fixture
def amna(world: World) -> Phone:
    """Her phone; a tip has come, and her page is read."""
    phone = world.phone("amna", AMNA)
    world.send(REPORTER, TIP)
    phone.expects_page()
    world.phone("reporter", REPORTER).expects()
    return phone


@given(numbers, st.integers(0, 6), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"))
def test_one_wrong_sign_is_always_seen(number: str, place: int, sign: str) -> None:
    right = number + mod_37_2.calc_check_digit(number)
    place = min(place, len(right) - 1)
    wrong = right[:place] + sign + right[place + 1 :]
    assert wrong == right or slips.serial_of(wrong) is None


@given(numbers, st.integers(0, 4))
def test_two_signs_that_changed_places_are_always_seen(number: str, place: int) -> None:
    right = number + mod_37_2.calc_check_digit(number)
    place = min(place, len(right) - 2)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert wrong == right or slips.serial_of(wrong) is None


@pytest.mark.parametrize(
    ("typed", "serial"),
    [
        ("1234-N", "1234-N"), ("1234n", "1234-N"), (" 1234 – n ", "1234-N"), ("۱۲۳۴ N", "1234-N"), ("١٢٣٤-N", "1234-N"),
        ("1234", None), ("N-1234", None), ("1234-M", None), ("1243-N", None), ("", None), ("x" * 3000, None),
        ("123-4", None), ("1234567-N", None), ("12²4-N", None),
    ],
)  # fmt: skip
def test_a_serial_is_read_however_it_is_written(typed: str, serial: str | None) -> None:
    assert slips.serial_of(typed) == serial


def test_a_new_serial_is_new_and_its_letter_can_be_read(world: World, amna: Phone) -> None:
    serials = [printed(world).serial for _ in range(12)]
    assert len(set(serials)) == len(serials)
    assert {serial[-1] for serial in serials} <= set(LETTERS)
    assert {slips.serial_of(serial) for serial in serials} == set(serials)


def test_when_short_serials_are_used_up_they_grow(world: World, amna: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = printed(world)
    monkeypatch.setattr(slips, "_draws", lambda digits: iter([(first.serial[:4] if digits == 4 else "123456", "N")]))
    monkeypatch.setattr(slips, "LETTERS", first.serial[-1] + "N")
    with world.transaction() as tx:
        tx.get_one(Slip, first.id).serial = first.serial[:4] + "-N"
    assert printed(world).serial == "123456-N"


def test_a_receipt_accepts_the_report_at_its_true_time(world: World, amna: Phone) -> None:
    slip = printed(world)
    world.forward(minutes=25)
    assert received(world, slip, "bilal", 10) == Result(None, officer(world, "bilal"))
    report = world.report()
    assert (report.accepted_by, report.accepted_at) == (officer(world, "bilal"), slip.printed_at + TEN)
    assert report.timer == "first_action"
    assert world.events("slip_printed", "accepted", "slip_received") == ["slip_printed", "slip_received", "accepted"]
    world.settle()
    said = f"P2 slip {slip.serial} Lahore: the report is yours by this paper"
    world.phone("bilal", BILAL).expects(said)  # he learns of it, should it not be true
    world.forward(hours=1)
    assert swept(world) == 0
    world.everybody_is_silent()


def test_without_a_receipt_in_time_the_printer_and_the_tier_above_the_bearer_are_told(
    world: World, amna: Phone
) -> None:
    bilal, dania = world.phone("bilal", BILAL), world.phone("dania", DANIA)
    slip = printed(world)
    world.database.moment += timedelta(minutes=29)
    assert swept(world) == 0
    world.database.moment += timedelta(minutes=1)
    assert swept(world) == 1
    for phone in (amna, dania):
        phone.expects(f"P2 slip {slip.serial} Lahore: no receipt yet")
    assert swept(world) == 0, "once"
    world.forward(minutes=1)
    bilal.expects_page("P2", "Lahore")  # the report's own timer has gone on all the while
    world.everybody_is_silent()
    assert world.events("slip_late", "climbed") == ["slip_late", "climbed"]


def test_the_clock_looks_at_slips_by_itself(world: World, amna: Phone) -> None:
    slip = printed(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.due_at = report.climbs_at = world.now + timedelta(days=1)
    world.database.moment += timedelta(minutes=30)
    Clock(world.database, world.clock_engine).tick()
    world.settle()
    amna.expects(f"slip {slip.serial}")


def test_a_slip_to_the_top_is_told_to_the_top(world: World, amna: Phone) -> None:
    fatima = world.phone("fatima", "+923000000005")
    slip = printed(world, to="ehsan", level=3)
    world.database.moment += timedelta(minutes=30)
    swept(world)
    fatima.expects(f"slip {slip.serial}")


def test_a_tier_that_was_retired_is_told_through_who_does_its_work_now(world: World, amna: Phone) -> None:
    """A slip asks whom the report itself would page: its tiers may have other names by now."""
    dania = world.phone("dania", DANIA)
    slip = printed(world, to="amna", level=0)
    accept, waits = "first_action: PT4H, idle: P2D, accept", "[PT30M, PT1H, PT2H, PT2H]"
    world.policy(f"""
version: 2
tiers: [duty_officer, supervisor, deputy_director, hq]
priorities: {{P1: {{{accept}: {waits}}}, P2: {{{accept}: {waits}}}, P3: {{{accept}: {waits}}}}}
retired: {{assistant_director: supervisor}}
""")
    world.staff("""
        amna  lahore duty_officer
        dania lahore supervisor
        ehsan lahore deputy_director
        fatima hq hq integrity
    """)
    world.database.moment += timedelta(minutes=30)
    assert swept(world) == 1
    assert f"slip {slip.serial}" in "".join(dania.unread())
    assert f"slip {slip.serial}" not in "".join(world.phone("ehsan", "+923000000004").unread())


@pytest.mark.parametrize("way", ["accepted by SMS", "transferred"])
def test_nobody_asks_for_a_slip_that_is_not_needed_any_more(world: World, amna: Phone, way: str) -> None:
    printed(world)
    if way == "accepted by SMS":
        amna.accepts()
        amna.expects("yours")
    else:
        with world.transaction() as tx:
            world.engine.transfer(tx, tx.scalars(sa.select(Report)).one(), world.now, actor="intake")
        world.settle()
    before = {number: len(texts) for number, texts in world.air.heard.items()}
    world.database.moment += timedelta(hours=2)
    assert swept(world) == 0
    assert {number: len(texts) for number, texts in world.air.heard.items()} == before
    assert world.events("slip_late") == []


def test_a_tip_about_an_official_is_told_to_nobody_else(world: World, amna: Phone) -> None:
    world.staff("""
        amna   lahore duty_officer
        fatima hq hq integrity
        nadia  hq hq
    """)
    for answer in ("1", "Lahore", "1", "9", "1", "9", "2", "1"):
        world.send(REPORTER, answer)
    printed(world, by="fatima", to="fatima", level=0)
    world.database.moment += timedelta(hours=3)
    before = {number: len(texts) for number, texts in world.air.heard.items()}
    assert swept(world) == 1
    told = {number for number, texts in world.air.heard.items() if len(texts) > before.get(number, 0)}
    assert told == {"+923000000005"}


@pytest.mark.parametrize(
    ("minutes", "fault"), [(-1, Fault.EARLY), (0, None), (5, None), (5.1, Fault.FUTURE), (600, Fault.FUTURE)]
)
def test_a_time_that_cannot_be_true_is_refused_and_nothing_changes(
    world: World, amna: Phone, minutes: float, fault: Fault | None
) -> None:
    slip = printed(world)
    world.forward(minutes=5)
    assert received(world, slip, "bilal", minutes).fault is fault
    assert (world.report().status == "open") is (fault is not None)


def test_a_clock_on_the_wall_has_no_seconds(world: World, amna: Phone) -> None:
    world.database.moment += timedelta(seconds=40)
    slip = printed(world)
    assert received(world, slip, "bilal", -0.5).fault is None
    assert world.report().accepted_at == slip.printed_at


def test_a_receipt_after_somebody_else_s_acceptance_is_kept_and_says_who_has_it(world: World, amna: Phone) -> None:
    slip = printed(world)
    world.forward(minutes=5)
    amna.accepts()
    assert received(world, slip, "bilal", 1) == Result(Fault.TAKEN, officer(world, "amna"))
    assert world.report().accepted_by == officer(world, "amna")
    assert world.events("slip_received") == ["slip_received"]
    assert received(world, slip, "dania", 1) == Result(Fault.TYPED, officer(world, "bilal"))


def test_a_receipt_for_a_report_that_has_moved_changes_nothing(world: World, amna: Phone) -> None:
    slip = printed(world)
    with world.transaction() as tx:
        world.engine.transfer(tx, tx.scalars(sa.select(Report)).one(), world.now, actor="intake")
    assert received(world, slip, "bilal", 0).fault is Fault.MOVED
    assert world.report().accepted_by is None


def test_one_slip_that_fails_stops_no_other(world: World, amna: Phone, caplog: pytest.LogCaptureFixture) -> None:
    lost, whole = printed(world), printed(world)
    with world.transaction() as tx:
        tx.get_one(Slip, lost.id).level = -99
    world.database.moment += timedelta(minutes=30)
    assert swept(world) == 1
    amna.expects(whole.serial)
    assert "slip failed" in caplog.text
