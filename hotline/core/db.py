"""The database: engine, Base, transactions, and the one clock that timers go by."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, cast

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, make_transient_to_detached
from sqlalchemy.types import TypeDecorator

from hotline.core import statements
from hotline.core.statements import CompiledStatement, connection

BUSY_TIMEOUT = 10  # seconds a writer waits for SQLite's one write lock
CLOCK_REFRESH = 30.0  # seconds between two readings of the server's clock
# PostgreSQL: how soon a silent server is gone (by the kernel alone, after two hours); the second in milliseconds
SILENT = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_count": 2}


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


class OneOf(TypeDecorator[Enum]):
    """A column that holds one of an enum's values: text for a StrEnum, a number for an IntEnum.

    A value that this release does not know, written by a newer one, comes back as it is: no row is lost for a word.
    """

    impl: sa.types.TypeEngine[Any] = sa.String()
    cache_ok = True

    def __init__(self, values: type[Enum]) -> None:
        super().__init__()
        self.values = values
        self.impl = sa.Integer() if issubclass(values, int) else sa.String()

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        return value.value if isinstance(value, Enum) else value

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        return self.values._value2member_map_.get(value, value)


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

    @classmethod
    def made(cls, **values: Any) -> Self:
        """A row as an object, past the mapper's events for each column, which cost more than to write it."""
        (row := cls.__mapper__.class_manager.new_instance()).__dict__.update(values)
        return cast("Self", row)


def table(model: type[Base]) -> sa.Table:
    """The table behind a model, for statements that need no objects."""
    return cast("sa.Table", model.__table__)


def index_where(name: str, *columns: str, where: str = "", unique: bool = False) -> sa.Index:
    """An index of the rows that fulfil `where`, on both databases; without it, of those that have a value in the first column."""
    given = sa.text(where or f"{columns[0]} IS NOT NULL")
    return sa.Index(name, *columns, unique=unique, sqlite_where=given, postgresql_where=given)


def new_id() -> str:
    """An opaque id: tells neither order nor number of rows."""
    return uuid.uuid4().hex


class Database:
    """An engine with transactions that know what to do before and after their commit."""

    def __init__(self, url: str, clock_file: Path | None = None, **engine_options: Any) -> None:
        """`url`: SQLAlchemy URL, `postgresql://` meaning psycopg 3. `clock_file`: for tests, see `now`."""
        self.engine = _engine(url, **engine_options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's own waiting sleeps in ever longer steps; threads of one process queue here instead.
        self._write_lock = threading.Lock() if self.is_sqlite else nullcontext()
        self._clock_file = clock_file
        self._anchor: tuple[datetime, float] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A write transaction: commits at the end of the block, or changes nothing."""
        with self._write_lock, self.engine.connect() as line, line.begin() as whole:
            tx = _Writing(line)
            yield tx
            tx.flush()
            try:
                for finish in tx.info.pop("before_commit", {}).values():
                    finish(tx)
                _write(tx, tx.info.pop("last", None))
                whole.commit()
            except sa.exc.SQLAlchemyError:
                _give_up(line)
                raise
            if tx.in_transaction():
                tx.close()  # most messages need no objects: there is nothing to let go of
            notifications: list[Callable[[], None]] = tx.info.pop("after_commit", [])
        for notify in notifications:
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
        return self.wall() + self._offset()

    def wall(self) -> datetime:
        """Return what `now` does, without what a test adds to it."""
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


def _give_up(line: sa.Connection) -> None:
    """A commit that failed leaves SQLite's transaction open, and its lock held even by a closed connection."""
    with suppress(sa.exc.SQLAlchemyError, line.dialect.loaded_dbapi.Error):
        cast("Any", line.connection.driver_connection).rollback()
    line.invalidate()


class _Writing(Session):
    """A session on a transaction that is open already. What waits to be written is written before anything is read."""

    def __init__(self, line: sa.Connection) -> None:
        super().__init__(line, join_transaction_mode="rollback_only", expire_on_commit=False, info={"line": line})


@sa.event.listens_for(_Writing, "do_orm_execute")
def _write_before(statement: ORMExecuteState) -> None:
    _write_waiting(statement.session)


def run(tx: Session, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
    """Run a statement that needs no objects, such as an UPDATE of many rows: the result has `rowcount`."""
    _write_waiting(tx)
    tx.flush()
    return connection(tx).execute(statement, parameters)


def add(tx: Session, row: Base) -> None:
    """Insert a row, whose key is set, before the next statement that reads, at the latest before the commit.

    All that waits is written in one go: PostgreSQL gets it as one statement, one way to the server and back.
    """
    tx.info.setdefault("new", []).append(row)


def add_if_new(tx: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row now; False if one with the same key is there, or was written by somebody else at this moment."""
    insert = sqlite.insert(table) if is_sqlite(tx) else postgresql.insert(table)
    written: sa.Executable = insert.values(values).on_conflict_do_nothing().returning(sa.literal_column("1"))
    return run(tx, written).first() is not None


def queue(tx: Session, statement: CompiledStatement, values: dict[str, Any], *, last: bool = False) -> None:
    """Run a statement together with the rows that wait; `last`: a SELECT with an effect, behind everything else."""
    if last:
        tx.info["last"] = (statement, values)
    else:
        tx.info.setdefault("writes", []).append((statement, values))


def _write_waiting(tx: Session) -> None:
    """Write what waits, in the middle of a transaction. The rows are the session's from then on, as they may change."""
    for row in _write(tx) if "new" in tx.info or "writes" in tx.info else ():
        make_transient_to_detached(row)
        tx.add(row)


def _write(tx: Session, last: tuple[CompiledStatement, dict[str, Any]] | None = None) -> list[Base]:
    rows: list[Base] = tx.info.pop("new", [])
    statements.run_all(tx, [_insertion(row) for row in rows] + tx.info.pop("writes", []), last)
    return rows


def _insertion(row: Base) -> tuple[CompiledStatement, dict[str, Any]]:
    statement, columns = _insert_of(type(row))
    values = row.__dict__
    return statement, {name: values.get(name, default) for name, default in columns}


@lru_cache(maxsize=64)
def _insert_of(model: type[Base]) -> tuple[CompiledStatement, tuple[tuple[str, Any], ...]]:
    """The INSERT of a model, and its columns with their constant defaults."""
    columns = tuple((column.key, _constant(column.default)) for column in table(model).columns)
    return CompiledStatement(sa.insert(table(model))), columns


def _constant(default: Any) -> Any:
    return default.arg if default is not None and default.is_scalar else None


def before_commit(tx: Session, key: str, finish: Callable[[Session], None]) -> None:
    """Run `finish(tx)` last in this transaction, once per key."""
    tx.info.setdefault("before_commit", {}).setdefault(key, finish)


def after_commit(tx: Session, notify: Callable[[], None]) -> None:
    """Run `notify()` once this transaction is safely committed, never otherwise."""
    tx.info.setdefault("after_commit", []).append(notify)


def is_sqlite(tx: Session) -> bool:
    """Tell whether this transaction runs on SQLite, which has no row locks and one writer at a time."""
    return connection(tx).dialect.name == "sqlite"


def reachable(database: Database) -> bool:
    """Tell whether a statement gets through."""
    with suppress(sa.exc.SQLAlchemyError), database.reading() as tx:
        return bool(tx.execute(sa.text("SELECT 1")).all())
    return False


def _engine(url: str, **options: Any) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.drivername.startswith("postgres"):  # `postgres://` too, as hosting providers still write it
        options = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": False, "connect_args": SILENT, **options}
        engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True, **options)
        engine.dialect.use_insertmanyvalues_wo_returning = True  # several rows in one INSERT, not in a pipeline of many
        return engine
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
    reads = connection.get_execution_options().get("hotline_reading")
    statements.command(connection, "BEGIN" if reads else "BEGIN IMMEDIATE")


def alembic_config(url: str) -> Config:
    """Alembic's configuration, without a file: the migrations beside this module, on this database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision (up only; `alembic.command.downgrade` goes down)."""
    command.upgrade(alembic_config(url), revision)
