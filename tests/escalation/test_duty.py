"""Who is paged when duty changes, after an outage, and first of several; what was written on paper."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.core.audit import AuditRow
from hotline.core.priority import Priority
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.pages import TOKEN_REST, Page, PageState
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.support.paged import DANGER, phones, tip


def test_who_comes_on_duty_within_a_wait_is_paged_too(world: World) -> None:
    world.staff("""
        amna  lahore duty_officer 08:00-10:20
        nadia lahore duty_officer 10:20-18:00
        bilal lahore assistant_director
        fatima hq hq integrity
    """)
    amna, nadia, bilal = phones(world, "amna", "nadia", "bilal")
    tip(world)  # at ten
    amna.expects_page()
    world.forward(minutes=19)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    nadia.expects_page()
    world.nobody_else_is_paged()
    world.forward(minutes=10)
    bilal.expects_page()
    world.nobody_else_is_paged()
    nadia.accepts()
    nadia.expects("is yours")


def test_a_shift_that_ends_with_nobody_after_it_moves_the_report_on_at_once(world: World) -> None:
    world.staff("amna lahore duty_officer 08:00-10:20\nbilal lahore assistant_director\nfatima hq hq integrity")
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    world.forward(minutes=20)
    bilal.expects_page()
    world.forward(minutes=29)
    world.nobody_else_is_paged()


def test_a_change_of_duty_is_noticed_at_once_and_pages_nobody_twice(world: World) -> None:
    world.policy("priorities: {P2: {repeat: PT25M}}")
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    for circle in ("lahore", "hq", "karachi"):
        with world.transaction() as tx:
            world.engine.roster_changed(tx, world.now, circle)
        world.forward(seconds=1)
    world.nobody_else_is_paged()
    world.staff("amna lahore duty_officer\nnadia lahore duty_officer\nbilal lahore assistant_director\nfatima hq hq")
    (nadia,) = phones(world, "nadia")
    with world.transaction() as tx:
        world.engine.roster_changed(tx, world.now, "lahore")
    world.forward(seconds=1)
    nadia.expects_page()
    world.nobody_else_is_paged()
    world.forward(minutes=25)
    amna.expects_page()
    nadia.expects_page()
    world.forward(minutes=5)
    bilal.expects_page()


def test_who_passed_as_one_tier_and_takes_over_another_is_asked_again(world: World) -> None:
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    amna.passes()
    amna.expects("passed on")
    world.forward(minutes=1)
    bilal.expects_page()
    with world.transaction() as tx:
        officer = tx.scalars(sa.select(Officer.id).where(Officer.username == "amna")).one()
        until = world.now + timedelta(hours=3)
        staff.cover(tx, "lahore", "assistant_director", officer, world.now, until, by="head", now=world.now)
        world.engine.roster_changed(tx, world.now, "lahore")
    world.forward(seconds=1)
    amna.expects_page(same_token=True)
    world.nobody_else_is_paged()


def test_who_was_paged_before_a_transfer_gets_a_page_of_its_own_after_it(world: World) -> None:
    fatima = world.phone("fatima")
    tip(world, "بھٹے پر مزدور سے زبردستی کام")
    first = fatima.expects_page(circle="HQ")
    for answer in ("1", "Lahore"):
        world.send("+923000000099", answer)
    world.forward(hours=4)
    assert fatima.expects_page(circle="Lahore") != first
    fatima.accepts()
    fatima.expects("is yours")


def test_quiet_hours_hold_back_repeats_and_newcomers_of_p3_only(world: World) -> None:
    world.policy("priorities: {P3: {repeat: PT30M}, P1: {repeat: PT1M}}")
    amna, kamran = world.phone("amna"), world.phone("kamran", "+923000000015")
    world.forward(hours=11, minutes=45)  # a quarter to ten in the evening
    tip(world)
    amna.expects_page()
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.priority, report.round = Priority.P3, 1
        world.engine.ladder.offer(tx, report, 0, world.now)
    world.settle()
    amna.reads_all()
    world.forward(hours=2)
    world.nobody_else_is_paged()
    assert world.events("repeated") == []
    tip(world, "کراچی میں وہ اسے آج رات مار دیں گے خطرہ ہے", "+923000000098")
    kamran.expects_page("P1")
    world.forward(minutes=1)
    kamran.expects_page("P1")


def test_after_a_long_outage_each_report_makes_one_step_and_the_most_urgent_and_oldest_go_first(world: World) -> None:
    amna, bilal = phones(world, "amna", "bilal")
    for number in (91, 92):
        tip(world, number=f"+9230000000{number}")
        world.forward(minutes=1)
    tip(world, DANGER, "+923000000093")
    amna.reads_all()
    with world.database.reading() as tx:
        urgent_first = tx.scalars(sa.select(Report.id).order_by(Report.priority, Report.opened_at)).all()
    world.leap(hours=30)
    climbed = _reports_of(world, "climbed")
    assert climbed == list(urgent_first)
    assert len([text for text in bilal.reads_all() if "more waiting" not in text]) <= 3
    world.nobody_else_is_paged()
    report = world.reports()[-1]
    assert (report.priority, report.climbs_at) == (1, world.now + timedelta(minutes=10))


def _reports_of(world: World, event: str) -> list[str | None]:
    with world.database.reading() as tx:
        return list(tx.scalars(sa.select(AuditRow.report_id).where(AuditRow.event == event).order_by(AuditRow.seq)))


WISHES = "prefer_female: [forced_marriage]"


def test_a_female_officer_is_paged_first_and_named_when_another_accepts(world: World) -> None:
    world.policy(WISHES)
    world.staff("adil lahore duty_officer male\nnadia lahore duty_officer female\nfatima hq hq integrity")
    world.worker_sleeps = True
    tip(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.category = "forced_marriage"
        report.round += 1
        world.engine.ladder.offer(tx, report, 0, world.now)
        by_name = {row.username: row.id for row in tx.execute(sa.select(Officer.username, Officer.id))}
    with world.transaction() as tx:
        accepted = world.engine.accept(tx, report.id, by_name["adil"], world.now, via="console")
    assert (accepted.won, accepted.preferred) == (True, "Nadia")


def test_nobody_is_named_when_the_preferred_officer_accepts_or_was_not_paged(world: World) -> None:
    world.policy(WISHES)
    world.staff("adil lahore duty_officer male\nnadia lahore duty_officer female\nfatima hq hq integrity female")
    tip(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.category = "forced_marriage"
        nadia = tx.scalars(sa.select(Officer.id).where(Officer.username == "nadia")).one()
    with world.transaction() as tx:
        accepted = world.engine.accept(tx, report.id, nadia, world.now, via="console")
    assert (accepted.won, accepted.preferred) == (True, None)


def test_the_preferred_officer_rings_first_and_the_other_not_later_for_it(world: World) -> None:
    world.policy(WISHES)
    world.staff("adil lahore duty_officer male\nnadia lahore duty_officer female\nfatima hq hq integrity")
    adil, nadia = phones(world, "adil", "nadia")
    tip(world)
    adil.reads_all()
    nadia.reads_all()
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.category = "forced_marriage"
    world.air.letters.clear()
    world.forward(minutes=30)
    assert world.now == report.opened_at + timedelta(minutes=30)
    # nobody holds the tiers between: HQ is asked; then the same tier again, by hand
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        report.round += 1
        world.engine.ladder.offer(tx, report, 0, world.now)
    with world.database.reading() as tx:
        rows = sa.select(Officer.username, sa.func.max(OutboxRow.not_before)).join(Page, Page.officer_id == Officer.id)
        rows = rows.join(OutboxRow, OutboxRow.page_id == Page.id).group_by(Officer.username)
        rings = {row[0]: row[1] for row in tx.execute(rows)}
    assert rings["nadia"] < rings["adil"] <= world.now
    world.air.letters.clear()
    world.settle()
    assert [letter.address for letter in world.air.letters] == [nadia.number, adil.number]


def test_a_page_that_is_repeated_after_its_number_has_rested_gets_a_new_one(world: World) -> None:
    (amna,) = phones(world, "amna")
    tip(world)
    amna.expects_page()
    with world.transaction() as tx:
        page = tx.scalars(sa.select(Page)).one()
        page.state, page.created_at = PageState.WITHDRAWN, world.now - TOKEN_REST
        report = tx.scalars(sa.select(Report)).one()
        report.round += 1
        world.engine.ladder.offer(tx, report, 0, world.now)
    world.settle()
    first = amna.token
    assert amna.expects_page() != first


def test_an_acceptance_on_paper_counts_from_its_true_time_and_the_record_keeps_both(world: World) -> None:
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    written = world.now + timedelta(minutes=5)
    world.forward(minutes=20)
    officer = _accept_for(world, "amna", written)
    world.forward(hours=3, minutes=44)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    bilal.expects("no action yet")
    (event,) = [data for event, data in world.record("accepted")]
    assert event == {"via": "slip", "officer": officer, "accepted_at": written.isoformat()}
    assert world.report().accepted_at == written


@pytest.mark.parametrize("minutes", [-1, 21])
def test_an_acceptance_before_the_report_or_in_the_future_is_refused(world: World, minutes: int) -> None:
    tip(world)
    opened = world.now
    world.forward(minutes=20)
    with pytest.raises(ValueError, match="before it was opened, or in the future"):
        _accept_for(world, "amna", opened + timedelta(minutes=minutes))
    assert world.report().status == "open"


def _accept_for(world: World, name: str, at: datetime) -> str:
    with world.transaction() as tx:
        ids = {row.username: row.id for row in tx.execute(sa.select(Officer.username, Officer.id))}
        won = world.engine.accept(
            tx, world.report().id, ids[name], world.now, via="slip", actor=ids["bilal"], at=at
        ).won
    assert won
    return str(ids[name])


def test_what_is_acted_upon_can_no_longer_be_taken_over(world: World) -> None:
    amna, bilal = phones(world, "amna", "bilal")
    tip(world)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    world.forward(hours=4)
    bilal.expects_page()
    with world.transaction() as tx:
        world.engine.act(tx, tx.scalars(sa.select(Report)).one(), world.now)
    bilal.accepts()
    bilal.expects("was taken by Amna")
    assert bilal.unread() == []
