"""The hotline of a story, with its pages: one browser per person, each with cookies of its own."""

from collections.abc import Callable

import pytest

from tests.journeys.world import World
from tests.web.site import Browser, Site


@pytest.fixture
def site(world: World) -> Site:
    """Its pages."""
    return Site(world)


@pytest.fixture
def browser(site: Site) -> Browser:
    """A browser without any cookie."""
    return site.browser()


@pytest.fixture
def at_console(site: Site) -> Callable[[str], Browser]:
    """A browser in which an officer has logged in."""
    return site.at_console
