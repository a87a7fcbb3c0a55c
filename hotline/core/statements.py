"""Statements that every message brings: compiled once, handed straight to the driver, PostgreSQL's writes as one.

SQLAlchemy's own execution costs more than these statements do, so it only writes them and converts their values.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
_NAME = re.compile(r"%\((\w+)\)s")
_PLACE = re.compile(r"\$(\d+)")
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one kind of database."""

    text: str  # with `?` on SQLite, `$1` on PostgreSQL: the driver need not look for names
    constants: dict[str, Any]
    binds: tuple[tuple[str, _Convert], ...]  # in the order of the text's placeholders
    columns: tuple[tuple[str, _Convert], ...]

    def bind(self, values: Values) -> list[Any]:
        """The values as the driver takes them."""
        known = {**self.constants, **values}
        return [convert(known[name]) if convert else known[name] for name, convert in self.binds]

    def read(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row of the driver as values by column."""
        found = zip(self.columns, row, strict=True)
        return {name: convert(value) if convert else value for (name, convert), value in found}


class CompiledStatement:
    """One statement; give one for each database where they differ."""

    def __init__(
        self, statement: sa.Executable, postgresql: sa.Executable | None = None, columns: Sequence[str] = ()
    ) -> None:
        """`columns`: those that an INSERT fills; none means all."""
        self._statements = {"sqlite": statement, "postgresql": postgresql if postgresql is not None else statement}
        self._columns = list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, tx: Session, values: Values | None = None) -> DBAPICursor:
        """Run it; the cursor has `rowcount`. Raises SQLAlchemyError."""
        line = connection(tx)
        compiled = self.compiled(line.dialect)
        return command(line, compiled.text, compiled.bind(values or {}))

    def rows(self, tx: Session, values: Values | None = None) -> list[dict[str, Any]]:
        """Run it and read what it finds. Raises SQLAlchemyError."""
        line = connection(tx)
        compiled = self.compiled(line.dialect)
        cursor = command(line, compiled.text, compiled.bind(values or {}))
        try:
            return [compiled.read(row) for row in cursor.fetchall()]
        except _driver_error(line) as error:
            raise _stored_error(line, compiled.text, error) from error

    def compiled(self, dialect: Dialect) -> _Compiled:
        """Return it as this kind of database takes it."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statements[dialect.name], dialect, self._columns)
        return self._compiled[dialect.name]


Step = tuple[CompiledStatement, Values]


def run_all(tx: Session, batch: Sequence[Step], last: Step | None = None) -> None:
    """Run statements that neither read nor depend on each other, then a SELECT; PostgreSQL gets them as one.

    Raises SQLAlchemyError.
    """
    line = connection(tx)
    steps = [*batch, last] if last is not None else batch
    if line.dialect.name == "sqlite" or len(steps) < 2:
        for statement, values in steps:
            statement.run(tx, values)
        return
    compiled = [statement.compiled(line.dialect) for statement, _ in steps]
    bound = [value for one, (_, values) in zip(compiled, steps, strict=True) for value in one.bind(values)]
    command(line, _combined(tuple(one.text for one in compiled), last is not None), bound)


@lru_cache(maxsize=256)
def _combined(texts: tuple[str, ...], ends_with_select: bool) -> str:
    """One statement that does what `texts` do, its placeholders numbered on; the SELECT waits for the others."""
    shifted, places = [], 0
    for text in texts:
        shifted.append(_PLACE.sub(lambda found, before=places: f"${int(found[1]) + before}", text))  # type: ignore[misc]
        places += len(_PLACE.findall(text))
    end = shifted.pop() if ends_with_select else "SELECT 1"
    parts = [f"w{number} AS ({text} RETURNING 1)" for number, text in enumerate(shifted)]
    done = " + ".join(f"(SELECT count(*) FROM w{number})" for number in range(len(parts)))  # noqa: S608  # numbers only
    return f"WITH {', '.join(parts)} {end} WHERE {done} >= 0"


def _numbered(text: str, first: int) -> str:
    """`$1`, `$2` … for `%(name)s`, each place its own."""
    numbers = count(first)
    return _NAME.sub(lambda _: f"${next(numbers)}", text)


def connection(tx: Session) -> sa.Connection:
    """The connection of a transaction."""
    line: sa.Connection = tx.info.get("line") or tx.connection()
    return line


def _compile(statement: sa.Executable, dialect: Dialect, columns: list[str] | None) -> _Compiled:
    clause = cast("sa.ClauseElement", statement)
    compiled = cast("SQLCompiler", clause.compile(dialect=dialect, column_keys=columns))
    kinds = {name: bind.type for bind, name in compiled.bind_names.items()}
    found = getattr(statement, "exported_columns", ())
    text = str(compiled)
    names = compiled.positiontup or _NAME.findall(text)
    return _Compiled(
        text=text if compiled.positional else _numbered(text, 1),
        constants=dict(compiled.params),
        binds=tuple((name, _into(kinds[name], dialect)) for name in names),
        columns=tuple((column.key, _out_of(column.type, dialect)) for column in found),
    )


def _into(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def command(line: sa.Connection, text: str, values: Sequence[Any] = ()) -> DBAPICursor:
    """Run SQL as the driver takes it. Raises SQLAlchemyError."""
    driver = cast("Any", line.connection.driver_connection)
    cursor = cast("DBAPICursor", driver.cursor() if line.dialect.name == "sqlite" else psycopg.RawCursor(driver))
    try:
        cursor.execute(text, values)
    except _driver_error(line) as error:
        raise _stored_error(line, text, error) from error
    return cursor


def _driver_error(line: sa.Connection) -> type[Exception]:
    return line.dialect.loaded_dbapi.Error


def _stored_error(line: sa.Connection, text: str, error: Exception) -> Exception:
    """The driver's error as SQLAlchemy's, without values; a lost server's connections are not used again."""
    driver = cast("Any", line.connection.driver_connection)
    lost = line.dialect.is_disconnect(cast("Any", error), driver, None)
    made = sa.exc.DBAPIError.instance(
        text, None, error, _driver_error(line), hide_parameters=True, connection_invalidated=lost, dialect=line.dialect
    )
    if lost:
        line.invalidate(error)
        line.engine.dispose()
    return cast("Exception", made)
