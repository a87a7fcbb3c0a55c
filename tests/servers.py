"""Real servers for tests, each in a folder of its own and ended by its own process id."""

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import redis

from hotline.local import redis_server
from tests import needs

START_SECONDS = 120.0  # for whatever comes in a moment on an idle machine: a busy one must not turn a test red
# Waits until the test run ($1) is gone or the server's folder ($2) is; then ends the process named in the file $3.
GUARD = """
while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 1; done
[ -f "$3" ] && kill -INT "$(head -n 1 "$3")"
rm -rf "$2"
"""

# A database that a test gave back: everybody else leaves; then what makes it look new, and the tables with rows.
ALONE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
LOOKS = """
SELECT md5(string_agg(row(oid, relname, relkind, relnatts, relchecks, relhastriggers, reltuples)::text, '' ORDER BY oid)),
    (SELECT string_agg(version_num, '') FROM alembic_version)
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
MAX_LEFT = 2_000_000  # bytes of deleted rows, which slow down those who read past them


def wait_until(check: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    """Return as soon as `check()` is true; fail, saying `what` was waited for, after `seconds`.

    The one place in the tests that waits: for another process, never for a time to pass.
    """
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether this process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def guard(folder: Path, pid_file: Path) -> None:
    """See to it that the server in `folder` ends even if this test run is killed and can end nothing itself."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "guard", str(run), str(folder), str(pid_file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ).returncode = 0  # nobody waits for it: it outlives this process by a second


class RedisServer:
    """A Redis-compatible server on a Unix socket, with an append-only file."""

    def __init__(self) -> None:
        # not under pytest's own folder: its path may be too long for a socket
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-redis-"))
        self._server = redis_server.prepare(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self._server.url
        guard(self._folder, self._folder / "pid")

    def start(self) -> None:
        """Start it (again), and return when it answers."""
        self._process = subprocess.Popen(self._server.command, stdout=subprocess.DEVNULL)
        (self._folder / "pid").write_text(str(self._process.pid), encoding="ascii")
        wait_until(self._answers, "Redis")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """End it for good, with its files."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


class PostgresServer:
    """A PostgreSQL server on a Unix socket, in a folder that any process of the test run may name.

    As root it runs as the user `postgres` (it refuses root). Not durable unless asked: no fsync and no wait
    for the log, so that tests are fast; whoever stops or kills a server in the middle asks for it.
    """

    def __init__(self, folder: Path, durable: bool = False) -> None:
        """`folder`: where it stands or will stand; its path must be short enough for a socket (107 bytes)."""
        self.folder, self._durable = folder, durable
        self._data = folder / "data"
        self._programs = needs.postgres_programs()
        self._owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self._idle: list[str] = []  # databases that are as new
        self._new: tuple[Any, ...] | None = None  # how one looks

    @classmethod
    def new_folder(cls) -> Path:
        """An empty folder for one server, owned by the user it will run as."""
        folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        guard(folder, folder / "data" / "postmaster.pid")
        return folder

    def start(self) -> None:
        """Make the cluster if there is none, start the server, and return when it answers."""
        if not self._data.exists():
            self._run("initdb", "--auth=trust", "--username=hotline", "--encoding=UTF8", "--locale=C", "--no-sync")
        safe = "on" if self._durable else "off"
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=200"
            f" -c fsync={safe} -c full_page_writes={safe} -c synchronous_commit={safe} -c timezone=UTC"
        )
        if not self._durable:  # nothing runs beside the tests
            options += " -c autovacuum=off -c max_wal_size=8GB -c checkpoint_timeout=1h"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder}/log", f"--options={options}")

    def stop(self, mode: str = "fast") -> None:
        """End it; `mode` "immediate" is a crash, from which `start` recovers."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def remove(self) -> None:
        """End it for good, with its files."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's URL of one of its databases."""
        return f"postgresql+psycopg://hotline@/{database}?host={self.folder}"

    def execute(self, *statements: str) -> None:
        """Run administrators' statements, each on its own."""
        with self._connected() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def make_template(self, migrate: Callable[[str], None]) -> None:
        """Make the database that `fresh` copies, by `migrate(url)`."""
        self.execute("CREATE DATABASE template_hotline")
        migrate(self.url("template_hotline"))
        self.execute(
            "ALTER DATABASE template_hotline ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'template_hotline'",
        )

    def fresh(self, migrated: bool = True) -> str:
        """The name of a database that nobody else has: migrated and without a row, or empty."""
        if migrated and self._idle:
            return self._idle.pop()
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {'template_hotline' if migrated else 'template1'}")
        if migrated and not self._new:
            with self._connected(name) as connection:
                self._new = connection.execute(LOOKS).fetchone()
        return name

    def drop(self, name: str) -> None:
        """Take a database back, whoever is still connected to it: the next test gets it, or it is removed."""
        if self._emptied(name):
            self._idle.append(name)
        else:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _emptied(self, name: str) -> bool:
        """Delete all rows; False for one that cannot be as new again. To make one costs thirty times as much."""
        try:
            with self._connected(name) as connection:
                connection.execute(ALONE)
                if not self._new or connection.execute(LOOKS).fetchone() != self._new:
                    return False
                written = connection.execute(WRITTEN).fetchall()
                if sum(size for _, size in written) > MAX_LEFT:
                    return False
                deletes = "; ".join(f'DELETE FROM "{table}"' for table, _ in written)
                connection.execute(f"SET session_replication_role = replica; {deletes}".encode())
        except psycopg.Error:
            return False
        return True

    def _connected(self, database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(host=str(self.folder), user="hotline", dbname=database, autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        # the server inherits the output of pg_ctl: a file, as a pipe would never close
        with (self.folder / "output").open("a+b") as output:
            owner = (self._owner.pw_uid, self._owner.pw_gid, ()) if self._owner else (None, None, None)
            finished = subprocess.run(
                [self._programs / program, *arguments, f"--pgdata={self._data}"],
                cwd="/",
                check=False,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                user=owner[0],
                group=owner[1],
                extra_groups=owner[2],
            )
            if finished.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed:\n{output.read().decode(errors='replace')}")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database file with whatever its write-ahead log still holds."""
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()
