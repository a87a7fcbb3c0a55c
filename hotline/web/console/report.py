"""One report: read it, accept it, write a note, close it."""

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline.casework import Casework, Result
from hotline.channels.contract import clip
from hotline.reports import Outcome
from hotline.web.console import labels
from hotline.web.console.door import blueprint, officer
from hotline.web.language import say
from hotline.web.parts import parts


def _(text: str) -> str:
    return text  # marks a text for the catalogues


SAID = {"accepted": _("The report is yours."), "noted": _("Your note is saved."), "closed": _("The report is closed.")}
PROBLEMS = {
    Result.REASON: _("Not closed: please give a reason."),
    Result.CLOSED: _("This report was closed already."),
}
EMPTY = _("Nothing was written yet.")


@blueprint.get("/reports/<report_id>")
def report(report_id: str) -> Response:
    """The sheet. Reading it is put on record, so it never loads itself again."""
    return _show(report_id, said=SAID.get(request.args.get("said", "")))


@blueprint.post("/reports/<report_id>/accept")
def accept(report_id: str) -> Response:
    """Take the report; if somebody was faster, the sheet says who."""
    with parts().database.transaction() as tx:
        accepted = _work().accept(tx, officer(), report_id, parts().database.now())
    if accepted is None:
        abort(404)
    return _back(report_id, "accepted" if accepted.won else None)


@blueprint.post("/reports/<report_id>/notes")
def note(report_id: str) -> Response:
    """Write a note."""
    text = _typed("text")
    if not text:
        return _show(report_id, problem=EMPTY, code=422)
    with parts().database.transaction() as tx:
        result = _work().note(tx, officer(), report_id, text, parts().database.now())
    if result is Result.ABSENT:
        abort(404)
    return _back(report_id, "noted")


@blueprint.post("/reports/<report_id>/close")
def close(report_id: str) -> Response:
    """Close with an outcome; what is missing is said, and what was typed is kept."""
    outcome, reason = request.form.get("outcome", ""), _typed("reason")
    if outcome not in set(Outcome):
        abort(400)
    with parts().database.transaction() as tx:
        result = _work().close(tx, officer(), report_id, Outcome(outcome), reason, parts().database.now())
    if result is Result.ABSENT:
        abort(404)
    if result is not Result.DONE:
        return _show(report_id, problem=PROBLEMS[result], code=422)
    return _back(report_id, "closed")


def _show(report_id: str, *, said: str | None = None, problem: str | None = None, code: int = 200) -> Response:
    now = parts().database.now()
    with parts().database.transaction() as tx:
        sheet = _work().read(tx, officer(), report_id, now)
        circles = labels.circles(tx)
    if sheet is None:
        abort(404)
    html = render_template(
        "console/report.html", sheet=sheet, report=sheet.line.report, officer=officer(), now=now, circles=circles,
        labels=labels, outcomes=list(Outcome), said=said and say(said), problem=problem and say(problem), typed=request.form,
    )  # fmt: skip
    return make_response(html, code)


def _back(report_id: str, said: str | None) -> Response:
    return redirect(url_for("console.report", report_id=report_id, said=said), 303)


def _work() -> Casework:
    return Casework(parts().vault, parts().escalation)


def _typed(name: str) -> str:
    return clip(request.form.get(name, "").replace("\r\n", "\n").strip())[0]
