"""Late messages to whoever reported: one officer asks to release one for imminent danger, another confirms."""

from functools import partial

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline.casework import Fault, Result, access, read_report, release
from hotline.core.i18n import N_
from hotline.messaging import officer_text
from hotline.web.console import forms, labels, report
from hotline.web.console.login import blueprint
from hotline.web.language import say
from hotline.web.parts import parts

SAID = {
    "asked": N_("Your request is on record. Now another officer has to confirm it on this page."),
    "released": N_("Released: it leaves now, if this person may be written to at all."),
}
PROBLEMS = {
    Fault.GONE: N_("This message is not held any more."),
    Fault.ASKED: N_("Its release was asked for already."),
    Fault.SAME: N_("Not released: you asked for it yourself, another officer has to confirm."),
    Fault.LAPSED: N_("Not released: no request for it stands any more. Ask again if the danger lasts."),
}
NO_REASON = N_("Please write who is in danger now, and why it cannot wait.")


@blueprint.get("/reports/<report_id>/release")
def late_messages(report_id: str) -> Response:
    """Show what is held for being late, and the requests to release it. The reasons are read, and that is on record."""
    said = SAID.get(request.args.get("said", ""))
    return _show(report_id, said=said and say(said))


@blueprint.post("/reports/<report_id>/release")
def ask_release(report_id: str) -> Response:
    """Ask for the release of a message."""
    reason = forms.words("reason")
    if not reason:
        return _show(report_id, problem=say(NO_REASON))
    asking = partial(release.ask, message_id=request.form.get("message", ""), reason=reason)
    return _answer(report_id, report.act(report_id, asking), "asked")


@blueprint.post("/reports/<report_id>/release/confirm")
def confirm_release(report_id: str) -> Response:
    """Confirm another officer's request."""
    confirming = partial(release.confirm, message_id=request.form.get("message", ""))
    return _answer(report_id, report.act(report_id, confirming), "released")


def _answer(report_id: str, result: Result, said: str) -> Response:
    if result.fault is not None:
        return _show(report_id, problem=say(PROBLEMS[result.fault]))
    return redirect(url_for("console.late_messages", report_id=report_id, said=said), 303)


def _show(report_id: str, *, said: str | None = None, problem: str | None = None) -> Response:
    with parts().database.transaction() as tx:
        who = report.acting(tx)
        sheet = read_report(who, report_id)
        messages = release.held(who, sheet.line.report) if sheet is not None else []
        people = access.names(tx, {one.request.officer_id for one in messages if one.request})
    if sheet is None:
        abort(404)
    reasons = {entry.at: entry for entry in sheet.written or () if entry.kind == release.ENTRY}
    html = render_template(
        "console/release.html", sheet=sheet, report=sheet.line.report, officer=who.officer, messages=messages,
        reasons=reasons, people=people, labels=labels, clock=officer_text.clock, said=said, problem=problem, typed=request.form,
    )  # fmt: skip
    return make_response(html, 422 if problem else 200)
