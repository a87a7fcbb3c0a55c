"""Fixtures that every test may use: servers and databases. The cast of the stories stands in other files."""

import fcntl
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from hotline.core.db import migrate
from tests.journeys.world import World
from tests.servers import PostgresServer, RedisServer, copy_sqlite
from tests.strict import pytest_make_collect_report, pytest_runtest_makereport
from tests.support.once import make_once

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

BOTH = ("sqlite", "postgresql")
YOUNG = 20_000  # objects between two looks for cyclic garbage: each look walks what the tests before left behind
NewDatabase = Callable[[], AbstractContextManager[str]]
POSTGRES_NOTE = "postgres-folder"  # in the folder that all processes of the run share
shared_folder = pytest.StashKey[Path]()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run's PostgreSQL, whichever process started it. Only the first process does, after all others."""
    folder = config.stash.get(shared_folder, None)
    note = folder / POSTGRES_NOTE if folder else None
    if note and note.exists() and not hasattr(config, "workerinput"):
        PostgresServer(Path(note.read_text(encoding="utf-8"))).remove()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember the run's folder while pytest still knows it."""
    base: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    session.config.stash[shared_folder] = base.parent if hasattr(session.config, "workerinput") else base


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives to the end: the modules and the tests themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """Keep from test to test what costs time to make and is the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        make_once(patch)
        yield


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> PostgresServer:
    """One server for the whole run, started by the first test that asks, with a migrated template."""
    folder = pytestconfig.stash[shared_folder]
    note = folder / POSTGRES_NOTE
    with (folder / "postgres-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if note.exists():
            return PostgresServer(Path(note.read_text(encoding="utf-8")))
        server = PostgresServer(PostgresServer.new_folder())
        try:
            server.start()
            server.make_template(migrate)
        except BaseException:
            server.remove()
            raise
        note.write_text(str(server.folder), encoding="utf-8")
        return server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A freshly migrated PostgreSQL database of this test's own."""
    name = postgres.fresh()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "hotline.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A freshly migrated SQLite database of this test's own."""
    copy_sqlite(migrated_sqlite, tmp_path / "hotline.db")
    return f"sqlite:///{tmp_path / 'hotline.db'}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a database on both kinds, or on SQLite alone where nothing depends on it."""
    if "database_kind" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_database")
        metafunc.parametrize("database_kind", BOTH[:1] if one else BOTH, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which kind of database this test runs on."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """A freshly migrated database: the test runs once on each kind."""
    url: str = request.getfixturevalue("sqlite_url" if database_kind == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def new_database(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> NewDatabase:
    """As `database_url`, for a test that needs many, one after the other: each is there within its block."""
    numbers = count()

    @contextmanager
    def on_sqlite() -> Iterator[str]:
        path = tmp_path / f"hotline-{next(numbers)}.db"
        copy_sqlite(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        path.unlink()

    @contextmanager
    def on_postgresql() -> Iterator[str]:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = server.fresh()
        yield server.url(name)
        server.drop(name)

    return on_sqlite if database_kind == "sqlite" else on_postgresql


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without any table, for tests of the migrations themselves."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.fresh(migrated=False)
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One server a test process, for tests that do not harm it."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """An empty Redis-compatible server."""
    shared_redis.flush()
    return shared_redis.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server of this test's own, to be killed and started again."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory, Monday ten in the morning, once on each database."""
    made = World(database_url, tmp_path)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def asleep(world: World) -> None:
    """Its worker sleeps until it is told to send."""
    world.worker_sleeps = True
