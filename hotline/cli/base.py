"""The common parts of the commands: the group, plain errors, the store, plain output."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import ParamSpec

import click
from sqlalchemy.exc import SQLAlchemyError

from hotline.core import db
from hotline.core.datafile import DataFileError
from hotline.core.settings import SettingsError, load
from hotline.core.vault import KeyMissing

P = ParamSpec("P")


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Errors that a person can mend, as text and without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (DataFileError, SettingsError, KeyMissing, LookupError, ValueError) as error:
            raise click.ClickException(str(error.args[0] if error.args else error)) from error
        except SQLAlchemyError as error:
            raise click.ClickException(f"the database: {type(error).__name__} (README#settings)") from error

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The anti-trafficking hotline."""


def store() -> db.Database:
    """The database, let go of when the command ends."""
    settings = load()
    store = db.Database(settings.database_url, settings.clock_file)
    click.get_current_context().call_on_close(store.engine.dispose)
    return store


def plain(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"P{value}" if name == "priority" else value


def print_rows(rows: Iterable[dict[str, object]], as_json: bool) -> None:
    found = list(rows)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in found:
        click.echo("  ".join(f"{name}={value}" for name, value in row.items() if value is not None))
