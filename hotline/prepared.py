"""Statements that every message brings: compiled once, handed straight to the driver, on PostgreSQL in one go.

SQLAlchemy's own execution costs more than these statements do, so it only writes them and converts their values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one kind of database."""

    text: str
    constants: dict[str, Any]
    binds: tuple[tuple[str, _Convert], ...]  # in the order of the text's placeholders
    by_position: bool
    columns: tuple[tuple[str, _Convert], ...]

    def bind(self, values: Values) -> Sequence[Any] | dict[str, Any]:
        """The values as the driver takes them."""
        known = {**self.constants, **values}
        if self.by_position:
            return tuple([convert(known[name]) if convert else known[name] for name, convert in self.binds])
        return {name: convert(known[name]) if convert else known[name] for name, convert in self.binds}

    def read(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row of the driver as values by column."""
        found = zip(self.columns, row, strict=True)
        return {name: convert(value) if convert else value for (name, convert), value in found}


class Prepared:
    """One statement; give one for each database where they differ."""

    def __init__(
        self, statement: sa.Executable, postgresql: sa.Executable | None = None, columns: Sequence[str] = ()
    ) -> None:
        """`columns`: those that an INSERT fills; none means all."""
        self._statements = {"sqlite": statement, "postgresql": postgresql if postgresql is not None else statement}
        self._columns = list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, tx: Session, values: Values | None = None) -> DBAPICursor:
        """Run it; the cursor has `rowcount`, but not within `together`. Raises SQLAlchemyError."""
        line = connection(tx)
        compiled = self._for(line.dialect)
        return command(line, compiled.text, compiled.bind(values or {}))

    def rows(self, tx: Session, values: Values | None = None) -> list[dict[str, Any]]:
        """Run it and read what it finds. Raises SQLAlchemyError."""
        line = connection(tx)
        compiled = self._for(line.dialect)
        cursor = command(line, compiled.text, compiled.bind(values or {}))
        try:
            return [compiled.read(row) for row in cursor.fetchall()]
        except _driver_error(line) as error:
            raise _stored_error(line, compiled.text, error) from error

    def _for(self, dialect: Dialect) -> _Compiled:
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statements[dialect.name], dialect, self._columns)
        return self._compiled[dialect.name]


def connection(tx: Session) -> sa.Connection:
    """The connection of a transaction."""
    line: sa.Connection = tx.info.get("line") or tx.connection()
    return line


@contextmanager
def together(line: sa.Connection) -> Iterator[None]:
    """Send what runs within in one go; answers are waited for where rows are read, and at the end."""
    if line.dialect.name == "sqlite":  # no way to save there
        yield
        return
    driver: Any = line.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except _driver_error(line) as error:
        raise _stored_error(line, "", error) from error


def _compile(statement: sa.Executable, dialect: Dialect, columns: list[str] | None) -> _Compiled:
    clause = cast("sa.ClauseElement", statement)
    compiled = cast("SQLCompiler", clause.compile(dialect=dialect, column_keys=columns))
    kinds = {name: bind.type for bind, name in compiled.bind_names.items()}
    found = getattr(statement, "exported_columns", ())
    return _Compiled(
        text=str(compiled),
        constants=dict(compiled.params),
        binds=tuple((name, _into(kinds[name], dialect)) for name in compiled.positiontup or kinds),
        by_position=compiled.positional,
        columns=tuple((column.key, _out_of(column.type, dialect)) for column in found),
    )


def _into(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def command(line: sa.Connection, text: str, values: Sequence[Any] | dict[str, Any] = ()) -> DBAPICursor:
    """Run SQL as the driver takes it. Raises SQLAlchemyError."""
    driver = cast("Any", line.connection.driver_connection)
    cursor: DBAPICursor = driver.cursor()
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
