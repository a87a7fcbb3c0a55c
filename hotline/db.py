"""The database: engine, Base, transactions, and the one clock that timers go by."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT = 10  # seconds a writer waits for SQLite's one write lock
CLOCK_REFRESH = 30.0  # seconds between two readings of the server's clock


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite has no time zones)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Constraint names follow one convention, so that migrations can drop what they made."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # SQLAlchemy's own name
        datetime: Moment,
        str: sa.String(),
        bytes: sa.LargeBinary(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
        dict[str, str]: sa.JSON(),
    }


def new_id() -> str:
    """An opaque id: tells neither order nor number of rows."""
    return uuid.uuid4().hex


class Database:
    """An engine with transactions that know what to do before and after their commit."""

    def __init__(self, url: str, clock_file: Path | None = None, **engine_options: Any) -> None:
        """`url`: SQLAlchemy URL, `postgresql://` meaning psycopg 3. `clock_file`: for tests, see `now`."""
        self.engine = _engine(url, **engine_options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._clock_file = clock_file
        self._anchor: tuple[datetime, float] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A write transaction: commits at the end of the block, or changes nothing."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as tx:
            with tx.begin():
                yield tx
                tx.flush()
                for finish in tx.info.pop("before_commit", {}).values():
                    finish(tx)
            for notify in tx.info.pop("after_commit", []):
                notify()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only transaction: one consistent view, and on SQLite no waiting for the write lock."""
        with self.engine.connect().execution_options(hotline_reading=True) as connection, Session(connection) as tx:
            yield tx

    def now(self) -> datetime:
        """The time on the database's clock, so that all machines agree about what is due.

        PostgreSQL's clock is read every CLOCK_REFRESH seconds and carried on by the monotonic clock in between.
        """
        return self._server_now() + self._offset()

    def _server_now(self) -> datetime:
        if self.is_sqlite:
            return datetime.now(UTC)
        ticks = time.monotonic()
        if self._anchor is None or ticks - self._anchor[1] > CLOCK_REFRESH:
            with self.engine.connect() as connection:
                stamp: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
            self._anchor = (stamp.astimezone(UTC), time.monotonic())
        stamp, anchored = self._anchor
        return stamp + timedelta(seconds=time.monotonic() - anchored)

    def _offset(self) -> timedelta:
        if self._clock_file is None:
            return timedelta()
        try:
            return timedelta(seconds=float(self._clock_file.read_text(encoding="ascii") or 0))
        except FileNotFoundError:
            return timedelta()


def before_commit(tx: Session, key: str, finish: Callable[[Session], None]) -> None:
    """Run `finish(tx)` last in this transaction, once per key."""
    tx.info.setdefault("before_commit", {}).setdefault(key, finish)


def after_commit(tx: Session, notify: Callable[[], None]) -> None:
    """Run `notify()` once this transaction is safely committed, never otherwise."""
    tx.info.setdefault("after_commit", []).append(notify)


def is_sqlite(tx: Session) -> bool:
    """Whether this transaction runs on SQLite, which has no row locks and one writer at a time."""
    return tx.get_bind().dialect.name == "sqlite"


def reachable(database: Database) -> bool:
    """Whether a statement gets through."""
    try:
        with database.reading() as tx:
            tx.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return False
    return True


def _engine(url: str, **options: Any) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        options = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": False, **options}
        return sa.create_engine(parsed, hide_parameters=True, connect_args={"connect_timeout": 5}, **options)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sa.create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT}, **options)
    sa.event.listen(engine, "connect", _sqlite_connect)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin or commit on its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: sa.Connection) -> None:
    # IMMEDIATE takes the write lock at once: a read that turns into a write would fail with "database is locked".
    reading = connection.get_execution_options().get("hotline_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def alembic_config(url: str) -> Config:
    """Alembic's configuration, without a file: the migrations beside this module, on this database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision (up only; `alembic.command.downgrade` goes down)."""
    command.upgrade(alembic_config(url), revision)
