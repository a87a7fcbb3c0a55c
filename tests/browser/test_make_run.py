"""The main job by hand, after nothing but `make run`: the chat, the demo phones, the console; the clock moves."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hotline.core.settings import ROOT
from hotline.local.redis_server import free_port
from tests.servers import START_SECONDS, wait_until
from tests.support.site import answers

PIECES = ("Makefile", "Procfile", "flows", "hotline", "locales", "pyproject.toml", "requirements.txt",
          "requirements-dev.txt", "tests", "workers", ".venv")  # fmt: skip
TIP = "لاہور میں ایک بھٹے پر بچوں سے زبردستی کام کروایا جا رہا ہے"
READY, TAKEN, PORTS = "Ctrl-C ends everything", "is not free", 5
PICTURES = os.environ.get("HOTLINE_PICTURES")  # a folder: the README's picture is made here


class Running:
    """`make run` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        # Its environment is this one: an installation from the copy would leave scripts that point there.
        plan = subprocess.run(["make", "--dry-run", "run"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert "pip install" not in plan, "the environment is older than pyproject.toml: `make test` renews it"
        for piece in PIECES:
            (folder / piece).symlink_to(ROOT / piece)
        self.port, self.folder, self.seconds = 0, folder, 0
        self.output = folder / "output"
        self.start()

    def start(self) -> None:
        """`make run`; returns when it has printed everything."""
        for _ in range(PORTS):  # another test may take one meanwhile
            self.port = _two_free_ports()
            self.process = self._make_run()
            if TAKEN not in self.text():
                break
        assert READY in self.text(), self.text()

    def _make_run(self) -> subprocess.Popen[bytes]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        mine = {"PORT": str(self.port), "HOTLINE_CLOCK_FILE": str(self.folder / "clock")}
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                ["make", "run"], cwd=self.folder, env=given | mine, stdout=output, stderr=output, start_new_session=True
            )
        wait_until(lambda: READY in self.text() or process.poll() is not None, "make run")
        return process

    def text(self) -> str:
        """What it printed."""
        return self.output.read_text(encoding="utf-8")

    def address(self, name: str) -> str:
        """An address that it printed."""
        found = re.search(rf"{name}\s+(http://\S+)", self.text())
        assert found is not None, self.text()
        return found[1]

    def password(self, username: str) -> str:
        """A demo login that it printed."""
        found = re.search(rf"{username}\s+(\S+)\s", self.text())
        assert found is not None, self.text()
        return found[1]

    def forward(self, minutes: int) -> None:
        """Move the clock of all processes."""
        self.seconds += minutes * 60
        (self.folder / "new").write_text(str(self.seconds), encoding="ascii")
        (self.folder / "new").replace(self.folder / "clock")

    def stop(self) -> None:
        """Ctrl-C, which reaches everything that the terminal started."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait()


def _two_free_ports() -> int:
    while True:
        port = free_port()
        if not answers(port + 1, "/"):
            return port


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Everything, as a newcomer starts it."""
    made = Running(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[list[Page]]:
    """Pages of this test, closed after it."""
    pages: list[Page] = []
    yield pages
    for page in pages:
        page.context.close()


def _new(chromium: Browser, pages: list[Page], width: int = 390, height: int = 780) -> Page:
    page = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB").new_page()
    page.set_default_timeout(START_SECONDS * 1000)
    pages.append(page)
    return page


def test_a_tip_in_the_chat_reaches_a_phone_climbs_and_is_accepted(
    running: Running, chromium: Browser, open_page: list[Page]
) -> None:
    chat, phones = _new(chromium, open_page), _new(chromium, open_page, 1200, 900)
    chat.goto(f"{running.address('Web chat')}?language=ur")
    expect(chat.locator("html")).to_have_attribute("dir", "rtl")
    chat.fill("#text", TIP)
    chat.click("#send")
    expect(chat.locator(".theirs").first).to_contain_text("آپ کا پیغام مل گیا")
    chat.click("button[value='1']")
    expect(chat.locator(".theirs").nth(1)).to_contain_text("لاہور۔ کیا یہی جگہ ہے؟")

    phones.goto(running.address("Demo phones"))
    expect(phones.locator("body")).to_contain_text(re.compile(r"P[12] report \d{4} Lahore"))

    _ask_for_help(running, chromium, open_page)
    console = _log_in(running, chromium, open_page, "amna")
    expect(console.locator("main")).to_contain_text("P1")
    _picture(console, "console")
    console.locator("main a[href*='/reports/']").last.click()
    expect(console.locator("main")).to_contain_text(TIP)
    _picture(console, "report")

    running.forward(minutes=31)
    expect(phones.locator("body")).to_contain_text(re.compile(r"Bilal[\s\S]*P[12] report \d{4} Lahore"))
    bilal = _log_in(running, chromium, open_page, "bilal")
    bilal.locator("main a[href*='/reports/']").last.click()
    bilal.get_by_role("button", name="Accept").click()
    expect(bilal.locator("main")).to_contain_text("Bilal")
    console.reload()  # half an hour later the log-in is over
    expect(console.locator("main")).to_contain_text("log in")
    expect(_log_in(running, chromium, open_page, "amna").locator("main")).to_contain_text("Bilal")

    _the_chat_tells_that_it_was_taken(chat)


def _the_chat_tells_that_it_was_taken(chat: Page) -> None:
    """Answer the rest of the questions, and send the code."""
    chat.reload()
    for answer in ("لاہور", "1", "9"):
        before = chat.locator(".theirs").count()
        chat.fill("#text", answer)
        chat.click("#send")
        expect(chat.locator(".theirs")).to_have_count(before + 1)
    code = re.search(r"\b\d{10}\b", chat.locator(".theirs").last.inner_text())
    assert code is not None
    chat.fill("#text", code[0])
    chat.click("#send")
    expect(chat.locator(".theirs").last).to_contain_text("کام شروع")
    _picture(chat, "chat")


def _ask_for_help(running: Running, chromium: Browser, pages: list[Page]) -> None:
    """Somebody else writes, in English and in danger."""
    plea = _new(chromium, pages)
    plea.goto(f"{running.address('Web chat')}?language=en")
    plea.fill("#text", "Help me, we are locked in a house in Lahore")
    plea.click("#send")
    expect(plea.locator(".theirs").first).to_contain_text("Is it safe to text now?")


def _log_in(running: Running, chromium: Browser, pages: list[Page], username: str) -> Page:
    page = _new(chromium, pages, 1000, 700)
    page.goto(running.address("Console"))
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", running.password(username))
    page.get_by_role("button").first.click()
    expect(page.locator("main")).to_be_visible()
    return page


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_second_run_keeps_the_data_and_a_signed_test_sms_is_taken(running: Running) -> None:
    curl = next(line.strip() for line in running.text().splitlines() if line.strip().startswith("curl"))
    taken = subprocess.run(["/bin/sh", "-c", curl], capture_output=True, text=True, check=True).stdout
    assert "200 OK" in taken
    reports = _reports(running)
    assert len(reports) > 2
    running.stop()
    running.start()
    assert _reports(running) == reports


def _reports(running: Running) -> str:
    command = [str(Path(sys.executable).parent / "hotline"), "reports", "--json"]
    environment = {
        **os.environ,
        "HOTLINE_DATABASE_URL": f"sqlite:///{running.folder}/var/hotline.db",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
