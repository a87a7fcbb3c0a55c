"""`hotline roster`: who is on duty, who was, and where nobody will be; names and ids, never an address."""

import json
from datetime import datetime

import click

from hotline import staff
from hotline.cli.base import main, plainly
from hotline.cli.base import store as open_store
from hotline.core import localtime
from hotline.core.settings import load
from hotline.escalation import Policy, policy
from hotline.staff import Directory, Gap


def _moment(_context: click.Context, _option: click.Parameter, given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise click.BadParameter("a moment is written as 2026-11-20T03:00+05:00") from error
    return found if found.tzinfo else found.replace(tzinfo=localtime.LOCAL)


@main.command("roster")
@click.option("--gaps", "only_gaps", is_flag=True, help="Only where nobody is on duty in the next 14 days.")
@click.option("--at", callback=_moment, metavar="MOMENT", help="Who was on duty then, edited since or not.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@plainly
def show_roster(only_gaps: bool, at: datetime | None, as_json: bool) -> None:
    """Who is on duty now or at a moment, and the gaps ahead."""
    if only_gaps and at is not None:
        raise click.UsageError("--gaps looks ahead from now; leave --at out")
    store, rules = open_store(), policy.load(load().flows_dir / "escalation.yaml")
    now = store.now()
    with store.reading() as tx:
        people = staff.current_directory(tx) if at is None else staff.read_at(tx, at)
        duty = {} if only_gaps else _duty(people, rules, at or now)
        ahead = staff.gaps(tx, rules.tiers, now) if at is None else []
        since = staff.known_since(tx)
    if as_json:
        click.echo(json.dumps(_as_data(duty, ahead, at or now), ensure_ascii=False, indent=1))
        return
    if at is not None and (since is None or at < since):
        click.echo(f"nothing is on record before {_local(since) if since else 'now'}")
    for circle, tiers in duty.items():
        names = [f"{tier}: {', '.join(name for _, name in held) or '-'}" for tier, held in tiers.items()]
        click.echo(f"{circle}: {'; '.join(names)}")
    for gap in ahead:
        click.echo(f"gap: {gap.circle} {gap.tier} {_local(gap.start)} to {_local(gap.end)}")


Held = dict[str, dict[str, list[tuple[str, str]]]]  # circle -> tier -> (officer id, name)


def _duty(people: Directory, rules: Policy, moment: datetime) -> Held:
    known = [tier for tier in rules.tiers if tier != rules.top or people.desks]
    return {
        circle: {
            tier: [(one.officer_id, one.name) for one in rules.holders(people, circle, tier, moment)] for tier in known
        }
        for circle in people.circles
    }


def _as_data(duty: Held, ahead: list[Gap], moment: datetime) -> dict[str, object]:
    held = [
        {"circle": circle, "tier": tier, "officers": [{"id": officer_id, "name": name} for officer_id, name in found]}
        for circle, tiers in duty.items()
        for tier, found in tiers.items()
    ]
    missing = [
        {"circle": gap.circle, "tier": gap.tier, "from": gap.start.isoformat(), "until": gap.end.isoformat()}
        for gap in ahead
    ]
    return {"at": moment.isoformat(), "on_duty": held, "gaps": missing}


def _local(moment: datetime) -> str:
    return moment.astimezone(localtime.LOCAL).strftime("%Y-%m-%d %H:%M")
