"""What pages nobody is in a list of its own, and one button makes a report of it."""

import pytest

from hotline.reports import Status
from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.web.site import Site

pytestmark = pytest.mark.one_database

REPORTER = "+923000000099"
THANKS = "shukriya aap logon ka bohat acha kaam hai"
ABOUT_POLICE = "as taxi driver in lahore i pay challan daily, the traffic police eat us"


def cast(world: World) -> tuple[Phone, Phone]:
    """Whoever reports, and HQ's officer."""
    return world.phone("reporter", REPORTER), world.phone("fatima")


def test_what_was_set_aside_is_listed_read_and_revived(world: World, site: Site) -> None:
    reporter, fatima = cast(world)
    reporter.texts(THANKS)
    reporter.expects("1 ")
    desk = site.at_console("fatima")
    desk.opens("/")
    assert "Set aside: thanks" in desk.page.text
    path = f"/reports/{world.report().id}"
    desk.opens(path)
    assert THANKS in desk.page.text
    assert "Make it a report" in desk.page.text
    desk.sends(f"{path}/revive")
    world.settle()
    fatima.expects_page("P3")
    assert world.report().status == Status.OPEN
    desk.opens(path)
    assert "Make it a report" not in desk.page.text
    assert "Accept this report" in desk.page.text


def test_what_may_be_about_an_official_is_set_aside_out_of_the_circles_sight(world: World, site: Site) -> None:
    reporter, fatima = cast(world)
    reporter.texts(ABOUT_POLICE)
    reporter.expects("1 ")
    path = f"/reports/{world.report().id}"
    circle = site.at_console("amna")
    circle.opens("/")
    assert path not in circle.page.html
    assert circle.opens(path).status_code == 404
    desk = site.at_console("fatima")
    desk.opens(path)
    assert ABOUT_POLICE in desk.page.text
    desk.sends(f"{path}/revive")
    world.settle()
    fatima.expects_page()
    world.nobody_else_is_paged()


def test_only_what_was_set_aside_can_be_revived(world: World, site: Site) -> None:
    reporter, fatima = cast(world)
    reporter.texts("Girls are locked in a house near the station")
    fatima.expects_page()
    reporter.expects("9 ")
    site.at_console("fatima").sends(f"/reports/{world.report().id}/revive")
    world.nobody_else_is_paged()
    assert not world.events("revived")


def test_the_officer_reads_a_reason_with_the_words_that_show_it(world: World, site: Site) -> None:
    reporter, fatima = cast(world)
    reporter.texts("وہ ہمیں گھر سے باہر جانے نہیں دے رہے")
    fatima.expects_page("P1")
    reporter.expects("1 ")
    desk = site.at_console("fatima")
    desk.opens(f"/reports/{world.report().id}")
    assert "Somebody is not let go" in desk.page.text
    assert '<q dir="auto">' in desk.page.html
    assert "جانے نہیں دے رہے" in desk.page.html
