"""Officers without a console: a report is taken, read, noted on and closed by text messages alone."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline import casework, reports, staff
from hotline.channels.sms_encoding import encode_plan
from hotline.core.audit import AuditRow
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, OFFICIAL
from tests.journeys.world import World
from tests.support.paged import acting

PIN = "482193"
CONTENT = "کچھ ٹھیک نہیں"  # of what CHILDREN says


def id_of(world: World, username: str) -> str:
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Officer.id).where(Officer.username == username)).one()


def has_pin(world: World, username: str) -> None:
    """The officer has set a PIN in the console."""
    with world.transaction() as tx:
        staff.set_password(tx, username, "correct horse battery")
    with world.transaction() as tx:
        staff.set_pin(tx, id_of(world, username), PIN, world.now)


def wishes(world: World, username: str, wish: str) -> None:
    with world.transaction() as tx:
        tx.scalars(sa.select(Officer).where(Officer.username == username)).one().wish = wish


def is_hers(reporter: Phone, amna: Phone, text: str = CHILDREN) -> str:
    """A report comes in and Amna takes it; its number."""
    reporter.texts(text)
    token = amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    return token


def test_a_whole_report_is_handled_from_a_feature_phone_and_printed_later(
    world: World, reporter: Phone, amna: Phone
) -> None:
    has_pin(world, "amna")
    reporter.texts(CHILDREN)
    token = amna.expects_page("P2", "Lahore")
    amna.texts(f"1 {token}")
    amna.expects(f"Report {token} is yours", f"NOTE {token}")
    amna.texts(f"read {token}")
    amna.expects(f"Report {token} P2: tip, Lahore, -, SMS, 23/11 10:00. 4 h left")
    amna.texts(f"note {token} Went to the kiln, two families there.")
    amna.expects(f"Report {token}: your note is on record")
    world.forward(hours=1)
    amna.texts(f"done {token} rescued {PIN}")
    amna.expects(f"Report {token} is closed: rescued.")
    with world.transaction() as tx:
        sheet = casework.read_report(acting(world, tx, "bilal"), world.report().id)
    assert sheet is not None
    assert sheet.written is not None
    written = [(entry.kind, entry.author, entry.text) for entry in sheet.written]
    assert written[1:] == [("note", "Amna", "Went to the kiln, two families there")]
    assert CONTENT in written[0][2]
    assert [event for event in ("accepted", "facts_read", "noted", "closed") if event in world.events()] == [
        "accepted", "facts_read", "noted", "closed",
    ]  # fmt: skip
    assert (world.report().status, world.report().outcome) == ("closed", "rescued")


def test_every_answer_is_one_part_in_the_officers_wish(world: World, reporter: Phone, amna: Phone) -> None:
    has_pin(world, "amna")
    alphabets = {"ur": "ucs2", "sd": "ucs2", "ur@latin": "gsm", "sd@latin": "gsm", "en": "gsm"}
    for number, (wish, alphabet) in enumerate(alphabets.items(), start=81):
        wishes(world, "amna", wish)
        world.forward(days=1)
        amna.reads_all()
        world.phone(wish, f"+9230000000{number}").texts(CHILDREN)
        token = re.findall(r"\d{4,6}", amna.reads_all()[-1])[0]
        for text in (
            f"who {token}", f"note {token} x", f"1 {token}", f"1 {token}", token, "list", "who", f"2 {token}", "help", f"done {token}",
            f"done {token} 1 {PIN}", f"note {token}", f"note {token} hello", f"done {token} 1 999999", f"done {token} 6 {PIN}",
            f"1 {token}", "list", "1 1234", "duty off", "duty on", "duty nobody", "stop", "blah",
        ):  # fmt: skip
            amna.texts(text)
            answers = amna.reads_all()
            assert len(answers) == (text != "blah"), (wish, text, answers)
            for answer in answers:
                plan = encode_plan(answer)
                assert (plan.alphabet, plan.parts) == (alphabet, 1), answer
        assert world.reports()[-1].outcome == "test"


def test_without_a_pin_a_report_is_closed_in_the_console_only(world: World, reporter: Phone, amna: Phone) -> None:
    token = is_hers(reporter, amna)
    amna.texts(f"note {token} gone there")
    amna.expects("on record")
    amna.texts(f"done {token} rescued {PIN}")
    amna.expects("no PIN yet", "console")
    assert world.report().status == "accepted"


def test_wrong_pins_are_counted_and_then_even_the_right_one_waits(world: World, reporter: Phone, amna: Phone) -> None:
    has_pin(world, "amna")
    token = is_hers(reporter, amna)
    amna.texts(f"note {token} gone there")
    amna.expects("on record")
    for guess in ("111111", "222222", "333333", "444444"):
        amna.texts(f"done {token} 1 {guess}")
        amna.expects("Wrong PIN")
    amna.texts(f"done {token} 1 {PIN}")
    amna.expects("Too many wrong PINs. Wait 15 min")
    world.forward(minutes=15)
    amna.texts(f"done {token} 1 {PIN}")
    amna.expects("is closed: rescued")
    assert len(world.events("pin_wrong")) == 4


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("done {token} rescued 482193", "first reply NOTE"),
        ("done {token} 482193", "1 rescued, 2 inquiry"),
        ("done {token} rescued", "1 rescued, 2 inquiry"),
        ("done {token}", "1 rescued, 2 inquiry"),
        ("done", "Reply DONE 4821"),
        ("note {token}", "Reply NOTE {token} and your words"),
    ],
)
def test_what_is_missing_is_asked_for(world: World, reporter: Phone, amna: Phone, text: str, answer: str) -> None:
    has_pin(world, "amna")
    token = is_hers(reporter, amna)
    amna.texts(text.replace("{token}", token))
    amna.expects(answer.replace("{token}", token))
    assert world.report().status == "accepted"


def test_a_note_is_the_first_action_and_restarts_the_idle_timer(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    token = is_hers(reporter, amna)
    assert world.report().timer == "first_action"
    world.forward(hours=3)
    amna.texts("note gone there, nobody yet")  # the only report she has
    amna.expects(token, "on record")
    assert world.report().timer == "idle"
    assert world.report().due_at == world.now + timedelta(days=2)
    world.forward(hours=47)
    bilal.is_silent()
    amna.texts(f"{token} note still nobody")
    amna.expects("on record")
    world.forward(hours=47)
    bilal.is_silent()


def test_only_who_has_a_report_writes_on_it_or_closes_it(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    has_pin(world, "bilal")
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    amna.texts(f"note {token} gone there")
    amna.expects("not yours yet", f"Reply 1 {token} first")
    world.forward(minutes=30)
    his = bilal.expects_page()
    amna.accepts()
    amna.expects("is yours")
    for text in (f"note {his} me too", f"done {his} 1 {PIN}", f"who {his}", f"2 {his}", f"1 {his}"):
        bilal.texts(text)
        bilal.expects(f"Report {his} was taken by Amna")
    assert world.report().status == "accepted"
    assert len(world.written()) == 1


def test_a_closed_report_is_closed_for_who_had_it_too(world: World, reporter: Phone, amna: Phone) -> None:
    token = is_hers(reporter, amna)
    world.close()
    for text in (f"1 {token}", f"2 {token}", token, f"note {token} more", f"who {token}", f"done {token} 1 {PIN}"):
        amna.texts(text)
        amna.expects(f"Report {token} is closed")
    amna.texts("list")
    amna.expects("No report waits for you")


def test_a_report_that_another_circle_has_shows_nothing_more(world: World, reporter: Phone, amna: Phone) -> None:
    token = is_hers(reporter, amna)
    world.transfer("karachi")
    world.phone("gulnaz").accepts()
    for text in (token, f"who {token}", f"note {token} more", f"1 {token}", f"2 {token}", f"done {token} 1 {PIN}"):
        amna.texts(text)
        amna.expects(f"Report {token} is with another officer or circle")
    amna.texts("list")
    amna.expects("No report waits for you")


def test_the_list_names_what_waits_and_what_is_held_the_most_urgent_first(
    world: World, reporter: Phone, amna: Phone
) -> None:
    held = is_hers(reporter, amna)
    world.phone("two", "+923000000072").texts(CHILDREN)
    second = amna.expects_page("P2")
    world.phone("three", "+923000000073").texts(DANGER)
    urgent = amna.expects_page("P1")
    amna.texts("LIST")
    amna.expects(f"new {urgent} P1, new {second} P2, yours {held} P2")


def test_who_names_who_has_it_and_who_is_on_duty(world: World, reporter: Phone, amna: Phone, bilal: Phone) -> None:
    reporter.texts(CHILDREN)
    token = amna.expects_page()
    amna.texts(f"who {token}")
    amna.expects(f"Report {token}: nobody has accepted it yet")
    amna.accepts()
    amna.expects("is yours")
    amna.texts(f"kaun hai {token}")
    amna.expects(f"Report {token} is with you")
    bilal.texts("who")
    bilal.expects("On duty now: Amna, Bilal, Dania, Ehsan, Fatima")


def test_the_facts_of_a_tip_about_an_official_name_neither_place_nor_kind(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    world.send(reporter.number, CHILDREN)
    for answer in OFFICIAL:
        reporter.texts(answer)
    token = fatima.expects_page(circle="HQ")
    fatima.texts(token)
    facts = fatima.expects(f"Report {token} P2: tip, HQ desk, -, SMS")
    assert "Lahore" not in facts
    fatima.accepts()
    fatima.expects("is yours")
    fatima.texts(f"note {token} spoke with the director")
    fatima.expects("on record")
    with world.transaction() as tx:
        report = tx.get_one(Report, world.report().id)
        entry = tx.scalars(sa.select(reports.Entry).where(reports.Entry.kind == "note")).one()
        assert tx.get_one(reports.CircleKey, entry.key_id).lane == "integrity"
        assert "spoke with the director" in [
            one.text for one in reports.read_entries(tx, reports.pick_up(tx, world.keys, report))
        ]


def test_a_colleague_whom_the_person_would_rather_talk_to_is_named(world: World, reporter: Phone) -> None:
    world.staff("""
        hamid  lahore duty_officer male
        nadia  lahore duty_officer female
        fatima hq hq
    """)
    world.policy("prefer_female: [forced_marriage]")
    hamid, nadia = world.phone("hamid"), world.phone("nadia")
    reporter.texts(CHILDREN)
    hamid.expects_page()
    nadia.expects_page()
    reporter.texts("6")
    reporter.texts("2")
    hamid.accepts()
    hamid.expects("is yours", "take Nadia along")


def test_nothing_of_a_note_or_a_pin_stands_in_the_record_or_the_database(
    world: World, reporter: Phone, amna: Phone
) -> None:
    has_pin(world, "amna")
    token = is_hers(reporter, amna)
    amna.texts(f"note {token} XYZZY-PLUGH")
    amna.expects("on record")
    amna.texts(f"done {token} 1 {PIN}")
    amna.expects("closed")
    with world.database.reading() as tx:
        rows = [str(row.data) for row in tx.scalars(sa.select(AuditRow))]
        bodies = [entry.body + (entry.wrapped_key or b"") for entry in tx.scalars(sa.select(reports.Entry))]
    assert not any("XYZZY" in row or PIN in row for row in rows)
    assert not any(b"XYZZY" in body for body in bodies)
