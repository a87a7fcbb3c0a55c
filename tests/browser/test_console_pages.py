"""The console's pages for work by hand, in each language on a small phone; and on paper."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from hotline.casework import slips
from hotline.messaging import outbox
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.web.site import PASSWORD, Site

TIP = "لاہور میں بھٹے پر زبردستی کام"
LOOK = """() => {
    const box = e => (e.type === "checkbox" ? e.closest("label") : e).getBoundingClientRect();
    document.querySelectorAll("details").forEach(e => { e.open = true; });
    const small = [...document.querySelectorAll("a, button, summary, input, select, textarea")]
        .filter(e => e.offsetParent && (box(e).width < 44 || box(e).height < 44)).map(e => e.outerHTML);
    const root = document.documentElement;
    return root.scrollWidth > root.clientWidth ? ["too wide", ...small] : small;
}"""
PAGES = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def path(world: World, site: Site) -> str:
    """Where a report's page is; Bilal can log in."""
    site.at_console("bilal")
    world.send("+923000000099", f"{TIP} {'w' * 200}")
    for answer in ("1", "Ichhra, Lahore", "1"):
        world.send("+923000000099", answer)
    world.forward(minutes=31)
    return f"/reports/{world.report().id}"


def slip(world: World) -> str:
    """The serial of a slip that Amna has printed."""
    with world.transaction() as tx:
        ids = {officer.username: officer.id for officer in tx.scalars(sa.select(Officer))}
        report = tx.scalars(sa.select(Report)).one()
        people = {"printed_by": ids["amna"], "for_officer": ids["bilal"]}
        return slips.issue(tx, world.engine, report, **people, level=1, now=world.now).serial


def holds_a_late_answer(world: World) -> None:
    """What was said to the reporter last is held."""
    with world.transaction() as tx:
        public = sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None))
        row = tx.scalars(public.order_by(OutboxRow.created_at.desc()).limit(1)).one()
        outbox.stop(row, outbox.OutboxState.HELD, outbox.LATE)


def logs_in(phone: Page, language: str) -> None:
    """Bilal at the door."""
    phone.goto(f"/login?language={language}")
    phone.fill("[name=username]", "bilal")
    phone.fill("[name=password]", PASSWORD)
    phone.click("main button")
    phone.wait_for_selector("nav.pages")


@pytest.mark.parametrize("language", ["ur", "sd", "en"])
def test_every_page_of_the_console_fits_a_small_phone_and_a_thumb(
    world: World, phone: Page, path: str, language: str
) -> None:
    serial = slip(world)
    holds_a_late_answer(world)
    logs_in(phone, language)
    found = {"/": phone.evaluate(LOOK)}
    paper = [f"{path}/slips/{serial}?whole=1&in={language}", f"{path}/print"]
    for address in (
        path,
        f"{path}/release",
        "/slips",
        f"/slips?serial={serial}",
        "/slips?serial=1234-M",
        "/times",
        "/pin",
        *paper,
    ):
        phone.goto(address)
        found[address] = phone.evaluate(LOOK)
    assert {address: faults for address, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", ["ur", "sd", "en"])
def test_a_slip_is_one_sheet_and_the_whole_report_follows_on_others(
    world: World, phone: Page, path: str, language: str
) -> None:
    address = f"{path}/slips/{slip(world)}?in={language}"
    logs_in(phone, "en")
    phone.goto(address)
    assert phone.locator("[data-print]").is_visible()
    phone.emulate_media(media="print")
    assert not phone.locator("[data-print]").is_visible(), "nothing to click on paper"
    assert len(PAGES.findall(phone.pdf(prefer_css_page_size=True))) == 1
    phone.goto(f"{address}&whole=1")
    assert len(PAGES.findall(phone.pdf(prefer_css_page_size=True))) > 1
