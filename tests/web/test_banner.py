"""What is wrong with the hotline stands above the queue of those whom it concerns, in their language."""

import pytest

from hotline import staff
from hotline.monitoring import alarms
from hotline.monitoring.alarms import AlarmKind
from tests.journeys.world import World
from tests.web.site import Site

pytestmark = pytest.mark.one_database

GAP = "lahore/duty_officer/2026-11-24T05:00"


@pytest.mark.parametrize(
    ("kind", "subject", "line", "seen_by"),
    [
        (AlarmKind.WORKER_SILENT, "", "Hotline: no message has left since 10:00.", {"amna", "gulnaz", "fatima"}),
        (AlarmKind.GATEWAY_FAILING, "sms", "Hotline: no SMS has left since 10:00.", {"amna", "gulnaz", "fatima"}),
        (AlarmKind.OUTBOX_LATE, "", "Hotline: messages have been waiting since 10:00.", {"amna", "gulnaz", "fatima"}),
        (AlarmKind.REDIS_GONE, "", "Hotline: Redis has been down since 10:00.", {"fatima"}),
        (AlarmKind.DRILL_FAILED, "", "Hotline: the drill failed at 10:00.", {"fatima"}),
        (AlarmKind.CLOCK_JUMPED, "", "Hotline: at 10:00 the clock jumped by 7 min.", {"fatima"}),
        (AlarmKind.DATABASE_WAS_AWAY, "", "Hotline: the database was away for 7 min until 10:00.", {"fatima"}),
        (AlarmKind.CLOCK_SILENT, "", "Hotline:", set()),  # the page has a louder line of its own for it
        (AlarmKind.GAP_AHEAD, GAP, "Hotline:", set()),
    ],
)
def test_an_alarm_is_shown_to_those_whom_it_concerns(
    world: World, site: Site, kind: AlarmKind, subject: str, line: str, seen_by: set[str]
) -> None:
    with world.transaction() as tx:
        alarms.raise_alarm(tx, kind, subject, world.now, minutes=7)
    pages = {name: site.at_console(name).opens("/").text for name in ("amna", "gulnaz", "fatima")}
    assert {name for name, page in pages.items() if line in page} == seen_by


def test_a_broken_address_is_shown_in_its_own_circle_and_at_the_desk(world: World, site: Site) -> None:
    with world.transaction() as tx:
        address = next(m for m in staff.current_directory(tx).members.values() if m.name == "Bilal").addresses[0][0]
        alarms.raise_alarm(tx, AlarmKind.ADDRESS_BROKEN, address, world.now)
    pages = {name: site.at_console(name).opens("/").text for name in ("amna", "gulnaz", "fatima")}
    said = "Hotline: Bilal cannot be reached by SMS. Correct the address."
    assert {name for name, page in pages.items() if said in page} == {"amna", "fatima"}


def test_it_is_said_in_the_language_of_the_page_and_leaves_with_its_cause(world: World, site: Site) -> None:
    with world.transaction() as tx:
        alarms.raise_alarm(tx, AlarmKind.WORKER_SILENT, "", world.now)
    fatima = site.at_console("fatima")
    assert "ہاٹ لائن: 10:00 سے کوئی پیغام نہیں جا رہا۔" in fatima.opens("/?language=ur").text
    with world.transaction() as tx:
        alarms.clear(tx, AlarmKind.WORKER_SILENT, "", world.now)
    assert "ہاٹ لائن" not in fatima.opens("/").text
