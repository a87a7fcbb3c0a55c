"""A whole report from a feature phone; duty handed over by SMS; STOP switches nobody off."""

from hotline.reports.tables import Status
from tests.journeys.desk import PIN, has_a_pin
from tests.journeys.phones import Phone
from tests.journeys.staff import number_of
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World

NADIA = {
    "username": "nadia", "name": "Nadia", "rank": "inspector", "circle": "lahore",
    "addresses": [{"channel": "sms", "address": number_of("nadia")}],
}  # fmt: skip
LINE = """
    amna   lahore duty_officer
    nadia  lahore duty_officer {nadia}
    bilal  lahore assistant_director
    dania  lahore deputy_director
    fatima hq hq
"""


def test_a_whole_report_is_handled_by_sms_and_the_console_shows_it_later(
    world: World, reporter: Phone, amna: Phone
) -> None:
    has_a_pin(world, "amna")
    reporter.texts(CHILDREN)
    token = amna.expects_page("P2", "Lahore")
    amna.texts(token)
    amna.expects(token, "P2", "Lahore", "min left")
    amna.texts(f"NOTE {token} too early")
    amna.expects("is not yours yet")
    amna.texts(f"1 {token}")
    amna.expects("is yours")
    amna.texts(f"done {token} 1 {PIN}")
    amna.expects("first reply NOTE")
    amna.texts(f"note {token} Visited the kiln, four children are safe")
    amna.expects("note is on record")
    amna.texts("list")
    amna.expects(f"yours {token} P2")
    amna.texts(f"done {token} 1 081522")
    amna.expects("Wrong PIN")
    amna.texts(f"done {token} rescued {PIN}")
    amna.expects("is closed")
    amna.texts(f"1 {token}")
    amna.expects("is closed")
    assert world.report().status == Status.CLOSED
    assert "Visited the kiln, four children are safe" in world.written()
    world.ledger_balances()


def test_the_head_names_by_sms_who_has_the_duty_and_what_waits_is_paged_there_at_once(
    world: World, reporter: Phone, amna: Phone, dania: Phone
) -> None:
    world.directory({"officers": [NADIA]})
    reporter.texts(CHILDREN)
    amna.expects_page()
    dania.texts("DUTY nadia")
    dania.expects("Nadia has the duty until")
    nadia = world.phone("nadia")
    nadia.expects("You have the duty until")
    nadia.expects_page("P2", "Lahore", within="1s")
    amna.expects("Nadia has the duty until")
    world.phone("neighbour", "+923000000078").texts(DANGER)
    nadia.expects_page("P1", "Lahore")
    amna.is_silent()


def test_only_the_head_may_name_who_has_the_duty(world: World, amna: Phone, bilal: Phone) -> None:
    for phone in (amna, bilal):
        phone.texts("DUTY amna")
        phone.expects("Only the head")
    assert world.events("denied") == ["denied"] * 2


def test_duty_off_is_granted_while_a_colleague_is_on(world: World, reporter: Phone, amna: Phone) -> None:
    world.staff(LINE.format(nadia=""))
    amna.texts("duty off")
    amna.expects("You are off duty until", "Nadia")
    reporter.texts(CHILDREN)
    world.phone("nadia").expects_page("P2", "Lahore")
    amna.is_silent()
    amna.texts("duty on")
    amna.expects("You have the duty")
    world.phone("neighbour", "+923000000078").texts(DANGER)
    world.forward(seconds=1)
    assert any("P1" in text for text in amna.reads_all())


def test_duty_off_is_refused_while_nobody_else_is_on_and_the_head_is_told(
    world: World, reporter: Phone, amna: Phone, dania: Phone
) -> None:
    amna.texts("duty off")
    amna.expects("you stay on")
    dania.expects("Amna asks to go off duty")
    reporter.texts(CHILDREN)
    amna.expects_page("P2", "Lahore")


def test_stop_from_a_duty_phone_switches_nobody_off_and_the_head_is_told_once(
    world: World, reporter: Phone, amna: Phone, dania: Phone
) -> None:
    for _ in range(3):
        amna.texts("STOP")
    amna.expects("You are still on duty")
    dania.expects("Amna sent STOP")
    dania.is_silent()
    reporter.texts(CHILDREN)
    assert any("P2 report" in text for text in amna.reads_all())


def test_an_officer_who_asked_for_urdu_is_paged_and_answered_in_urdu(world: World, reporter: Phone) -> None:
    world.staff("nadia lahore duty_officer wish=ur\n sana lahore duty_officer wish=ur@latin\n fatima hq hq")
    reporter.texts(CHILDREN)
    nadia, sana = world.phone("nadia"), world.phone("sana")
    page, roman = nadia.expects("رپورٹ"), sana.expects("report")
    assert max(map(len, (page, roman))) <= 160
    assert len(page) <= 70
    nadia.texts("جی")
    nadia.expects("رپورٹ")
    assert world.report().status == Status.ACCEPTED
