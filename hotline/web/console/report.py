"""One report: read it, accept it, write a note, close it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline.casework import Actor, Fault, ReportView, Result, access, actions, on_behalf, read_report, release, slips
from hotline.core.i18n import N_
from hotline.reports import Assessment, Outcome, Report
from hotline.web.console import forms as typed
from hotline.web.console import labels
from hotline.web.console.login import blueprint, officer
from hotline.web.language import say
from hotline.web.parts import parts

SAID = {
    "accepted": N_("The report is yours."),
    "accepted_for": N_("The report is accepted. The officer's name and yours are on record."),
    "received": N_("The receipt is on record, and the report is accepted."),
    "noted": N_("Your note is saved."),
    "asked": N_("Your question leaves as soon as it is safe for whoever reported."),
    "closed": N_("The report is closed."),
    "revived": N_("It is a report now, and its circle is paged."),
}
PROBLEMS = {
    Fault.REASON: N_("Not closed: please give a reason."),
    Fault.CLOSED: N_("This report was closed already."),
    Fault.OTHERS: N_("Not asked: first accept this report."),
    Fault.LONG: N_("Not asked: it is too long for a text message."),
    Fault.REVEALING: N_("Not asked: whoever holds the phone must not learn from it who writes or about what."),
    Fault.NO_WAY_BACK: N_("Not asked: there is no way back to whoever reported."),
}
ENDINGS = [outcome for outcome in Outcome if outcome != Outcome.ASIDE]  # what an officer may close a report with
T = TypeVar("T")
EMPTY = N_("Nothing was written yet.")


@blueprint.get("/reports/<report_id>")
def report(report_id: str) -> Response:
    """The sheet. Reading it is put on record, so it never loads itself again."""
    said = SAID.get(request.args.get("said", ""))
    return show(report_id, said=said and say(said))


@blueprint.post("/reports/<report_id>/accept")
def accept(report_id: str) -> Response:
    """Take the report; if somebody was faster, the sheet says who."""
    result = act(report_id, actions.accept)
    return back(report_id, "accepted" if result.done else None)


@blueprint.post("/reports/<report_id>/notes")
def note(report_id: str) -> Response:
    """Write a note."""
    text = typed.words("text")
    if not text:
        return show(report_id, problem=say(EMPTY), code=422)
    return _said(report_id, act(report_id, lambda who, found: actions.note(who, found, text)), "noted")


@blueprint.post("/reports/<report_id>/questions")
def ask(report_id: str) -> Response:
    """Ask whoever reported; what is wrong with a question is said, and what was typed is kept."""
    text = typed.words("question")
    if not text:
        return show(report_id, problem=say(EMPTY), code=422)
    return _said(report_id, act(report_id, lambda who, found: actions.ask(who, found, text)), "asked")


@blueprint.post("/reports/<report_id>/revive")
def revive(report_id: str) -> Response:
    """Make a report of what was set aside: its circle is paged."""
    result = act(report_id, actions.revive)
    return back(report_id, "revived" if result.done else None)


@blueprint.post("/reports/<report_id>/close")
def close(report_id: str) -> Response:
    """Close with an outcome; what is missing is said, and what was typed is kept."""
    outcome, reason = request.form.get("outcome", ""), typed.words("reason")
    if outcome not in ENDINGS:
        abort(400)
    result = act(report_id, lambda who, found: actions.close(who, found, Outcome(outcome), reason))
    return _said(report_id, result, "closed")


def act(report_id: str, action: Callable[[Actor, Report], T]) -> T:
    """Do something to a report that exists for this officer, locked; what came of it. Aborts if it does not exist."""
    with parts().database.transaction() as tx:
        who = acting(tx)
        found = access.find(tx, who.officer, report_id, who.now, lock=True)
        result = action(who, found) if found is not None else None
    return result if result is not None else abort(404)


def _said(report_id: str, result: Result, said: str) -> Response:
    if result.fault is not None:
        return show(report_id, problem=say(PROBLEMS[result.fault]), code=422)
    return back(report_id, said)


def show(report_id: str, *, said: str | None = None, problem: str | None = None, code: int = 200) -> Response:
    """The sheet, with what was done or what is wrong above it, in the page's language."""
    with parts().database.transaction() as tx:
        who = acting(tx)
        sheet = read_report(who, report_id)
        circles = labels.circles(tx)
        forms = _forms(who, sheet.line.report) if sheet is not None else {}
    if sheet is None:
        abort(404)
    html = render_template(
        "console/report.html", sheet=sheet, report=sheet.line.report, officer=officer(), now=who.now, circles=circles,
        labels=labels, facts=facts(sheet), outcomes=ENDINGS, said=said, problem=problem, typed=request.form, **forms,
    )  # fmt: skip
    return make_response(html, code)


def facts(sheet: ReportView) -> Assessment:
    """Return what the reporter's words and answers name, by flows/triage.yaml as it is today: facts, never a verdict."""
    said = [entry for entry in sheet.written or () if entry.author == "reporter"]
    answers = {entry.field: entry.value for entry in said if entry.field}
    return parts().triage.assess(sheet.line.report.kind, [entry.text for entry in said], answers)


def _forms(who: Actor, found: Report) -> dict[str, Any]:
    """Collect what the forms for work by hand offer, and what is held for being late."""
    made = slips.of_report(who.tx, found.id)
    return {
        "bearers": on_behalf.bearers(who, found),
        "answerable": on_behalf.answerable(who, found),
        "slips": made,
        "people": access.names(who.tx, {person for one in made for person in one.people}),
        "ways": list(on_behalf.AcceptedBy),
        "late": release.held(who, found),
    }


def back(report_id: str, said: str | None) -> Response:
    """To the sheet, after something was done."""
    return redirect(url_for("console.report", report_id=report_id, said=said), 303)


def acting(tx: Session) -> Actor:
    """The officer at the console, with the keys of this process."""
    return Actor(tx, parts().escalation, parts().vault, officer(), parts().database.now())
