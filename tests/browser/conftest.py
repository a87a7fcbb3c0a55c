"""A real browser on the pages of a story: the server runs in a thread of this process."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests import needs
from tests.journeys.world import World
from tests.web.site import Site

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory."""
    made = World(sqlite_url, tmp_path)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def site(world: World) -> Site:
    """Its pages."""
    return Site(world)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where the pages are."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    """A small old phone. Whatever its browser complains about fails the test: the policy forbids anything inline."""
    context = chromium.new_context(viewport={"width": 320, "height": 568}, base_url=address)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []
