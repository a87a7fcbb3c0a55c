"""Officers answer: at once, late, at the same instant, for somebody else, with the wrong number."""

from hotline.reports.tables import Status
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, KARACHI
from tests.journeys.world import World


def test_two_who_accept_at_the_same_instant_get_one_yes_and_one_name(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=30)
    bilal.expects_page()
    world.simultaneously(amna.accepts, bilal.accepts)
    told = sorted([amna.expects("Report"), bilal.expects("Report")], key=len)
    assert "was taken by" in told[0]
    assert "is yours" in told[1]
    assert world.events("accepted") == ["accepted"]
    world.ledger_balances()


def test_an_acceptance_and_the_climb_at_the_same_instant_leave_one_holder_and_no_page_that_rings(
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.database.moment = world.report().due_at or world.now
    world.simultaneously(amna.accepts, world.tick, world.tick)
    amna.expects("is yours")
    assert world.report().status == Status.ACCEPTED
    assert world.events("accepted") == ["accepted"]
    world.ledger_balances()


def test_a_late_acceptance_after_two_climbs_still_wins_if_nobody_was_faster(
    world: World, reporter: Phone, amna: Phone, bilal: Phone, dania: Phone
) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=61)
    bilal.expects_page()
    dania.expects_page()
    amna.accepts()
    amna.expects("is yours")
    world.forward(hours=3)
    world.nobody_else_is_paged()


def test_the_token_of_another_report_accepts_that_one_and_no_other(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    first = amna.expects_page("P2")
    world.phone("neighbour", "+923000000078").texts(DANGER)
    second = amna.expects_page("P1")
    assert first != second
    amna.texts(f"1 {second}")
    amna.expects(second, "is yours")
    assert sorted((report.priority, report.status) for report in world.reports()) == [(1, "accepted"), (2, "open")]


def test_the_number_of_a_report_in_another_circle_opens_nothing(world: World, reporter: Phone, amna: Phone) -> None:
    gulnaz = world.phone("gulnaz")
    reporter.texts(KARACHI)
    token = gulnaz.expects_page(circle="Karachi")
    amna.texts(f"1 {token}")
    amna.expects(f"No report {token} for you")
    assert world.report().status == Status.OPEN
    assert world.events("token_unknown") == ["token_unknown"]


def test_an_acceptance_from_an_unknown_number_is_a_message_of_the_public(
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    stranger = world.phone("stranger", "+923000000077")
    for text in (f"1 {token}", f"{token} jee", "ok", f"2 {token}"):
        stranger.texts(text)
    assert token not in "".join(stranger.reads_all())
    assert world.events("accepted", "passed", "token_unknown") == []
    amna.is_silent()


def test_an_officer_who_left_the_service_is_a_stranger(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    world.staff("bilal lahore assistant_director\n fatima hq hq")
    amna.texts(f"1 {token}")
    assert token not in "".join(amna.reads_all())
    assert world.report().status == Status.OPEN
    world.forward(minutes=30)
    world.phone("bilal").expects_page()


def test_accepting_twice_is_told_the_same_and_changes_nothing(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    for _ in range(3):
        amna.accepts()
        amna.expects("is yours")
    assert world.events("accepted") == ["accepted"]


def test_the_providers_repeat_of_an_acceptance_is_answered_once(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    for _ in range(3):
        amna.texts(f"1 {token}", provider_id="SM-the-same")
    amna.expects("is yours")
    amna.is_silent()


def test_an_answer_counts_however_a_tired_thumb_writes_it(world: World, amna: Phone) -> None:
    answers = ("1 {}", "{} 1", "{} jee", "han {}", "“1 {}”", "1,{}", "  1   {} ", "OK {}", "جی {}")
    for last, answer in enumerate(answers, start=60):
        world.send(f"+9230000000{last}", DANGER)
        amna.texts(answer.format(amna.expects_page("P1")))
        amna.expects("is yours")


def test_urdu_digits_count(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    amna.texts(f"1 {token}".translate({ord(digit): "۰۱۲۳۴۵۶۷۸۹"[int(digit)] for digit in "0123456789"}))
    amna.expects("is yours")


def test_a_report_that_goes_to_another_circle_and_back_is_fenced_at_each_step(
    world: World, reporter: Phone, amna: Phone
) -> None:
    gulnaz = world.phone("gulnaz")
    reporter.texts(CHILDREN)
    first = amna.expects_page(circle="Lahore")
    world.transfer("karachi")
    there = gulnaz.expects_page(circle="Karachi")
    amna.texts(f"1 {first}")
    amna.expects("another officer or circle")
    world.transfer("lahore")
    back = amna.expects_page(circle="Lahore")
    assert back != first, "a number of the earlier offer must not work by accident"
    gulnaz.texts(f"1 {there}")
    gulnaz.expects("another officer or circle")
    amna.texts(f"1 {first}")
    amna.expects("another officer or circle")
    amna.texts(f"1 {back}")
    amna.expects("is yours")
    world.ledger_balances()


def test_a_transfer_begins_the_new_circles_own_ladder(world: World, reporter: Phone, amna: Phone) -> None:
    gulnaz, hamid = world.phone("gulnaz"), world.phone("hamid")
    reporter.texts(CHILDREN)
    amna.expects_page()
    world.forward(minutes=29)
    world.transfer("karachi")
    gulnaz.expects_page("P2", "Karachi")
    world.forward(minutes=29)
    world.nobody_else_is_paged()
    hamid.expects_page("P2", "Karachi", within="1m")


def test_an_overdue_report_is_taken_over_and_its_first_holder_is_told_who_has_it(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    bilal.texts(f"1 {token}")
    bilal.expects("No report")
    world.forward(hours=4)
    bilal.expects_page()
    bilal.accepts()
    bilal.expects("is yours")
    amna.accepts()
    amna.expects("was taken by Bilal")
    world.ledger_balances()
