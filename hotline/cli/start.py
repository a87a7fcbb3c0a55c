"""Commands that start things and load things."""

import os
import sys
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.channels.traits import TRAITS
from hotline.cli import loading
from hotline.cli.base import main, plainly
from hotline.cli.base import store as open_store
from hotline.conversation import Flows, notice, places, talk
from hotline.core import db, vault
from hotline.core.settings import Settings, load
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.intake import flow_revisions
from hotline.local import supervise
from hotline.local.demo import setup
from hotline.monitoring import drill, read_files

# What a conversation in a terminal can be shown as: phone numbers first.
TALKED = sorted(
    (name for name, one in TRAITS.items() if one.options in ("numbers", "buttons")),
    key=lambda name: not TRAITS[name].phones,
)


@main.command()
@plainly
def run() -> None:
    """Start everything on this machine: Redis, release, web, worker, clock. PORT chooses the port (8000)."""
    root = Path.cwd()  # where the Procfile is; `var/` beside it keeps everything
    environment = setup.environment(dict(os.environ), root)
    port = int(environment.get("PORT", "8000"))
    sys.exit(supervise.run(root, port, environment, setup.phones(environment), _optional(load())))


def _optional(settings: Settings) -> dict[str, str]:
    """The programs that the Procfile leaves to the settings."""
    wanted = {"smpp": settings.smpp, "pull": settings.telegram_pulled, "reconcile": settings.twilio_reconciled}
    return {name: f"python -m workers.{name}" for name, is_set in wanted.items() if is_set}


@main.command()
@plainly
def release() -> None:
    """Bring the database up to date and register the policy; with HOTLINE_DEMO also keys and demo data."""
    settings = load()
    rules = read_files(settings.flows_dir)
    if settings.demo:
        vault.make_keys(settings.keys_dir)
    db.migrate(settings.database_url)
    store = open_store()
    with store.transaction() as tx:
        policy.register(tx, rules, store.now())
        flow_revisions.register(tx, settings.flows_dir, Flows.load(settings.flows_dir), store.now())
    if settings.demo:
        with store.transaction() as tx:
            if tx.execute(sa.select(staff.Circle.code).limit(1)).first() is None:
                _load(tx, settings, setup.DIRECTORY, store.now())
            welcome = setup.logins(tx, settings.keys_dir.parent, staff.set_password)
        setup.write_welcome(settings.keys_dir.parent, welcome, settings.public_url, dict(os.environ))


@main.command("talk")
@click.option("--flow", default="start", show_default=True)
@click.option("--language", default="ur", show_default=True, type=click.Choice(["ur", "sd", "en"]))
@click.option("--channel", default="sms", show_default=True, type=click.Choice(TALKED))
@click.option("--record", is_flag=True, help="Write the conversation as a transcript test.")
@plainly
def talk_command(flow: str, language: str, channel: str, record: bool) -> None:
    """Play a flow in this terminal. Ctrl-D ends it."""
    settings = load()
    flows = Flows.load(settings.flows_dir, free=settings.free)
    known = places.Places.load(settings.flows_dir / "districts.tsv")
    written = talk.run(
        flows, flow, language, channel, record, notice=notice(known, flows.words), places=known,
        input=lambda: input("> "), output=click.echo,
    )  # fmt: skip
    if written is not None:
        click.echo(f"recorded: {written}")


@main.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plainly
def load_directory(file: Path) -> None:
    """Load zones, circles, officers and shifts from FILE.yaml: all of it or nothing."""
    settings = load()
    store = open_store()
    with store.transaction() as tx:
        counts = _load(tx, settings, file, store.now())
    click.echo(", ".join(f"{count} {kind}" for kind, count in counts.items()))


def _load(tx: Session, settings: Settings, file: Path, now: datetime) -> dict[str, int]:
    known = places.Places.load(settings.flows_dir / "districts.tsv")
    tiers = policy.load(settings.flows_dir / "escalation.yaml").tiers
    keys = Vault(settings.keys_dir, "operator")
    counts = loading.load(tx, keys, known, tiers, file, now)
    if settings.drills:
        drill.prepare(tx, keys, tiers, now)
    return counts
