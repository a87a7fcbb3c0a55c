"""A hotline of real processes on loopback: the server and settings of `make run`, on a database of its own."""

import http.client
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.cli import loading
from hotline.conversation import places
from hotline.core import db, vault
from hotline.core.settings import ROOT
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.local.demo.setup import DIRECTORY, NUMBER
from hotline.local.redis_server import free_port
from tests.servers import wait_until

TOKEN = "local-token"
SID = "AC" + "0" * 32
BIN = Path(sys.executable).parent


class Site:
    """Folder, keys, database and environment of one hotline. `url` empty: SQLite in its folder."""

    def __init__(self, url: str, *, redis_url: str = "", gateway: str = "", port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-site-"))
        self.port = port or free_port()
        self.url = url or f"sqlite:///{self.folder}/hotline.db"
        self.public = f"http://127.0.0.1:{self.port}"
        self.clock_file = self.folder / "clock"
        self.environment = {
            **os.environ,
            "HOTLINE_CLOCK_FILE": str(self.clock_file), "HOTLINE_DEMO": "0", "HOTLINE_DRILL_EVERY": "PT0S",
            "HOTLINE_DATABASE_URL": self.url, "HOTLINE_REDIS_URL": redis_url, "HOTLINE_PUBLIC_URL": self.public,
            "HOTLINE_KEYS_DIR": str(self.folder / "keys"), "HOTLINE_TWILIO_ACCOUNT_SID": SID,
            "HOTLINE_TWILIO_AUTH_TOKEN": TOKEN, "HOTLINE_TWILIO_SMS_FROM": NUMBER, "HOTLINE_TWILIO_API_URL": gateway,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        vault.make_keys(self.folder / "keys")
        db.migrate(self.url)
        self.database = db.Database(self.url, self.clock_file)
        self.keys = Vault(self.folder / "keys", "operator")
        self.rules = policy.load(ROOT / "flows" / "escalation.yaml")
        with self.database.transaction() as tx:
            policy.register(tx, self.rules, self.database.now())
            found = places.Places.load(ROOT / "flows" / "districts.tsv")
            loading.load(tx, self.keys, found, self.rules.tiers, DIRECTORY, self.database.now())

    @contextmanager
    def processes(self, *commands: str) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run shell command lines until the block ends; with a web process, once it answers."""
        started = [self.start(command) for command in commands]
        try:
            yield started
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait()

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start a shell command line as a process."""
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"], cwd=ROOT, env=self.environment, start_new_session=True
        )

    def gunicorn(self, application: str) -> str:
        """The command line of a web process: one worker, as both sides of a ratio have, else as in production."""
        return f"gunicorn --config python:hotline.web.gunicorn --bind 127.0.0.1:{self.port} --workers 1 '{application}'"

    def wait(self) -> None:
        """Return once the web process answers."""
        wait_until(lambda: answers(self.port, "/healthz"), "the web process")


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
