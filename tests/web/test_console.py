"""An officer at the console: what the pages say and do."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.core.i18n import translate
from hotline.messaging.outbox import OutboxRow, OutboxState
from hotline.reports.tables import Report
from hotline.staff.tables import Officer, Shift
from hotline.web import language
from hotline.web.console import labels
from tests.journeys.world import World
from tests.web.site import Browser, Site

REPORTER = "+923000000099"
TIP = "لاہور میں بھٹے پر <b>زبردستی</b> کام"
CSRF = re.compile(r'name="csrf_token" value="[^"]+"')
HELD = "Help, we are locked in a house in Lahore"


def opens_first(browser: Browser) -> str:
    """Open the first report of the queue; its address."""
    browser.opens("/")
    path = next(link for link in browser.page.links if link.startswith("/reports/"))
    browser.opens(path)
    return path


def test_an_officer_reads_accepts_notes_and_closes(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    amna.opens("/")
    assert "To accept: 30 min left" in amna.page.text
    path = opens_first(amna)
    assert TIP in amna.page.text
    assert "&lt;b&gt;" in amna.page.html, "the reporter's words are text, never markup"
    assert "An anonymous tip justifies an inquiry, not by itself a search or seizure." in amna.page.text
    amna.sends(f"{path}/accept")
    assert "The report is yours." in amna.page.text
    assert "Accept this report" not in amna.page.text
    amna.sends(f"{path}/notes", text="Called the station.\nفون کیا")
    assert "Called the station.\nفون کیا" in amna.page.html
    world.forward(hours=25)
    amna = site.at_console("amna")
    amna.opens(path)
    amna.sends(f"{path}/close", outcome="rescued")
    assert "The report is closed." in amna.page.text
    assert "Closed: Persons rescued" in amna.page.text
    assert world.report().outcome == "rescued"
    assert world.events("accepted", "noted", "closed") == ["accepted", "noted", "closed"]


def test_the_sheet_has_answers_first_in_words_that_officers_know(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    for answer in ("1", "Ichhra, Lahore", "1", "van LEA 1234", "1", "9", "3", "2"):
        world.send(REPORTER, answer)
    amna = site.at_console("amna")
    opens_first(amna)
    rows = " ".join(amna.page.text.split())
    assert "Facts named" in rows
    assert "Reported Tip, SMS," in rows
    for row in ("Kind Forced work", "Where Ichhra, Lahore", "Is it happening now? Yes, now", "Children Don't know"):
        assert row in rows
    assert rows.index("Kind Forced work") < rows.index("Messages") < rows.index("History")


def test_the_number_of_the_page_finds_the_report_in_the_queue(world: World, site: Site) -> None:
    phone = world.phone("amna", "+923000000001")
    world.send(REPORTER, TIP)
    token = phone.expects_page()
    assert token in site.at_console("amna").opens("/").text


def test_who_was_faster_by_sms_has_the_report(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    bilal, amna = site.at_console("bilal"), world.phone("amna", "+923000000001")
    path = opens_first(bilal)
    amna.expects_page()
    amna.accepts()
    bilal.sends(f"{path}/accept")
    assert "Accepted: Amna" in bilal.page.text
    assert "The report is yours." not in bilal.page.text
    assert world.events("accepted") == ["accepted"]


def test_a_superior_takes_over_what_is_overdue(world: World, site: Site) -> None:
    world.send(REPORTER, HELD)
    amna = site.at_console("amna")
    amna.sends(f"{opens_first(amna)}/accept")
    bilal = site.at_console("bilal")
    path = opens_first(bilal)
    assert "Accept this report" not in bilal.page.text
    world.forward(hours=6)
    bilal = site.at_console("bilal")
    bilal.opens(path)
    assert "Accept this report" in bilal.page.text
    bilal.sends(f"{path}/accept")
    assert "The report is yours." in bilal.page.text


@pytest.mark.parametrize(
    ("text", "accepts", "later", "needed"),
    [
        (TIP, None, timedelta(), True),
        (TIP, "bilal", timedelta(), True),
        (TIP, "amna", timedelta(), False),
        (HELD, "amna", timedelta(minutes=1), True),
        (HELD, "amna", timedelta(hours=12), False),
    ],
)
def test_an_early_closing_needs_a_reason(
    world: World, site: Site, text: str, accepts: str | None, later: timedelta, needed: bool
) -> None:
    world.send(REPORTER, text)
    if accepts:
        with world.transaction() as tx:
            report_id = tx.scalars(sa.select(Report.id)).one()
            officer = tx.scalars(sa.select(Officer.id).where(Officer.username == accepts)).one()
            world.engine.accept(tx, report_id, officer, world.now, via="sms")
    world.database.moment = world.now + later
    amna = site.at_console("amna")
    path = opens_first(amna)
    amna.sends(f"{path}/close", outcome="unfounded")
    assert (world.report().status != "closed") is needed
    assert ("please give a reason" in amna.page.text) is needed
    if needed:
        amna.sends(f"{path}/close", outcome="unfounded", reason="same as 4821")
        assert world.report().status == "closed"
        assert world.written()[-1] == "same as 4821"
    amna.sends(f"{path}/close", outcome="rescued", reason="once more")
    assert world.report().outcome == "unfounded"
    assert "closed already" in amna.page.text


@pytest.mark.parametrize("fields", [{}, {"outcome": "won"}, {"outcome": ""}])
def test_an_outcome_that_is_none_is_refused(world: World, site: Site, fields: dict[str, str]) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    path = opens_first(amna)
    assert amna.sends(f"{path}/close", **fields).status_code == 400
    assert world.report().status == "open"


def test_an_empty_note_is_not_written_and_a_refused_form_keeps_what_was_typed(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    path = opens_first(amna)
    amna.sends(f"{path}/notes", text="  \r\n ")
    assert (amna.status, len(world.written())) == (422, 1)
    amna.sends(f"{path}/close", outcome="referred")
    assert 'value="referred" selected' in amna.page.html


def test_who_has_the_report_asks_back_and_reads_the_answer_on_the_same_page(world: World, site: Site) -> None:
    reporter = world.phone("reporter", REPORTER)
    reporter.texts(TIP)
    reporter.reads_all()
    amna = site.at_console("amna")
    path = opens_first(amna)
    assert "Ask whoever reported" not in amna.page.text
    amna.sends(f"{path}/questions", question="Which gate?")
    assert (amna.status, "first accept this report" in amna.page.text) == (422, True)
    amna.sends(f"{path}/accept")
    amna.sends(f"{path}/questions", question="We are the police. Which gate?")
    assert "must not learn from it" in amna.page.text
    assert "We are the police. Which gate?" in amna.page.html, "what was typed is kept"
    amna.sends(f"{path}/questions", question="Which gate?")
    assert "leaves as soon as it is safe" in amna.page.text
    world.settle()
    reporter.expects("Which gate?")
    reporter.texts("the green one")
    assert "the green one" in amna.opens(path).text
    assert "asked whoever reported" in amna.page.text
    assert world.events("asked") == ["asked"]


def test_the_reporter_may_go_on_after_a_note(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    amna.sends(f"{opens_first(amna)}/notes", text="first note")
    world.send(REPORTER, "1")
    world.send(REPORTER, "Lahore")
    assert world.written() == [TIP, "first note", "1", "Lahore"]


def test_a_sheet_whose_texts_are_gone_or_damaged_still_opens(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    with world.transaction() as tx:
        tx.scalars(sa.select(Report)).one().wrapped_key = None
    opens_first(amna)
    assert amna.status == 200
    assert "cannot be opened" in amna.page.text
    assert "New note" not in amna.page.text


def test_a_page_that_loads_itself_again_keeps_nobody_logged_in(world: World, site: Site) -> None:
    amna = site.at_console("amna")
    for _ in range(3):
        world.database.moment += timedelta(minutes=9)
        answer = amna.opens("/?auto=1")
    assert answer.request.path == "/login"
    assert "You were logged out" in amna.page.text


def test_somebody_who_works_stays_logged_in(world: World, site: Site) -> None:
    amna = site.at_console("amna")
    for _ in range(3):
        world.database.moment += timedelta(minutes=9)
        assert amna.opens("/").request.path == "/"


def test_logging_out_ends_it_on_the_server_too(world: World, site: Site) -> None:
    amna = site.at_console("amna")
    cookie = amna.client.get_cookie("login")
    assert cookie is not None
    amna.sends("/logout")
    amna.client.set_cookie("login", cookie.value)
    assert amna.opens("/").request.path == "/login"


def test_a_wrong_password_says_nothing_about_who_exists(site: Site) -> None:
    site.at_console("amna")
    browser = site.browser()
    pages = [browser.logs_in(name, "guess guess guess").text for name in ("amna", "nobody")]
    assert browser.page.hidden["csrf_token"]
    assert len({CSRF.sub("", page) for page in pages}) == 1
    assert browser.status == 403
    for _ in range(5):
        browser.logs_in("amna", "guess guess guess")
    assert "Try again after 10:00:0" in browser.page.text


@pytest.mark.parametrize(("age", "loud"), [(1.0, False), (30.0, False), (30.5, True), (None, True)])
def test_an_engine_that_stands_still_is_loud(site: Site, age: float | None, loud: bool) -> None:
    site.clock_swept(age)
    assert ("stands still" in site.at_console("amna").opens("/").text) is loud


def test_nobody_on_duty_and_gaps_are_shown_to_the_circle_and_the_desk(world: World, site: Site) -> None:
    with world.transaction() as tx:
        for shift in tx.scalars(sa.select(Shift).where(Shift.circle == "karachi")):
            tx.delete(shift)
        duty = tx.scalars(sa.select(Shift).where(Shift.circle == "lahore", Shift.tier == "duty_officer")).one()
        duty.start_minute, duty.end_minute = 8 * 60, 20 * 60
    texts = {name: site.at_console(name).opens("/").text for name in ("amna", "gulnaz", "fatima")}
    gap = "AHTC Lahore: no duty officer from 23-11-2026 20:00 to 24-11-2026 08:00"
    nobody = "AHTC Karachi: nobody is on duty now"
    assert [(gap in text, nobody in text) for text in texts.values()] == [(True, False), (False, True), (True, True)]


def test_messages_held_back_are_the_desks_business(world: World, site: Site) -> None:
    world.worker_sleeps = True
    world.send(REPORTER, TIP)
    with world.transaction() as tx:
        tx.execute(sa.update(OutboxRow).where(OutboxRow.contact_id.is_not(None)).values(state=OutboxState.HELD.value))
    assert "1 messages to the public are held back" in site.at_console("fatima").opens("/").text
    assert "held back" not in site.at_console("amna").opens("/").text


@pytest.mark.parametrize(("chosen", "direction"), [("ur", "rtl"), ("sd", "rtl"), ("en", "ltr")])
def test_every_page_is_in_the_language_that_was_chosen_and_stays_so(
    world: World, site: Site, chosen: str, direction: str
) -> None:
    world.send(REPORTER, TIP)
    amna = site.at_console("amna")
    amna.opens(f"/?language={chosen}")
    opens_first(amna)
    assert f'<html lang="{chosen}" dir="{direction}">' in amna.page.html
    assert '<bdi class="words" dir="auto" lang="ur">' in amna.page.html
    amna.opens("/?language=xx")
    assert f'<html lang="{chosen}" dir="{direction}">' in amna.page.html


def test_a_full_queue_is_a_small_page(world: World, site: Site) -> None:
    for number in range(100, 160):
        world.send(f"+923000000{number}", HELD)
    amna = site.at_console("amna")
    assert len(amna.opens("/").data) < 30_000
    assert "(60)" in amna.page.text
    assert "10 more wait" in amna.page.text


def test_numbers_are_filled_into_the_text_of_the_pages_language(site: Site) -> None:
    with site.app.test_request_context("/?language=ur"):
        assert language.span(timedelta(minutes=61)) == translate("{hours} h {minutes} min", "ur").format(
            hours=1, minutes=1
        )
        assert "min" not in language.span(timedelta(minutes=5))


def test_what_no_table_knows_is_shown_as_it_is_called(site: Site) -> None:
    with site.app.test_request_context("/"):
        assert labels.name(labels.VALUES, "new_kind-of thing") == "New kind of thing"
        assert labels.name(labels.VALUES, None) == ""
