"""One report: read it, accept it, write a note, close it."""

from datetime import datetime
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline.casework import Asked, Casework, ReportView, Result, access, on_behalf, slips
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
}
PROBLEMS: dict[Result | Asked, str] = {
    Result.REASON: N_("Not closed: please give a reason."),
    Result.CLOSED: N_("This report was closed already."),
    Result.OTHERS: N_("Not asked: first accept this report."),
    Asked.LONG: N_("Not asked: it is too long for a text message."),
    Asked.REVEALING: N_("Not asked: whoever holds the phone must not learn from it who writes or about what."),
    Asked.NOBODY: N_("Not asked: there is no way back to whoever reported."),
}
EMPTY = N_("Nothing was written yet.")


@blueprint.get("/reports/<report_id>")
def report(report_id: str) -> Response:
    """The sheet. Reading it is put on record, so it never loads itself again."""
    said = SAID.get(request.args.get("said", ""))
    return show(report_id, said=said and say(said))


@blueprint.post("/reports/<report_id>/accept")
def accept(report_id: str) -> Response:
    """Take the report; if somebody was faster, the sheet says who."""
    with parts().database.transaction() as tx:
        accepted = work().accept(tx, officer(), report_id, parts().database.now())
    if accepted is None:
        abort(404)
    return back(report_id, "accepted" if accepted.won else None)


@blueprint.post("/reports/<report_id>/notes")
def note(report_id: str) -> Response:
    """Write a note."""
    text = typed.words("text")
    if not text:
        return show(report_id, problem=say(EMPTY), code=422)
    with parts().database.transaction() as tx:
        result = work().note(tx, officer(), report_id, text, parts().database.now())
    if result is Result.ABSENT:
        abort(404)
    return back(report_id, "noted")


@blueprint.post("/reports/<report_id>/questions")
def ask(report_id: str) -> Response:
    """Ask whoever reported; what is wrong with a question is said, and what was typed is kept."""
    text = typed.words("question")
    if not text:
        return show(report_id, problem=say(EMPTY), code=422)
    with parts().database.transaction() as tx:
        result = work().ask(tx, officer(), report_id, text, parts().database.now())
    if result is Result.ABSENT:
        abort(404)
    if result is not Result.DONE:
        return show(report_id, problem=say(PROBLEMS[result]), code=422)
    return back(report_id, "asked")


@blueprint.post("/reports/<report_id>/close")
def close(report_id: str) -> Response:
    """Close with an outcome; what is missing is said, and what was typed is kept."""
    outcome, reason = request.form.get("outcome", ""), typed.words("reason")
    if outcome not in set(Outcome):
        abort(400)
    with parts().database.transaction() as tx:
        result = work().close(tx, officer(), report_id, Outcome(outcome), reason, parts().database.now())
    if result is Result.ABSENT:
        abort(404)
    if result is not Result.DONE:
        return show(report_id, problem=say(PROBLEMS[result]), code=422)
    return back(report_id, "closed")


def show(report_id: str, *, said: str | None = None, problem: str | None = None, code: int = 200) -> Response:
    """The sheet, with what was done or what is wrong above it, in the page's language."""
    now = parts().database.now()
    with parts().database.transaction() as tx:
        sheet = work().read(tx, officer(), report_id, now)
        circles = labels.circles(tx)
        forms = _forms(tx, sheet.line.report, now) if sheet is not None else {}
    if sheet is None:
        abort(404)
    html = render_template(
        "console/report.html", sheet=sheet, report=sheet.line.report, officer=officer(), now=now, circles=circles,
        labels=labels, facts=facts(sheet), outcomes=list(Outcome), said=said, problem=problem, typed=request.form, **forms,
    )  # fmt: skip
    return make_response(html, code)


def facts(sheet: ReportView) -> Assessment:
    """What the reporter's words and answers name, by flows/triage.yaml as it is today: facts, never a verdict."""
    said = [entry for entry in sheet.written or () if entry.author == "reporter"]
    answers = {entry.field: entry.value for entry in said if entry.field}
    return parts().triage.assess(sheet.line.report.kind, [entry.text for entry in said], answers)


def _forms(tx: Session, found: Report, now: datetime) -> dict[str, Any]:
    """What the forms for work by hand offer."""
    engine, made = parts().escalation, slips.of_report(tx, found.id)
    return {
        "bearers": on_behalf.bearers(tx, engine, found, now),
        "answerable": on_behalf.answerable(tx, engine, officer(), found, now),
        "slips": made,
        "people": access.names(tx, {person for one in made for person in one.people}),
        "ways": list(on_behalf.AcceptedBy),
    }


def back(report_id: str, said: str | None) -> Response:
    """To the sheet, after something was done."""
    return redirect(url_for("console.report", report_id=report_id, said=said), 303)


def work() -> Casework:
    """Work on reports with the keys of this process."""
    return Casework(parts().vault, parts().escalation)
