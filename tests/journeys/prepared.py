"""A loaded directory, copied: loading the demo's takes longer than most stories, and ends with the same rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from hotline.core import db
from hotline.core.db import Database
from hotline.staff.tables import DirectoryState

Rows = bytes | list[tuple[Any, ...]]  # as the database itself writes them: PostgreSQL's COPY, SQLite's values


@dataclass(frozen=True)
class Prepared:
    """What a database and the folder of its keys held once a directory was loaded."""

    keys: dict[str, bytes]
    rows: dict[str, Rows]  # by table, those that others refer to first

    @classmethod
    def taken_from(cls, database: Database, keys: Path) -> Self:
        """Remember all of it."""
        with database.engine.begin() as line:
            rows = {table.name: _read(line, table.name) for table in db.Base.metadata.sorted_tables}
        return cls(
            {path.name: path.read_bytes() for path in keys.iterdir()}, {t: found for t, found in rows.items() if found}
        )

    def put(self, database: Database, keys: Path) -> None:
        """Write it to a database without a row and a folder that is not there yet."""
        keys.mkdir(mode=0o700)
        for name, key in self.keys.items():
            (keys / name).touch(0o600)
            (keys / name).write_bytes(key)
        with database.engine.begin() as line:
            for table, rows in self.rows.items():
                _write(line, table, rows)
            # a version is remembered together with what was read under it: two databases never share one
            line.execute(sa.update(DirectoryState).values(version=db.new_id()))


def _read(line: sa.Connection, table: str) -> Rows:
    if line.dialect.name == "sqlite":
        return [tuple(row) for row in line.exec_driver_sql(f'SELECT * FROM "{table}"')]
    if not line.exec_driver_sql(f'SELECT EXISTS (SELECT FROM "{table}")').scalar():
        return b""
    with line.connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
        return b"".join(copy)


def _write(line: sa.Connection, table: str, rows: Rows) -> None:
    if isinstance(rows, bytes):
        with line.connection.cursor().copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
            copy.write(rows)
    else:
        line.exec_driver_sql(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
