"""What holds for every page: nothing inline, nothing from elsewhere, nothing kept; and what is said when it goes wrong."""

import re
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from hotline import web
from hotline.core.settings import Settings
from hotline.core.vault import KeyMissing
from tests.journeys.world import World
from tests.web.site import Browser, Site

pytestmark = pytest.mark.one_database

FOLDER = Path(web.__file__).parent
INLINE = re.compile(r"<style|style=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)|\|\s*safe|https?://", re.I)
PATHS = ["/login", "/chat", "/chat/away", "/chat/gone", "/chat/messages", "/nowhere", "/static/chat.css"]


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("templates/**/*.html")), ids=lambda path: str(path.relative_to(FOLDER))
)
def test_no_template_has_anything_inline_or_from_elsewhere(path: Path) -> None:
    assert INLINE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("static/*")), ids=lambda path: path.name)
def test_nothing_static_loads_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?://|@import|url\(|eval\(|document\.write", text) == []


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_protected_and_kept_nowhere(browser: Browser, path: str) -> None:
    headers = browser.opens(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert ("no-store" in headers["Cache-Control"]) is (not path.startswith("/static"))


@pytest.mark.parametrize(
    ("public_url", "prefix"), [("http://127.0.0.1:8000", ""), ("https://hotline.example", "__Host-")]
)
def test_cookies_are_for_this_site_and_no_script(world: World, public_url: str, prefix: str) -> None:
    site = Site(world, public_url)
    browser = site.at_console("amna") if not prefix else site.browser()
    cookies = browser.client.get("/chat?language=sd", base_url=public_url).headers.getlist("Set-Cookie")
    ours = [cookie for cookie in cookies if cookie.startswith((f"{prefix}chat=", f"{prefix}language="))]
    assert len(ours) == 2
    for cookie in ours:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ("Secure" in cookie) is bool(prefix)
        assert "Expires" not in cookie, "phones are shared"


def test_over_https_the_browser_is_told_to_stay_there(world: World) -> None:
    answer = Site(world, "https://hotline.example").browser().opens("/login")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert Settings().secure is False


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [("/nowhere", 404, "no such page"), ("/in/nobody", 404, ""), ("/logout", 405, "went wrong")],
)
def test_what_is_not_there_is_said_in_words_to_people_and_by_status_to_machines(
    site: Site, path: str, status: int, text: str
) -> None:
    answer = site.browser().opens(f"{path}?language=en")
    assert answer.status_code == status
    assert text in answer.text
    assert bool(answer.data) is bool(text)


@pytest.mark.parametrize("error", [OperationalError("select", {}, Exception("gone")), KeyMissing("no console key")])
def test_a_store_or_key_that_is_missing_says_try_again(
    world: World, site: Site, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    amna = site.at_console("amna")

    class Broken:
        def __getattr__(self, _name: str) -> object:
            raise error

    site.parts.database = Broken()  # type: ignore[assignment]
    amna.opens("/")
    assert amna.status == 503
    assert "try again in a minute" in amna.page.text
    assert "gone" not in caplog.text
