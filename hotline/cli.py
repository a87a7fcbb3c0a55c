"""The `hotline` command: what operators type."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from hotline import accounts, audit, db, directory, outbox, places, policy, reports, roster, supervise, vault
from hotline import catalogues as catalogue
from hotline.checkup import findings, read_files
from hotline.conversation import talk
from hotline.datafile import DataFileError
from hotline.demo import setup
from hotline.settings import ROOT, Settings, SettingsError, load
from hotline.vault import KeyMissing, Vault

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


@main.command()
@plainly
def run() -> None:
    """Start everything on this machine: Redis, release, web, worker, clock. PORT chooses the port (8000)."""
    root = Path.cwd()  # where the Procfile is; `var/` beside it keeps everything
    environment = setup.environment(dict(os.environ), root)
    sys.exit(supervise.run(root, int(environment.get("PORT", "8000")), environment, setup.phones(environment)))


@main.command()
@plainly
def release() -> None:
    """Bring the database up to date and register the policy; with HOTLINE_DEMO also keys and demo data."""
    settings = load()
    rules = read_files(settings.flows_dir)
    if settings.demo:
        vault.make_keys(settings.keys_dir)
    db.migrate(settings.database_url)
    store = _store()
    with store.transaction() as tx:
        policy.register(tx, rules, store.now())
    if settings.demo:
        with store.transaction() as tx:
            if tx.execute(sa.select(roster.Circle.code).limit(1)).first() is None:
                _load(tx, settings, setup.DIRECTORY, store.now())
            welcome = setup.logins(tx, settings.keys_dir.parent, accounts.set_password)
        setup.write_welcome(settings.keys_dir.parent, welcome, settings.public_url, dict(os.environ))


@main.command("talk")
@click.option("--flow", default="start", show_default=True)
@click.option("--language", default="ur", show_default=True, type=click.Choice(["ur", "sd", "en"]))
@click.option("--channel", default="sms", show_default=True, type=click.Choice(["sms", "ussd", "whatsapp", "telegram"]))
@click.option("--record", is_flag=True, help="Write the conversation as a transcript test.")
@plainly
def talk_command(flow: str, language: str, channel: str, record: bool) -> None:
    """Play a flow in this terminal. Ctrl-D ends it."""
    written = talk.run(load().flows_dir, flow, language, channel, record, input=lambda: input("> "), output=click.echo)
    if written is not None:
        click.echo(f"recorded: {written}")


@main.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def load_directory(file: Path) -> None:
    """Load zones, circles, officers and shifts from FILE.yaml: all of it or nothing."""
    settings = load()
    store = _store()
    with store.transaction() as tx:
        counts = _load(tx, settings, file, store.now())
    click.echo(", ".join(f"{count} {kind}" for kind, count in counts.items()))


def _load(tx: Any, settings: Settings, file: Path, now: datetime) -> dict[str, int]:
    known = places.Places.load(settings.flows_dir / "districts.tsv")
    tiers = policy.load(settings.flows_dir / "escalation.yaml").tiers
    return directory.load(tx, Vault(settings.keys_dir, "operator"), known, tiers, file, now)


REPORT_FIELDS = (
    "id", "kind", "status", "priority", "level", "circle", "category", "district", "language", "channel", "campaign",
    "opened_at", "accepted_at", "due_at", "integrity",
)  # fmt: skip


@main.command("reports")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@plainly
def list_reports(as_json: bool) -> None:
    """All reports, newest first: never content or contact."""
    store = _store()
    with store.reading() as tx:
        rows = tx.scalars(sa.select(reports.Report).order_by(reports.Report.opened_at.desc())).all()
        _print([{name: _plain(name, getattr(row, name)) for name in REPORT_FIELDS} for row in rows], as_json)


@main.group("outbox", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_context
@plainly
def outbox_group(context: click.Context, as_json: bool) -> None:
    """Messages waiting, sent, held: never text or address."""
    if context.invoked_subcommand is not None:
        return
    names = (
        "id",
        "channel",
        "state",
        "reason",
        "priority",
        "report_id",
        "attempts",
        "created_at",
        "sent_at",
        "delivered_at",
    )
    with _store().reading() as tx:
        rows = tx.scalars(sa.select(outbox.OutboxRow).order_by(outbox.OutboxRow.created_at.desc()).limit(1000)).all()
        found = [
            {**{name: _plain(name, getattr(row, name)) for name in names},
             "audience": "public" if row.contact_id else "officer"} for row in rows
        ]  # fmt: skip
        _print(found, as_json)


@outbox_group.command("release")
@click.argument("row")
@click.option("--reason", required=True, type=click.Choice(["asked", "safe"]), help="Why it is safe now.")
@plainly
def release_held(row: str, reason: str) -> None:
    """Let a held message to the public go after all."""
    _decide(row, "outbox_released", reason, lambda tx, now: outbox.release(tx, row, now))


@outbox_group.command("discard")
@click.argument("row")
@plainly
def discard_held(row: str) -> None:
    """Give a held message up."""
    _decide(row, "outbox_discarded", None, lambda tx, _now: outbox.discard(tx, row))


def _decide(row: str, event: str, reason: str | None, act: Callable[[Any, datetime], bool]) -> None:
    store = _store()
    now = store.now()
    with store.transaction() as tx:
        if not act(tx, now):
            raise click.ClickException("no held message of this id")
        audit.record(tx, event, at=now, actor="operator", outbox=row, reason=reason)


@main.group("audit")
def audit_group() -> None:
    """The chain of what happened."""


@audit_group.command("verify")
@plainly
def verify_audit() -> None:
    """Walk the chain; the head it prints belongs on paper, elsewhere."""
    with _store().reading() as tx:
        count, broken = audit.verify(tx)
        seq, head = audit.head(tx)
    if broken is not None:
        raise click.ClickException(f"link {broken} does not hold")
    click.echo(f"{count} links hold; head {seq} {head}")


@main.command("roster")
@click.option("--gaps", "only_gaps", is_flag=True, help="Only where nobody is on duty in the next 14 days.")
@plainly
def show_roster(only_gaps: bool) -> None:
    """Who is on duty now, and the gaps ahead."""
    store, rules = _store(), policy.load(load().flows_dir / "escalation.yaml")
    now = store.now()
    with store.reading() as tx:
        people = roster.directory(tx)
        for circle in () if only_gaps else people.circles:
            held = {tier: people.on_duty(circle, tier, now, top=rules.top) for tier in rules.tiers}
            names = [f"{tier}: {', '.join(duty.name for duty in duties) or '-'}" for tier, duties in held.items()]
            click.echo(f"{circle}: {'; '.join(names)}")
        for gap in roster.gaps(tx, rules.tiers, now):
            local = [moment.astimezone(roster.LOCAL).strftime("%Y-%m-%d %H:%M") for moment in (gap.start, gap.end)]
            click.echo(f"gap: {gap.circle} {gap.tier} {local[0]} to {local[1]}")


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
    store = _store()
    with store.transaction() as tx:
        accounts.set_password(tx, username, password)
        audit.record(tx, "password_set", at=store.now(), actor="operator", officer=username)


@officers_group.command("enrol")
@click.argument("username")
@plainly
def enrol(username: str) -> None:
    """Give USERNAME a new one-time-code secret; prints the address that an authenticator app reads."""
    settings, store = load(), _store()
    with store.transaction() as tx:
        uri = accounts.enrol_totp(tx, Vault(settings.keys_dir, "operator"), username)
        audit.record(tx, "totp_enrolled", at=store.now(), actor="operator", officer=username)
    click.echo(uri)


@main.command()
@plainly
def doctor() -> None:
    """What is missing or wrong, with the section of the README that explains it."""
    found = findings(os.environ)
    for line in found:
        click.echo(line)
    if any(line.startswith("error") for line in found):
        sys.exit(1)


@main.command()
@click.option("--check", is_flag=True, help="Fail if a text of the code or the flows is not in a catalogue.")
@plainly
def catalogues(check: bool) -> None:
    """Bring the catalogues up to date with the texts of code and flows."""
    problems = catalogue.check(ROOT) if check else catalogue.update(ROOT)
    for line in problems:
        click.echo(line)
    if check and problems:
        sys.exit(1)


def _store() -> db.Database:
    """The database, let go of when the command ends."""
    settings = load()
    store = db.Database(settings.database_url, settings.clock_file)
    click.get_current_context().call_on_close(store.engine.dispose)
    return store


def _plain(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"P{value}" if name == "priority" else value


def _print(rows: Iterable[dict[str, object]], as_json: bool) -> None:
    found = list(rows)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in found:
        click.echo("  ".join(f"{name}={value}" for name, value in row.items() if value is not None))
