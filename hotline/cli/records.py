"""Commands that show what is on record: never a text, never an address."""

from collections.abc import Callable
from datetime import datetime

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import reports
from hotline.cli.base import main, plain, plainly, print_rows
from hotline.cli.base import store as open_store
from hotline.core import audit
from hotline.messaging import outbox

REPORT_FIELDS = (
    "id", "kind", "status", "priority", "level", "circle", "category", "district", "language", "channel", "campaign",
    "opened_at", "accepted_at", "due_at", "integrity",
)  # fmt: skip

LATE = (
    "not released: this message to the public is held because it is late, and somebody else may hold the phone by now."
    " It leaves by itself when the person writes again or a safe hour comes. For imminent danger two officers can release"
    " it at the console, on the page of the report. Nothing was changed."
)


@main.command("reports")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@plainly
def list_reports(as_json: bool) -> None:
    """All reports, newest first: never content or contact."""
    store = open_store()
    with store.reading() as tx:
        rows = tx.scalars(sa.select(reports.Report).order_by(reports.Report.opened_at.desc())).all()
        print_rows([{name: plain(name, _value(row, name)) for name in REPORT_FIELDS} for row in rows], as_json)


def _value(report: reports.Report, name: str) -> object:
    # The clock may look at a report earlier, to page its tier again: when its time is over is what people ask for.
    return (report.climbs_at or report.due_at) if name == "due_at" else getattr(report, name)


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
    with open_store().reading() as tx:
        rows = tx.scalars(sa.select(outbox.OutboxRow).order_by(outbox.OutboxRow.created_at.desc()).limit(1000)).all()
        found = [
            {**{name: plain(name, getattr(row, name)) for name in names},
             "audience": "public" if row.contact_id else "officer"} for row in rows
        ]  # fmt: skip
        print_rows(found, as_json)


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


def _decide(row: str, event: str, reason: str | None, act: Callable[[Session, datetime], bool]) -> None:
    store = open_store()
    now = store.now()
    with store.transaction() as tx:
        if not act(tx, now):
            raise click.ClickException(LATE if outbox.is_late(tx, row) else "no held message of this id")
        audit.record(tx, event, at=now, actor="operator", outbox=row, reason=reason)


@main.group("audit")
def audit_group() -> None:
    """The chain of what happened."""


@audit_group.command("verify")
@plainly
def verify_audit() -> None:
    """Walk the chain; the head it prints belongs on paper, elsewhere."""
    with open_store().reading() as tx:
        count, broken = audit.verify(tx)
        seq, head = audit.head(tx)
    if broken is not None:
        raise click.ClickException(f"link {broken} does not hold")
    click.echo(f"{count} links hold; head {seq} {head}")
