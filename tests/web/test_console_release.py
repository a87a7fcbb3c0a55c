"""A late message to whoever reported: two officers release it for imminent danger, and nobody alone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.core.audit import AuditRow
from hotline.messaging.contacts import SAFE_WINDOW, Contact, Safety
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.journeys.world import World
from tests.web.site import Browser, Site

REPORTER = "+923000000099"
TIP = "لاہور میں بھٹے پر زبردستی کام"
WHY = "The owner said he moves the family tonight"
HELD = "A message to whoever reported is held"
LATE = SAFE_WINDOW + timedelta(seconds=1)
OFFICIAL = (TIP, "1", "Lahore", "1", "9", "1", "9", "2", "1")


def held_back(world: World, *messages: str, number: str = REPORTER) -> None:
    """Somebody writes while no worker runs; what is answered comes late."""
    world.worker_sleeps = True
    for message in messages or (TIP,):
        world.send(number, message)
    world.database.moment += LATE
    world.worker_sleeps = False
    world.settle()


def late_rows(world: World) -> list[str]:
    with world.database.reading() as tx:
        rows = sa.select(OutboxRow.id).where(OutboxRow.state == "held", OutboxRow.contact_id.is_not(None))
        return list(tx.scalars(rows.order_by(OutboxRow.created_at, OutboxRow.id)))


def page_of(world: World) -> str:
    return f"/reports/{world.report().id}/release"


def asks(site: Site, world: World, name: str = "amna", message: str = "") -> Browser:
    """An officer opens the page and asks for the release of its (last) message."""
    browser = site.at_console(name)
    browser.opens(page_of(world))
    browser.sends(page_of(world), reason=WHY, **({"message": message} if message else {}))
    return browser


def confirms(site: Site, world: World, name: str = "bilal") -> Browser:
    browser = site.at_console(name)
    browser.opens(page_of(world))
    message = {"message": late_rows(world)[0]} if late_rows(world) else {"message": "none"}
    browser.sends(f"{page_of(world)}/confirm", **message)
    world.settle()
    return browser


def test_one_officer_asks_another_confirms_and_the_message_leaves(world: World, site: Site) -> None:
    held_back(world)
    amna = site.at_console("amna")
    amna.opens(f"/reports/{world.report().id}")
    assert HELD in amna.page.text
    assert page_of(world) in amna.page.links
    amna = asks(site, world)
    assert "Your request is on record" in amna.page.text
    assert "Confirm and release" not in amna.page.text
    assert world.air.heard[REPORTER] == []
    bilal = site.at_console("bilal")
    bilal.opens(f"/reports/{world.report().id}")
    assert "An officer asks to release a late message" in bilal.page.text
    bilal.opens(page_of(world))
    assert "Amna asks to release it for imminent danger" in bilal.page.text
    assert WHY in bilal.page.text
    bilal = confirms(site, world)
    assert "Released: it leaves now" in bilal.page.text
    assert len(world.air.heard[REPORTER]) == 1
    bilal.opens(f"/reports/{world.report().id}")
    assert "Late message released for imminent danger, confirmed by Bilal, Amna" in bilal.page.text
    assert "asked to release a late message" in bilal.page.text
    assert HELD not in bilal.page.text


def test_both_are_on_record_by_id_and_the_reason_is_sealed_in_the_report(world: World, site: Site) -> None:
    held_back(world)
    row = late_rows(world)[0]
    asks(site, world)
    confirms(site, world)
    with world.database.reading() as tx:
        ids = {officer.username: officer.id for officer in tx.scalars(sa.select(Officer))}
        known = sa.select(AuditRow).where(AuditRow.event.in_(("override_asked", "contact_overridden")))
        found = [(event.event, event.actor, event.report_id, event.data) for event in tx.scalars(known)]
        everything = [str(event.data) for event in tx.scalars(sa.select(AuditRow))]
    request, danger = world.report().id, "imminent_danger"
    assert found == [
        ("override_asked", ids["amna"], request, {"outbox": row, "reason": danger}),
        ("contact_overridden", ids["amna"], request, {"second": ids["bilal"], "reason": danger, "outbox": row}),
    ]
    assert world.written()[-1] == WHY
    assert not [data for data in everything if "owner" in data]


def test_the_page_shows_neither_the_text_nor_the_address(world: World, site: Site) -> None:
    held_back(world)
    with world.database.reading() as tx:
        body = tx.scalars(sa.select(OutboxRow).where(OutboxRow.state == "held")).one()
        text = world.post.vault.open_as("worker", body.body, f"outbox {body.id}").decode()
    amna = asks(site, world)
    assert "An answer of the hotline" in amna.page.text
    assert text[2:40] not in amna.page.html
    assert "3000000099" not in amna.page.html


def test_who_asked_cannot_confirm(world: World, site: Site) -> None:
    held_back(world)
    asks(site, world)
    amna = confirms(site, world, "amna")
    assert amna.status == 422
    assert "another officer has to confirm" in amna.page.text
    assert world.air.heard[REPORTER] == []
    assert world.events("denied", "contact_overridden") == ["denied"]


@pytest.mark.parametrize(("minutes", "leaves"), [(14, True), (15, False), (600, False)])
def test_a_request_lapses_after_a_quarter_of_an_hour(world: World, site: Site, minutes: int, leaves: bool) -> None:
    held_back(world)
    asks(site, world)
    world.database.moment += timedelta(minutes=minutes)
    bilal = confirms(site, world)
    assert bool(world.air.heard[REPORTER]) is leaves
    assert ("no request for it stands any more" in bilal.page.text) is not leaves
    assert ("contact_overridden" in world.events()) is leaves


@pytest.mark.parametrize("change", [{"active": False}, {"circle": "karachi"}])
def test_whoever_asked_must_still_see_the_report(world: World, site: Site, change: dict[str, object]) -> None:
    """Bilal asks, who was never paged for it: his circle alone shows it to him."""
    held_back(world)
    asks(site, world, "bilal")
    with world.transaction() as tx:
        bilal = tx.scalars(sa.select(Officer).where(Officer.username == "bilal")).one()
        for name, value in change.items():
            setattr(bilal, name, value)
    confirms(site, world, "amna")
    assert world.air.heard[REPORTER] == []
    assert world.events("contact_overridden") == []


@pytest.mark.parametrize("safety", [Safety.NEVER, Safety.DURESS])
def test_nothing_leaves_to_somebody_who_must_hear_nothing(world: World, site: Site, safety: Safety) -> None:
    held_back(world)
    asks(site, world)
    with world.transaction() as tx:
        tx.scalars(sa.select(Contact)).one().safety = safety
    confirms(site, world)
    assert world.air.heard[REPORTER] == []
    assert late_rows(world) == []


def test_an_officer_of_another_circle_neither_asks_nor_confirms(world: World, site: Site) -> None:
    held_back(world)
    row, gulnaz = late_rows(world)[0], site.at_console("gulnaz")
    gulnaz.opens("/")
    gulnaz.sends(page_of(world), message=row, reason=WHY)
    assert gulnaz.status == 404
    asks(site, world)
    gulnaz.opens("/")
    gulnaz.sends(f"{page_of(world)}/confirm", message=row)
    world.settle()
    assert gulnaz.status == 404
    assert world.air.heard[REPORTER] == []
    assert world.events("override_asked", "contact_overridden") == ["override_asked"]


def test_nothing_is_released_before_somebody_asked(world: World, site: Site) -> None:
    held_back(world)
    assert confirms(site, world).status == 422
    assert world.air.heard[REPORTER] == []


def test_a_request_says_why_and_is_made_once(world: World, site: Site) -> None:
    held_back(world)
    amna = site.at_console("amna")
    amna.opens(page_of(world))
    amna.sends(page_of(world), reason=" ")
    assert amna.status == 422
    assert world.events("override_asked") == []
    asks(site, world)
    bilal = asks(site, world, "bilal", late_rows(world)[0])
    assert "asked for already" in bilal.page.text
    assert world.events("override_asked") == ["override_asked"]


def test_only_what_was_asked_for_is_released(world: World, site: Site) -> None:
    held_back(world, TIP, "1")
    first, second = late_rows(world)
    asks(site, world, message=second)
    bilal = confirms(site, world)
    assert "no request for it stands" in bilal.page.text
    bilal.sends(f"{page_of(world)}/confirm", message=second)
    world.settle()
    assert late_rows(world) == [first]
    assert len(world.air.heard[REPORTER]) == 1


@pytest.mark.parametrize("reason", ["unknown_fate", "closed"])
def test_what_is_held_for_another_reason_is_not_theirs_to_release(world: World, site: Site, reason: str) -> None:
    held_back(world)
    row = late_rows(world)[0]
    with world.transaction() as tx:
        tx.get_one(OutboxRow, row).reason = reason
    amna = asks(site, world, message=row)
    assert "not held any more" in amna.page.text
    assert world.events("override_asked") == []


def test_a_message_of_another_person_is_not_found_by_its_id(world: World, site: Site) -> None:
    held_back(world, "salam", number="+923000000098")
    (others,) = late_rows(world)
    world.send(REPORTER, TIP)
    with world.database.reading() as tx:
        path = f"/reports/{tx.scalars(sa.select(Report.id).where(Report.circle == 'lahore')).one()}/release"
    amna = site.at_console("amna")
    amna.opens(path)
    amna.sends(path, message=others, reason=WHY)
    assert "not held any more" in amna.page.text
    assert world.events("override_asked") == []


def test_the_circle_sees_nothing_of_a_later_report_about_an_official(world: World, site: Site) -> None:
    world.send(REPORTER, TIP)
    earlier = world.report().id
    world.forward(hours=30)
    held_back(world, *OFFICIAL)
    with world.database.reading() as tx:
        later = tx.scalars(sa.select(Report.id).where(Report.integrity)).one()
    amna, fatima = site.at_console("amna"), site.at_console("fatima")
    amna.opens(f"/reports/{earlier}")
    assert HELD not in amna.page.text
    amna.opens(f"/reports/{earlier}/release")
    assert "No message is held" in amna.page.text
    amna.sends(f"/reports/{earlier}/release", message=late_rows(world)[0], reason=WHY)
    assert "not held any more" in amna.page.text
    assert amna.opens(f"/reports/{later}/release").status_code == 404
    fatima.opens(f"/reports/{later}")
    assert HELD in fatima.page.text
