"""The queue: what waits, what is being worked on, what was closed, and what is wrong with the hotline itself."""

from flask import render_template

from hotline import casework
from hotline.casework import access
from hotline.reports import Outcome, Status
from hotline.web.console import alarms, labels
from hotline.web.console.login import blueprint, officer
from hotline.web.parts import parts


@blueprint.get("/")
def queue() -> str:
    """All reports of this officer."""
    now = parts().database.now()
    with parts().database.reading() as tx:
        found = casework.read_queue(tx, officer())
        values = {
            "officer": officer(),
            "now": now,
            "alarms": alarms.alarms(tx, officer(), now),
            "circles": labels.circles(tx),
            "more": found.more,
            "sees_times": access.standing(tx, parts().escalation.current, officer()) > 0,
        }
    groups: dict[str, list[casework.QueueLine]] = {group: [] for group in (*Status, Outcome.ASIDE)}
    for line in found.lines:
        aside = line.report.outcome == Outcome.ASIDE
        groups[Outcome.ASIDE if aside else line.report.status].append(line)
    return render_template("console/queue.html", **values, groups=groups, labels=labels)
