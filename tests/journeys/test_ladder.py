"""A tip reaches the officer on duty, and climbs when nobody answers."""

import sqlalchemy as sa

from hotline.channels.contract import SendError
from hotline.reports.tables import Outcome, Report
from tests.journeys.phones import Phone
from tests.journeys.told import QUESTION
from tests.journeys.world import World

CHILDREN = "لاہور میں اینٹوں کے بھٹے پر کام"


def test_an_urdu_tip_pages_the_duty_officer_and_climbs_to_hq_which_repeats_until_somebody_accepts(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone, ehsan: Phone, fatima: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page("P2", "Lahore")
    reporter.expects("پیغام مل گیا")
    world.forward(minutes=29)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    bilal.expects_page("P2", "Lahore")
    world.forward(minutes=30)
    dania.expects_page("P2", "Lahore")
    world.forward(hours=1)
    ehsan.expects_page("P2", "Lahore")
    world.forward(hours=2)
    fatima.expects_page("P2", "Lahore")
    world.forward(hours=2)
    fatima.expects_page("P2", "Lahore", same_token=True)
    world.nobody_else_is_paged()
    fatima.accepts()
    fatima.expects("is yours")
    world.forward(hours=3)
    world.nobody_else_is_paged()
    assert world.events("climbed") == ["climbed"] * 5


def test_an_acceptance_by_sms_withdraws_the_other_pages_and_changes_the_reporters_status(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    reporter.expects("1 ")
    for answer in ("1", "lahore", "1"):
        reporter.texts(answer)
        reporter.expects("\n")
    reporter.texts("وہاں سفید دروازہ ہے")
    reporter.expects("شکریہ")
    reporter.texts(reporter.code)
    reporter.expects("ہمارے عملے کے پاس")
    world.forward(minutes=30)
    bilal.expects_page()
    bilal.accepts()
    bilal.expects("is yours")
    reporter.texts(reporter.code)
    reporter.expects("کام شروع")
    amna.accepts()
    amna.expects("was taken by Bilal")
    world.nobody_else_is_paged()


def test_the_duty_officer_may_still_accept_after_the_next_tier_was_paged(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=30)
    bilal.expects_page()
    amna.accepts()
    amna.expects("is yours")
    bilal.accepts()
    bilal.expects("was taken by Amna")


def test_passing_on_pages_the_next_tier_at_once_and_a_late_pass_changes_nothing(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.passes()
    amna.expects("passed on")
    world.forward(seconds=1)
    bilal.expects_page()
    amna.passes()
    amna.expects("another officer or circle")
    world.forward(minutes=29)
    world.nobody_else_is_paged()


def test_a_page_that_cannot_be_delivered_moves_on_at_once(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    world.air.failures[amna.number] = [SendError("21610", retryable=False)]
    reporter.texts(CHILDREN)
    world.forward(seconds=1)
    bilal.expects_page()
    assert world.events("undeliverable", "climbed") == ["undeliverable", "climbed"]


def test_a_gateway_that_is_down_for_a_moment_delays_the_page_and_loses_nothing(
    world: World, reporter: Phone, amna: Phone
) -> None:
    world.air.failures[amna.number] = [SendError("503", retryable=True)] * 2
    reporter.texts(CHILDREN)
    assert amna.unread() == []
    world.forward(seconds=20)
    amna.expects_page("P2")


def test_the_token_of_another_officer_or_report_opens_nothing(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    bilal.texts(f"1 {token}")
    bilal.expects(f"No report {token} for you")
    amna.texts("1 9999999")
    amna.expects("Reply 1 and")
    assert world.report().status == "open"


def test_a_stranger_who_sends_a_token_learns_nothing(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    stranger = world.phone("stranger", "+923000000077")
    stranger.texts(f"1 {token}")
    assert token not in stranger.expects("\n")
    assert world.report().status == "open"


def test_a_bare_ok_accepts_only_when_one_page_is_open(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    neighbour = world.phone("neighbour", "+923000000078")
    neighbour.texts("لاہور میں گھر میں بچی سے کام")
    second = amna.expects_page()
    amna.texts("جی")
    amna.expects("Reply 1 and")
    amna.texts(f"جی {second}")
    amna.expects("is yours")
    amna.texts("ok")
    amna.expects("is yours")


def test_an_accepted_report_that_nobody_works_on_is_told_to_the_tier_above_which_may_take_over(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    world.forward(hours=4)
    bilal.expects("no action yet")
    bilal.texts("1")
    bilal.expects("is yours")
    assert world.events("overdue", "accepted") == ["accepted", "overdue", "accepted"]


def test_a_page_to_take_over_that_reaches_nobody_moves_on_at_once(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.accepts()
    world.air.refuses(bilal.number)
    world.forward(hours=4)
    dania.expects("no action yet", within="1s")


def test_a_report_without_a_place_goes_to_the_hq_desk_and_moves_to_its_circle_when_the_place_is_known(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts("بھٹے پر مزدور سے زبردستی کام")
    fatima.expects_page("P2", "HQ")
    reporter.expects("1 ")
    reporter.texts("1")
    reporter.expects("کہاں")
    reporter.texts("Lahor")
    amna.expects_page("P2", "Lahore")
    fatima.accepts()
    fatima.expects("another officer or circle")
    assert world.report().circle == "lahore"


def test_a_place_abroad_stays_with_the_hq_desk(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("my brother went abroad for work with agents")
    fatima.expects_page("P2")
    reporter.expects("1 ")
    reporter.texts("4")
    reporter.texts("Libya")
    reporter.texts("they locked him and want ransom money")
    fatima.expects_page("P1")
    assert world.report().circle == "hq"
    assert world.report().district is not None


def test_a_tip_about_an_official_leaves_the_circle_for_hqs_integrity_officers(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    reporter.expects("1 ")
    for answer in ("1", "lahore", "1", "9", "1", "9", "2"):
        reporter.texts(answer)
        reporter.expects("\n")
    reporter.texts("1")
    reporter.expects("")
    fatima.expects_page(circle="HQ")
    amna.accepts()
    amna.expects("another officer or circle")
    report = world.report()
    assert (report.integrity, report.circle, report.status) == (True, "hq", "open")


def test_danger_in_a_later_answer_lifts_the_report_and_pages_again(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    first = amna.expects_page("P2")
    reporter.expects("1 ")
    reporter.texts("وہ اسے آج رات مار دیں گے خطرہ ہے")
    assert amna.expects_page("P1") == first
    world.forward(minutes=5)
    assert world.events("climbed") == ["climbed"]


def test_a_p3_page_waits_for_the_morning_unless_danger_is_added(world: World, reporter: Phone, amna: Phone) -> None:
    world.triage("P3")
    world.forward(hours=14)  # midnight in Karachi
    reporter.texts("لاہور میں ایک ایجنٹ ہے")
    neighbour = world.phone("neighbour", "+923000000078")
    neighbour.texts("لاہور میں ایک اور ایجنٹ ہے")
    world.forward(hours=6)
    world.nobody_else_is_paged()
    reporter.texts("وہ اسے مار رہے ہیں، جان کا خطرہ ہے")
    amna.expects_page("P1")
    world.forward(hours=1)
    amna.expects_page("P3")
    world.forward(hours=3)
    assert "P3" not in "".join(amna.unread())


def test_a_bare_ok_does_not_mean_a_page_that_waits_for_the_morning(world: World, reporter: Phone, amna: Phone) -> None:
    world.triage("P3")
    world.forward(hours=14)  # midnight in Karachi
    reporter.texts(QUESTION)
    amna.texts("ok")
    amna.expects("Reply 1 and")
    world.forward(hours=9)
    amna.expects_page("P3")
    amna.texts("ok")
    amna.expects("is yours")


def test_danger_after_acceptance_reaches_the_officer_who_has_the_report(
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page("P2")
    amna.accepts()
    amna.expects("is yours")
    reporter.texts("وہ اسے آج رات مار دیں گے خطرہ ہے")
    assert token in amna.expects("P1", "more urgent now")
    reporter.texts("خطرہ ہے، جلدی کریں ابھی ابھی")
    assert amna.unread() == []


def test_what_is_said_after_closing_is_a_new_report(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    first = world.report().id
    with world.transaction() as tx:
        world.engine.close(tx, tx.get_one(Report, first), Outcome.UNFOUNDED, "amna", world.now)
    reporter.texts("لاہور میں وہ اسے آج رات مار دیں گے خطرہ ہے")
    amna.expects_page("P1")
    with world.transaction() as tx:
        assert len(tx.scalars(sa.select(Report)).all()) == 2


def test_hq_passing_it_on_does_not_ring_hq_again_before_its_time(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("Ten people work in the cellar")
    fatima.expects_page("P2", "HQ")
    fatima.passes()
    fatima.expects("passed on")
    world.forward(minutes=119)
    world.nobody_else_is_paged()
    world.forward(minutes=1)
    fatima.expects_page("P2", "HQ", same_token=True)


def test_an_official_named_in_own_words_leaves_the_circle_too(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    for answer in ("1", "lahore", "1", "9", "1", "9", "2", "علاقے کا بڑا افسر ان سے پیسے لیتا ہے"):
        reporter.texts(answer)
    fatima.expects_page(circle="HQ")
    assert (world.report().integrity, world.report().circle) == (True, "hq")
