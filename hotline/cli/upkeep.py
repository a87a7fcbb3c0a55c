"""Commands for upkeep: keys, log-ins, what is wrong, catalogues."""

import os
import sys
from pathlib import Path

import click

from hotline import staff
from hotline.cli import catalogues as catalogue
from hotline.cli import review
from hotline.cli.base import main, plainly
from hotline.cli.base import store as open_store
from hotline.core import audit, vault
from hotline.core.settings import ROOT, load
from hotline.core.vault import Vault
from hotline.monitoring import diagnosis, findings


@main.group("keys")
def keys_group() -> None:
    """The keys that everything is sealed with."""


@keys_group.command("new")
@plainly
def new_keys() -> None:
    """Make the keys that are not there yet, mode 0600; never overwrites one."""
    settings = load()
    made = vault.make_keys(settings.keys_dir)
    click.echo(f"made {', '.join(made)}" if made else "all keys are there already")


@main.group("officers")
def officers_group() -> None:
    """Logins of officers."""


@officers_group.command("password")
@click.argument("username")
@click.password_option()
@plainly
def set_password(username: str, password: str) -> None:
    """Set the password of USERNAME."""
    store = open_store()
    with store.transaction() as tx:
        staff.set_password(tx, username, password)
        audit.record(tx, "password_set", at=store.now(), actor="operator", officer=username)


@officers_group.command("enrol")
@click.argument("username")
@plainly
def enrol(username: str) -> None:
    """Give USERNAME a new one-time-code secret; prints the address that an authenticator app reads."""
    settings, store = load(), open_store()
    with store.transaction() as tx:
        uri = staff.enrol_totp(tx, Vault(settings.keys_dir, "operator"), username)
        audit.record(tx, "totp_enrolled", at=store.now(), actor="operator", officer=username)
    click.echo(uri)


@main.command()
@click.argument("report", required=False)
@plainly
def doctor(report: str | None) -> None:
    """What is missing or wrong, with the section of the README that explains it; or why REPORT (an id or token) waits."""
    if report is not None:
        store = open_store()
        with store.reading() as tx:
            for line in diagnosis.explain(tx, report, store.now()):
                click.echo(line)
        return
    found = findings(os.environ)
    for line in found:
        click.echo(line)
    if any(line.startswith("error") for line in found):
        sys.exit(1)


@main.command()
@click.option("--check", is_flag=True, help="Fail if a text of the code or the flows is not in a catalogue.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Write the review sheet to this file.")
@plainly
def catalogues(check: bool, sheet: Path | None) -> None:
    """Bring the catalogues up to date with the texts of code and flows, or write all texts side by side."""
    if sheet is not None:
        sheet.write_text(review.sheet(ROOT), encoding="utf-8")
        return
    problems = catalogue.check(ROOT) if check else catalogue.update(ROOT)
    for line in problems:
        click.echo(line)
    if check and problems:
        sys.exit(1)
