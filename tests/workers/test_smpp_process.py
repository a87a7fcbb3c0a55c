"""The process itself, as the Procfile runs it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from hotline.core.settings import ROOT
from hotline.reports.tables import Report
from tests.journeys.told import CHILDREN
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc, smsc
from tests.support.site import Site

PROCESS = f"{sys.executable} -m workers.smpp"


@contextmanager
def site(url: str, centre: Smsc) -> Iterator[Site]:
    """A hotline whose operator is this message centre."""
    made = Site(url)
    made.environment |= {
        "HOTLINE_SMPP_HOST": "127.0.0.1", "HOTLINE_SMPP_PORT": str(centre.port), "HOTLINE_SMPP_SENDER": CODE,
        "HOTLINE_SMPP_SYSTEM_ID": SYSTEM_ID, "HOTLINE_SMPP_PASSWORD": PASSWORD,
    }  # fmt: skip
    yield made
    made.database.engine.dispose()


def test_it_takes_in_answers_and_takes_leave(database_url: str) -> None:
    with smsc() as centre, site(database_url, centre) as here, here.processes(PROCESS) as (process,):
        centre.expect("bound")
        assert centre.texts(CHILDREN) == 0
        with here.database.reading() as tx:
            assert tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar_one() == 1
        centre.expect("submitted", to="923000000078")
        process.terminate()
        assert process.wait() == 0
        centre.expect("unbound")


def test_without_its_settings_it_says_which_are_missing(sqlite_url: str) -> None:
    command = [sys.executable, "-m", "workers.smpp"]
    environment = {"HOTLINE_DATABASE_URL": sqlite_url, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False, text=True)
    assert ended.returncode == 1
    assert "HOTLINE_SMPP_HOST" in ended.stderr
