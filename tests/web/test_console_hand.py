"""By hand: a slip is printed, carried and typed in; a superior accepts for an officer who phoned. And who may not."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.casework.slips import Slip
from hotline.core import audit
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.support.paged import officer
from tests.web.site import Browser, Site

pytestmark = pytest.mark.one_database

REPORTER = "+923000000099"
TIP = "لاہور میں بھٹے پر زبردستی کام"
TODAY, LATER = "2026-11-23", "2026-11-24"


@pytest.fixture
def path(world: World) -> str:
    """A tip has come to Lahore at ten in the morning; where its page is."""
    world.send(REPORTER, TIP)
    return f"/reports/{world.report().id}"


def slip(world: World) -> Slip:
    """The one slip of the story."""
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Slip)).one()


def prints(world: World, browser: Browser, path: str, to: str = "bilal", **fields: str) -> str:
    """Print a slip; its serial."""
    browser.opens(path)
    browser.sends(f"{path}/slips", officer=officer(world, to), **fields)
    return slip(world).serial


def offered(browser: Browser, form: str) -> str:
    """Which officers the last page's form at that address offers; "" if there is no such form."""
    found = re.search(rf'<form method="post" action="[^"]*/{form}">.*?</form>', browser.page.html, re.DOTALL)
    return found[0] if found else ""


def test_a_slip_is_printed_carried_and_its_receipt_typed_in(world: World, site: Site, path: str) -> None:
    amna = site.at_console("amna")
    serial = prints(world, amna, path)
    for line in ("P2", serial, "Lahore", "23-11-2026 10:00", "Bilal", "Signature", "23-11-2026 10:30"):
        assert line in amna.page.text, line
    assert TIP not in amna.page.text, "no content unless the officer wants it"
    assert "AHTC" not in amna.page.text
    world.forward(minutes=20)
    amna = site.at_console("amna")
    amna.opens(path)
    assert "no receipt yet" in amna.page.text
    amna.opens(f"/slips?serial={serial.lower().replace('-', ' ')}")
    assert "Bilal, Assistant Director" in amna.page.text
    amna.sends("/slips", officer=officer(world, "bilal"), day=TODAY, clock="10:12")
    assert "the report is accepted" in amna.page.text
    assert "Accepted: Bilal, 23-11-2026 10:12" in amna.page.text
    assert "Bilal received slip" in amna.page.text
    assert "typed in by Amna" in amna.page.text
    assert world.report().accepted_by == officer(world, "bilal")
    world.settle()
    assert "the report is yours by this paper" in world.phone("bilal").unread()[-1]


def test_the_content_is_printed_only_where_the_officer_chooses_so_and_that_is_on_record(
    world: World, site: Site, path: str
) -> None:
    amna = site.at_console("amna")
    prints(world, amna, path, whole="1")
    assert TIP in amna.page.text
    assert "Keep this paper locked away" in amna.page.text
    assert world.events("printed") == ["printed"]
    amna.opens(f"{path}/print")
    assert TIP in amna.page.text
    assert world.events("printed") == ["printed", "printed"]


@pytest.mark.parametrize(("wish", "language"), [("sd@latin", "sd"), ("ur", "ur"), ("en", "en")])
def test_a_slip_is_in_the_language_of_who_reads_it_and_the_console_stays_in_its_own(
    world: World, site: Site, path: str, wish: str, language: str
) -> None:
    with world.transaction() as tx:
        tx.scalars(sa.select(Officer).where(Officer.username == "bilal")).one().wish = wish
    amna = site.at_console("amna")
    serial = prints(world, amna, path)
    assert f'<html lang="{language}"' in amna.page.html
    amna.opens(f"{path}/slips/{serial}?in=ur")
    assert '<html lang="ur" dir="rtl">' in amna.page.html
    assert "AHTC" not in amna.page.text
    assert "اے ایچ ٹی سی" not in amna.page.text
    amna.opens(path)
    assert '<html lang="en"' in amna.page.html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"clock": "09:59"}, "That is before 23-11-2026 10:00"),
        ({"clock": "10:21"}, "This time has not come yet"),
        ({"day": LATER}, "This time has not come yet"),
        ({"clock": ""}, "Please write the day and the time"),
        ({"clock": "quarter past ten"}, "Please write the day and the time"),
        ({"day": "31-02-2026"}, "Please write the day and the time"),
        ({"officer": "gulnaz"}, "Please choose an officer from the list"),
        ({"officer": ""}, "Please choose an officer from the list"),
    ],
)
def test_a_receipt_that_cannot_be_true_is_asked_for_again(
    world: World, site: Site, path: str, fields: dict[str, str], said: str
) -> None:
    amna = site.at_console("amna")
    serial = prints(world, amna, path)
    world.database.moment += timedelta(minutes=20)
    amna = site.at_console("amna")
    amna.opens(f"/slips?serial={serial}")
    named = fields.get("officer", "bilal")
    typed = {"day": TODAY, "clock": "10:10", **fields, "officer": named and officer(world, named)}
    assert amna.sends("/slips", **typed).status_code == 422
    assert said in amna.page.text
    assert amna.page.hidden["serial"] == serial, "the form is still there"
    assert world.report().status == "open"


@pytest.mark.parametrize(
    ("serial", "said"),
    [
        ("1234-M", "The letter does not fit the number"),
        ("hello", "The letter does not fit"),
        ("1234-N", "There is no slip"),
    ],
)
def test_a_misread_serial_is_said(world: World, site: Site, path: str, serial: str, said: str) -> None:
    amna = site.at_console("amna")
    assert amna.opens(f"/slips?serial={serial}").status_code == 422
    assert said in amna.page.text
    assert amna.sends("/slips", serial=serial, day=TODAY, clock="10:00").status_code == 422
    assert said in amna.page.text


def test_who_was_faster_is_named_and_the_receipt_is_kept(world: World, site: Site, path: str) -> None:
    amna = site.at_console("amna")
    serial = prints(world, amna, path)
    dania = site.at_console("dania")
    dania.opens(path)
    dania.sends(f"{path}/accept")
    typed = {"officer": officer(world, "bilal"), "day": "23-11-2026", "clock": "۱۰:۰۰"}
    amna.opens(f"/slips?serial={serial}")
    amna.sends("/slips", **typed)
    assert "Dania has accepted this report already." in amna.page.text
    assert slip(world).received_by == officer(world, "bilal")
    amna.sends("/slips", serial=serial, **typed)
    assert "typed in before: Bilal" in amna.page.text


def test_a_slip_of_another_circle_does_not_exist_and_asking_is_on_record(world: World, site: Site, path: str) -> None:
    serial = prints(world, site.at_console("amna"), path)
    gulnaz = site.at_console("gulnaz")
    gulnaz.opens(f"/slips?serial={serial}")
    assert "There is no slip with this serial." in gulnaz.page.text
    gulnaz.sends("/slips", serial=serial, officer=officer(world, "gulnaz"), day=TODAY, clock="10:00")
    assert "There is no slip with this serial." in gulnaz.page.text
    assert "denied" in world.events()
    assert world.report().status == "open"


def test_no_slip_is_printed_for_somebody_who_has_nothing_to_do_with_it_or_once_it_is_accepted(
    world: World, site: Site, path: str
) -> None:
    amna = site.at_console("amna")
    amna.opens(path)
    assert amna.sends(f"{path}/slips", officer=officer(world, "gulnaz")).status_code == 422
    amna.opens(path)
    amna.sends(f"{path}/accept")
    assert amna.sends(f"{path}/slips", officer=officer(world, "bilal")).status_code == 422
    assert "Amna has accepted this report already." in amna.page.text
    assert "Print a slip" not in amna.page.text
    assert world.events("slip_printed") == []


@pytest.mark.parametrize(
    ("by", "named", "may"),
    [
        ("bilal", "amna", True), ("bilal", "zafar", True), ("dania", "bilal", True), ("fatima", "ehsan", True),
        ("fatima", "amna", True), ("amna", "bilal", False), ("bilal", "dania", False), ("amna", "zafar", False),
        ("zafar", "amna", False), ("amna", "amna", False), ("bilal", "gulnaz", False), ("bilal", "fatima", False),
    ],
)  # fmt: skip
def test_a_superior_or_hq_accepts_for_an_officer_never_a_peer(
    world: World, site: Site, path: str, by: str, named: str, may: bool
) -> None:
    with world.transaction() as tx:
        tx.add(Officer(username="zafar", name="Zafar", rank="inspector", circle="lahore", languages=["ur"]))
    world.forward(hours=5)  # now HQ sees it too
    browser = site.at_console(by)
    browser.opens(path)
    assert (officer(world, named) in offered(browser, "accept-for")) is may
    answer = browser.sends(f"{path}/accept-for", officer=officer(world, named), way="phoned", day=TODAY, clock="14:30")
    assert (answer.status_code == 200) is may
    with world.database.reading() as tx:
        rows = tx.scalars(sa.select(audit.AuditRow).where(audit.AuditRow.event == "accepted")).all()
    names = [(row.actor, row.data["officer"], row.data["via"]) for row in rows]
    assert names == ([(officer(world, by), officer(world, named), "phoned")] if may else [])


def test_for_a_tip_about_an_official_only_those_are_named_who_may_know(world: World, site: Site, path: str) -> None:
    world.staff("""
        amna   lahore duty_officer
        fatima hq hq integrity
        nadia  hq hq
        sara   hq hq integrity
    """)
    for answer in ("1", "Lahore", "1", "9", "1", "9", "2", "1"):
        world.send(REPORTER, answer)
    fatima = site.at_console("fatima")
    fatima.opens(path)
    for form, names in (("accept-for", {"sara"}), ("slips", {"fatima", "sara"})):
        shown = offered(fatima, form)
        assert {name for name in ("amna", "nadia", "sara", "fatima") if officer(world, name) in shown} == names
    fatima.sends(f"{path}/slips", officer=officer(world, "nadia"))
    assert fatima.status == 422
    assert world.events("slip_printed") == []


def test_what_was_said_by_phone_counts_from_when_it_was_said(world: World, site: Site, path: str) -> None:
    amna = world.phone("amna", "+923000000001")
    amna.expects_page()
    world.forward(minutes=15)
    bilal = site.at_console("bilal")
    bilal.opens(path)
    bilal.sends(f"{path}/accept-for", officer=officer(world, "amna"), way="radio", day=TODAY, clock="10:05")
    assert "The report is accepted. The officer's name and yours are on record." in bilal.page.text
    assert "Amna accepted it on 23-11-2026 10:05 (By radio); typed in by Bilal" in bilal.page.text
    assert world.report().accepted_at == world.now - timedelta(minutes=10)
    world.settle()
    amna.expects("is yours")  # she learns of it, should it not be true
    assert "Accept for another officer" not in bilal.page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"clock": "09:59"}, "That is before 23-11-2026 10:00"),
        ({"clock": "10:16"}, "This time has not come yet"),
        ({"day": ""}, "Please write the day and the time"),
        ({"way": ""}, "Please choose how the officer said it"),
        ({"way": "telepathy"}, "Please choose how the officer said it"),
        ({"officer": "f" * 32}, "Please choose an officer from the list"),
    ],
)
def test_an_acceptance_that_cannot_be_true_is_asked_for_again(
    world: World, site: Site, path: str, fields: dict[str, str], said: str
) -> None:
    world.forward(minutes=15)
    bilal = site.at_console("bilal")
    bilal.opens(path)
    typed = {"officer": officer(world, "amna"), "way": "in_person", "day": TODAY, "clock": "10:10"} | fields
    assert bilal.sends(f"{path}/accept-for", **typed).status_code == 422
    assert said in bilal.page.text
    assert world.report().status == "open"


def test_who_was_faster_is_named_instead_of_a_second_acceptance(world: World, site: Site, path: str) -> None:
    bilal, dania = site.at_console("bilal"), site.at_console("dania")
    bilal.opens(path)
    dania.opens(path)
    dania.sends(f"{path}/accept")
    bilal.sends(f"{path}/accept-for", officer=officer(world, "amna"), way="phoned", day=TODAY, clock="10:00")
    assert "Dania has accepted this report already." in bilal.page.text
    assert world.report().accepted_by == officer(world, "dania")
