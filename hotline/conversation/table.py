"""Tables that people edit: tab-separated files of flows/, whose every fault names file, line and column."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `line` says where it stands, "flows/slots.tsv:12"."""

    line: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells[self.columns.index(column)].strip()

    def several(self, *columns: str) -> list[str]:
        """The entries of one cell or more, which are apart by ";"."""
        return [entry.strip() for column in columns for entry in self[column].split(";") if entry.strip()]

    def problem(self, column: str, message: str) -> str:
        """`file:line:column: name of the column: message`, line and column from 1."""
        return f"{self.line}:{self.columns.index(column) + 1}: {column}: {message}"


def read(path: Path, columns: tuple[str, ...]) -> tuple[list[Row], list[str]]:
    """The rows of a table, and its problems. A line that begins with "#" is a remark."""
    shown = f"{path.parent.name}/{path.name}"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [], [f"{shown}:1:1: unreadable ({type(error).__name__})"]
    if not lines or tuple(lines[0].split("\t")) != columns:
        return [], [f"{shown}:1:1: the header must be {', '.join(columns)}, apart by tabs"]
    rows = [Row(f"{shown}:{number}", columns, cells) for number, cells in _cells(lines)]
    uneven = [row for row in rows if len(row.cells) != len(columns)]
    problems = [f"{row.line}:{len(row.cells)}: {len(row.cells)} columns, {len(columns)} needed" for row in uneven]
    return [row for row in rows if row not in uneven], problems


def _cells(lines: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() and not line.startswith("#"):
            yield number, tuple(line.split("\t"))
