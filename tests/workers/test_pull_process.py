"""The process that asks Telegram, as the Procfile runs it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from hotline.cli.start import _optional
from hotline.core.settings import ROOT, Settings
from hotline.reports.tables import Report
from tests.channels.mailbox import Mailbox
from tests.channels.peers import BOT
from tests.journeys.told import CHILDREN, KARACHI
from tests.servers import wait_until
from tests.support.site import Site
from tests.workers.test_pull import other, says

PROCESS = f"{sys.executable} -m workers.pull"


@contextmanager
def site(database_url: str, api_url: str) -> Iterator[Site]:
    """A hotline with a bot, and no secret for a webhook."""
    made = Site(database_url)
    made.environment |= {
        "HOTLINE_TELEGRAM_TOKEN": BOT, "HOTLINE_TELEGRAM_POLL": "1", "HOTLINE_TELEGRAM_API_URL": api_url,
    }  # fmt: skip
    yield made
    made.database.engine.dispose()


def reports(here: Site) -> int:
    with here.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar_one()


def test_it_takes_in_survives_a_kill_and_takes_leave(database_url: str) -> None:
    box = Mailbox()
    box.arrives(says(CHILDREN, 9))
    with box.serve() as url, site(database_url, url) as here:
        with here.processes(PROCESS) as (process,):
            wait_until(lambda: reports(here) == 1, "the first report")
            process.kill()
            process.wait()
        box.arrives(says(KARACHI, 10, **other(80)))
        with here.processes(PROCESS) as (process,):
            wait_until(lambda: box.kept == [], "all to be confirmed")
            assert reports(here) == 2
            process.terminate()  # while Telegram holds the call
            assert process.wait() == 0


def test_without_its_settings_it_says_which_are_missing(sqlite_url: str) -> None:
    command = [sys.executable, "-m", "workers.pull"]
    environment = {"HOTLINE_DATABASE_URL": sqlite_url, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False, text=True)
    assert ended.returncode == 1
    assert "HOTLINE_TELEGRAM_POLL" in ended.stderr


def test_make_run_starts_it_where_it_is_set_up() -> None:
    pulled = Settings.model_validate({"telegram_token": BOT, "telegram_poll": True})
    called = Settings.model_validate({"telegram_token": BOT, "telegram_secret": "x"})
    assert (_optional(pulled), _optional(called)) == ({"pull": "python -m workers.pull"}, {})
