"""The pages of a story's hotline, and browsers that use them as people do: they follow links and fill in forms."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import sqlalchemy as sa
from werkzeug.test import Client, TestResponse

from hotline import staff
from hotline.app import Hotline
from hotline.channels.webchat import WebChat
from hotline.core.settings import Settings
from hotline.monitoring import heartbeats
from hotline.monitoring.heartbeats import Heartbeat
from hotline.web.app import create_app
from tests.journeys.world import World

YEAR = 365 * 86_400.0  # seconds: no story lasts so long
PASSWORD = "correct horse battery"


class Site:
    """The web process of a story."""

    def __init__(self, world: World, public_url: str = "http://127.0.0.1:8000") -> None:
        self.world = world
        self.parts = Hotline(Settings(public_url=public_url, require_totp=False), "all")
        self.parts.database, self.parts.vault, self.parts.escalation = world.database, world.keys, world.engine
        self.parts.intake, self.parts.triage, self.parts.receivers = world.intake, world.services.triage, {}
        self.app = create_app(self.parts)
        self.clock_swept(-YEAR)
        world.post = replace(world.post, senders={**world.post.senders, "webchat": WebChat(world.database)})

    def clock_swept(self, age: float | None) -> None:
        """The last sweep was so many seconds ago; None: there never was one."""
        now = self.world.now
        with self.world.database.transaction() as tx:
            if age is None:
                tx.execute(sa.delete(Heartbeat).where(Heartbeat.name == heartbeats.CLOCK))
            else:
                heartbeats.beat(tx, heartbeats.CLOCK, now - timedelta(seconds=age))

    def browser(self) -> "Browser":
        """A new one."""
        return Browser(Client(self.app, TestResponse))

    def at_console(self, username: str) -> "Browser":
        """One in which this officer has logged in."""
        with self.world.transaction() as tx:
            staff.set_password(tx, username, PASSWORD)
        browser = self.browser()
        browser.logs_in(username)
        return browser


class Browser:
    """Keeps cookies, follows redirects, sends the token that stood in the last page's form."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page = Page("")
        self.status = 0

    def opens(self, path: str, **headers: str) -> TestResponse:
        """Load a page."""
        return self._loaded(self.client.get(path, follow_redirects=True, headers=headers))

    def sends(self, path: str, **fields: str) -> TestResponse:
        """Send a form of the last page."""
        return self._loaded(self.client.post(path, data=self.page.hidden | fields, follow_redirects=True))

    def logs_in(self, username: str, password: str = PASSWORD, code: str = "") -> TestResponse:
        """Fill in the form at the door."""
        self.opens("/login")
        return self.sends("/login", username=username, password=password, code=code)

    def _loaded(self, response: TestResponse) -> TestResponse:
        self.status = response.status_code
        if response.mimetype == "text/html":
            self.page = Page(response.text)
        response.get_data()
        response.close()  # a static file is an open one
        return response


class Page(HTMLParser):
    """What a page shows and offers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text = html, ""
        self.hidden: dict[str, str] = {}
        self.links: list[str] = []
        self.presses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note hidden fields, links and options."""
        values = {name: value or "" for name, value in attrs}
        self.text += " " if tag in ("td", "th", "li", "p") else ""
        if tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values["value"]
        if tag == "a":
            self.links.append(values["href"])
        if tag == "button" and values.get("name") == "press":
            self.presses.append(values["value"])

    def handle_data(self, data: str) -> None:
        """Note what can be read."""
        self.text += data
