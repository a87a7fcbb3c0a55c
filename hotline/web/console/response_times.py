"""The response times of the line: for superiors of a circle, and for HQ of all circles."""

from datetime import timedelta

from flask import abort, render_template, request

from hotline.casework import access
from hotline.core import audit
from hotline.core.i18n import N_
from hotline.monitoring import Measure, Table
from hotline.monitoring import response_times as times
from hotline.web.console import labels
from hotline.web.console.login import blueprint, officer
from hotline.web.language import say, span
from hotline.web.parts import parts

MEASURES = {
    Measure.PAGE: N_("To the page"),
    Measure.DELIVERY: N_("To its delivery"),
    Measure.ACCEPTANCE: N_("To acceptance"),
    Measure.FIRST_ACTION: N_("To the first action"),
}
SECONDS = N_("{seconds} s")
SHORT = 120  # seconds that are said as seconds


@blueprint.get("/times")
def response_times() -> str:
    """The times of a circle, or of all; a duty officer has no such page."""
    now, rules = parts().database.now(), parts().escalation.current
    asked = request.args.get("days", "")
    days = int(asked) if asked in map(str, times.WINDOWS) else times.WINDOWS[0]
    with parts().database.transaction() as tx:
        allowed, top = access.standing(tx, rules, officer()) > 0, access.at_the_top(tx, rules, officer())
        if not allowed:
            audit.record(tx, "denied", at=now, actor=officer().id)
        names = labels.circles(tx)
    if not allowed:
        abort(403)
    with parts().database.reading() as tx:
        table = times.table(tx, now, days, circles=None if top else [officer().circle], few=top)
    return render_template(
        "console/times.html", officer=officer(), days=days, windows=times.WINDOWS, measures=MEASURES, few=times.FEW,
        whole=table.get(("all", ""), {}), groups=_groups(table, rules.tiers, names if top else {}), length=length, top=top,
        circle=names[officer().circle],
    )  # fmt: skip


def _groups(table: Table, tiers: list[str], circles: dict[str, str]) -> list[tuple[str, list[tuple[str, times.Row]]]]:
    """Headline -> lines of name and cells; tiers in the order of the policy. One circle alone needs no line of its own."""

    def lines(by: str, names: dict[str, str]) -> list[tuple[str, times.Row]]:
        found = {key: row for (kind, key), row in table.items() if kind == by}
        known = [key for key in names if key in found]
        return [(names.get(key, key), found[key]) for key in [*known, *sorted(found.keys() - names.keys())]]

    return [
        (say(N_("By circle")), lines("circle", circles) if circles else []),
        (say(N_("By tier")), lines("tier", {tier: labels.name(labels.TIERS, tier) for tier in tiers})),
        (say(N_("By channel")), lines("channel", {key: labels.name(labels.CHANNELS, key) for key in labels.CHANNELS})),
        (say(N_("By hour of arrival")), lines("hour", {f"{hour:02}": f"{hour:02}:00" for hour in range(24)})),
    ]


def length(seconds: float) -> str:
    """A length of time: short ones in seconds."""
    return say(SECONDS, seconds=round(seconds)) if seconds < SHORT else span(timedelta(seconds=seconds))
