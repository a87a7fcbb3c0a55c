"""Who sees which report: every route, every kind of officer, every lane. What one may not see does not exist."""

import re

import pytest
import sqlalchemy as sa

from hotline.core import audit
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.web.site import Site

pytestmark = pytest.mark.one_database

REPORTER = "+923000000099"
EVERYBODY = ("amna", "bilal", "gulnaz", "fatima", "nadia")
ROUTES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("get", "", {}),
    ("post", "/accept", {}),
    ("post", "/notes", {"text": "was here"}),
    ("post", "/questions", {"question": "was here"}),
    ("post", "/close", {"outcome": "test", "reason": "was here"}),
    ("post", "/accept-for", {"officer": "x", "way": "phoned", "day": "2026-11-23", "clock": "10:00"}),
    ("post", "/revive", {}),
    ("post", "/slips", {"officer": "x"}),
    ("get", "/slips/1234-N", {}),
    ("get", "/print", {}),
    ("get", "/release", {}),
    ("post", "/release", {"message": "x", "reason": "was here"}),
    ("post", "/release/confirm", {"message": "x"}),
    ("get", "/attachments/1234-N", {}),
    ("get", "/attachments/1234-N/original", {}),
)
OTHER_ROUTES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("get", "/", {}),
    ("get", "/times", {}),
    ("get", "/slips?serial=1234-N", {}),
    ("post", "/slips", {"serial": "1234-N"}),
    ("get", "/pin", {}),
    ("post", "/pin", {"pin": "482736", "again": "482736"}),
)


def local_tip(world: World) -> None:
    """Paged to Lahore's duty officer."""
    world.send(REPORTER, "لاہور میں بھٹے پر زبردستی کام")


def tip_that_climbed_to_hq(world: World) -> None:
    """Nobody in Lahore answered."""
    local_tip(world)
    world.forward(hours=5)


def tip_without_a_place(world: World) -> None:
    """Goes to the desk."""
    world.send(REPORTER, "Ten people work in the cellar")


def tip_that_moved_to_karachi(world: World) -> None:
    """HQ was paged first, and has nothing to do with it any more."""
    tip_without_a_place(world)
    for answer in ("2", "Karachi"):
        world.send(REPORTER, answer)


def tip_about_an_official(world: World) -> None:
    """Had been Lahore's until that was said."""
    local_tip(world)
    for answer in ("1", "Lahore", "1", "9", "1", "9", "2", "1"):
        world.send(REPORTER, answer)


def tip_accepted_by_hq(world: World) -> None:
    """It climbed, HQ took it, and it is still Lahore's."""
    tip_that_climbed_to_hq(world)
    with world.transaction() as tx:
        report = tx.scalars(sa.select(Report)).one()
        fatima = tx.scalars(sa.select(Officer.id).where(Officer.username == "fatima")).one()
        world.engine.accept(tx, report.id, fatima, world.now, via="sms")


@pytest.fixture
def staffed(world: World) -> World:
    """With an officer at the desk who is no integrity officer."""
    with world.transaction() as tx:
        tx.add(Officer(username="nadia", name="Nadia", rank="hq", circle="hq", languages=["en"]))
    return world


@pytest.mark.parametrize(
    ("story", "seen_by"),
    [
        (local_tip, {"amna", "bilal"}),
        (tip_that_climbed_to_hq, {"amna", "bilal", "fatima"}),
        (tip_accepted_by_hq, {"amna", "bilal", "fatima"}),
        (tip_without_a_place, {"fatima", "nadia"}),
        (tip_that_moved_to_karachi, {"gulnaz"}),
        (tip_about_an_official, {"fatima"}),
    ],
)
def test_a_report_exists_for_those_alone_whom_it_concerns(
    staffed: World, site: Site, story: object, seen_by: set[str]
) -> None:
    assert callable(story)
    story(staffed)
    path = f"/reports/{staffed.report().id}"
    for name in EVERYBODY:
        browser = site.at_console(name)
        browser.opens("/")
        assert (path in browser.page.links) is (name in seen_by), name
        assert ("(1)" in browser.page.text) is (name in seen_by), f"{name}: counts too"
        browser.opens(path)
        assert browser.status == (200 if name in seen_by else 404), name


@pytest.mark.parametrize(("method", "route", "fields"), ROUTES)
def test_what_does_not_exist_for_an_officer_cannot_be_changed_and_asking_is_on_record(
    world: World, site: Site, method: str, route: str, fields: dict[str, str]
) -> None:
    local_tip(world)
    before, browser = world.report(), site.at_console("gulnaz")
    path = f"/reports/{before.id}{route}"
    answer = browser.opens(path) if method == "get" else browser.sends(path, **fields)
    unknown = browser.opens(f"/reports/{'0' * 32}")
    assert answer.status_code == unknown.status_code == 404
    assert answer.text == unknown.text
    after = world.report()
    assert (after.status, after.accepted_by, after.due_at) == (before.status, None, before.due_at)
    assert len(world.written()) == 1
    with world.database.reading() as tx:
        denied = tx.scalars(sa.select(audit.AuditRow).filter_by(event="denied").order_by(audit.AuditRow.seq)).all()
        gulnaz = tx.scalars(sa.select(Officer.id).where(Officer.username == "gulnaz")).one()
    assert [(row.actor, row.report_id) for row in denied] == [(gulnaz, before.id), (gulnaz, None)]


@pytest.mark.parametrize(
    ("name", "sees"),
    [("amna", set()), ("bilal", {"Lahore"}), ("ehsan", {"Lahore"}), ("hamid", {"Karachi"}),
     ("fatima", {"Lahore", "Karachi"}), ("nadia", {"Lahore", "Karachi"})],
)  # fmt: skip
def test_times_are_seen_by_superiors_of_the_circle_and_by_hq(
    staffed: World, site: Site, name: str, sees: set[str]
) -> None:
    local_tip(staffed)
    staffed.send("+923000000098", "کراچی میں زبردستی کام")
    staffed.forward(minutes=1)
    browser = site.at_console(name)
    assert browser.opens("/times").status_code == (200 if sees else 403)
    assert {circle for circle in ("Lahore", "Karachi") if f"AHTC {circle}" in browser.page.text} == sees
    assert ("denied" in staffed.events()) is not bool(sees)
    browser.opens("/")
    assert ("/times" in browser.page.links) is bool(sees)


def test_every_route_of_the_console_is_looked_at_here(site: Site) -> None:
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("console.")]
    known = {re.sub(r"<.*?>", "", rule.rule).rstrip("/") for rule in rules}
    looked_at = {f"/reports/{route}".replace("1234-N", "").rstrip("/") for _, route, _ in ROUTES}
    looked_at |= {route.partition("?")[0].rstrip("/") for _, route, _ in OTHER_ROUTES} | {"/login", "/logout"}
    assert {path.replace("//", "/") for path in known} == {path.replace("//", "/") for path in looked_at}


@pytest.mark.parametrize("report_id", ["..", "%00" * 32, "a" * 5000, "؀", "' OR 1=1 --"])
def test_an_address_that_is_no_report_is_not_found(world: World, site: Site, report_id: str) -> None:
    assert site.at_console("amna").opens(f"/reports/{report_id}").status_code in (200, 404)
    assert world.events("read") == []


@pytest.mark.parametrize(("method", "route", "fields"), [*OTHER_ROUTES, *ROUTES])
def test_without_a_log_in_there_is_only_the_door(
    world: World, site: Site, method: str, route: str, fields: dict[str, str]
) -> None:
    local_tip(world)
    others = {route for _, route, _ in OTHER_ROUTES}
    path, browser = route if route in others else f"/reports/{world.report().id}{route}", site.browser()
    browser.opens("/login")
    answer = browser.opens(path) if method == "get" else browser.sends(path, **fields)
    assert answer.request.path == "/login"
    assert world.report().accepted_by is None
    assert world.events("read", "noted", "closed", "printed", "slip_printed") == []


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/logout",
        "/slips",
        "/pin",
        *(f"/reports/{{id}}{route}" for method, route, _ in ROUTES if method == "post"),
    ],
)
def test_a_form_of_another_site_is_refused(world: World, site: Site, path: str) -> None:
    local_tip(world)
    browser = site.at_console("amna")
    browser.page.hidden.clear()
    answer = browser.sends(path.format(id=world.report().id), outcome="test", text="x", reason="x")
    assert answer.status_code == 400
    assert "Nothing was changed" in browser.page.text
    assert world.report().status == "open"
    assert browser.opens("/").request.path == "/", "still logged in"
