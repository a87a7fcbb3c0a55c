"""By hand, where power or the network is out: slips made, their receipts typed in, acceptance on behalf."""

from functools import partial

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline.casework import AcceptedBy, Fault, Result, access, on_behalf, slips
from hotline.core.i18n import N_
from hotline.web.console import forms, labels, report
from hotline.web.console.login import blueprint
from hotline.web.language import moment, say
from hotline.web.parts import parts

FAULTS = {
    Fault.FUTURE: N_("This time has not come yet. Please look at the day and the time."),
    Fault.EARLY: N_("That is before {time}, when it began. Please look at the day and the time."),
    Fault.TYPED: N_("The receipt of this slip was typed in before: {officer}."),
    Fault.MOVED: N_("The receipt is on record. The report has moved on since: it is not accepted by this."),
    Fault.CLOSED: N_("This report was closed already."),
    Fault.TAKEN: N_("{officer} has accepted this report already."),
    Fault.NOBODY: N_("Please choose an officer from the list."),
}
NO_TIME = N_("Please write the day and the time, such as 14:05.")
NO_WAY = N_("Please choose how the officer said it.")
PEN = N_("The letter does not fit the number. Please look at the slip again: one of them is misread.")
NO_SLIP = N_("There is no slip with this serial.")


@blueprint.post("/reports/<report_id>/accept-for")
def accept_for(report_id: str) -> Response:
    """Accept in the name of an officer who said so by another way."""
    named, way, at = request.form.get("officer", ""), request.form.get("way", ""), forms.moment()
    if way not in set(AcceptedBy):
        return report.show(report_id, problem=say(NO_WAY), code=422)
    if at is None:
        return report.show(report_id, problem=say(NO_TIME), code=422)
    accepting = partial(on_behalf.accept_for, named=named, way=AcceptedBy(way), at=at)
    problem = _problem(report.act(report_id, accepting))
    return report.show(report_id, problem=problem, code=422) if problem else report.back(report_id, "accepted_for")


@blueprint.post("/reports/<report_id>/slips")
def print_slip(report_id: str) -> Response:
    """Make a slip and show it, ready to print."""
    made = report.act(report_id, partial(on_behalf.print_slip, bearer=request.form.get("officer", "")))
    if isinstance(made, Result):
        return report.show(report_id, problem=_problem(made), code=422)
    whole = 1 if request.form.get("whole") else None
    return redirect(url_for("console.slip", report_id=report_id, serial=made.serial, whole=whole), 303)


@blueprint.get("/slips")
def find_slip() -> Response:
    """Type in a serial; with a right one, who received it and when."""
    return _receipt_form(request.args.get("serial", ""))


@blueprint.post("/slips")
def receive() -> Response:
    """Take a receipt that came back."""
    serial = request.form.get("serial", "")
    plain, at = slips.serial_of(serial), forms.moment()
    if plain is None or at is None:
        return _receipt_form(serial, problem=say(NO_TIME) if plain else None)
    with parts().database.transaction() as tx:
        result = on_behalf.receive(report.acting(tx), plain, request.form.get("officer", ""), at)
        slip = slips.by_serial(tx, plain)
    problem = _problem(result) if result is not None else None
    if result is None or problem or slip is None:
        return _receipt_form(serial, problem=problem)
    return report.back(slip.report_id, "received")


def _receipt_form(serial: str, problem: str | None = None) -> Response:
    plain = slips.serial_of(serial)
    with parts().database.transaction() as tx:
        who = report.acting(tx)
        found = on_behalf.find_slip(who, plain) if plain else None
        bearers = on_behalf.bearers(who, found[1]) if found else []
        html_values = {
            "slip": found[0] if found else None, "report": found[1] if found else None, "bearers": bearers,
            "people": access.names(tx, found[0].people) if found else {}, "circles": labels.circles(tx),
        }  # fmt: skip
    if serial and not found:
        problem = problem or say(NO_SLIP if plain else PEN)
    html = render_template(
        "console/receipt.html", **html_values, officer=who.officer, now=who.now, problem=problem, typed=request.form,
        serial=serial, labels=labels,
    )  # fmt: skip
    return make_response(html, 422 if problem else 200)


def _problem(result: Result) -> str | None:
    """Say what is wrong, with the name of who has the report, or the time before which nothing can have been."""
    if result.fault is None:
        return None
    with parts().database.reading() as tx:
        name = access.names(tx, [result.officer_id]).get(result.officer_id, "") if result.officer_id else ""
    return say(FAULTS[result.fault], officer=name, time=moment(result.since) if result.since else "")
