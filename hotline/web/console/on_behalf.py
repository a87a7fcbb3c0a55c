"""By hand, where power or the network is out: slips made, their receipts typed in, acceptance on behalf."""

from flask import abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline.casework import AcceptedBy, Fault, Slip, SlipResult, access, on_behalf, slips
from hotline.core.i18n import N_
from hotline.reports import Report
from hotline.web.console import forms, labels, report
from hotline.web.console.login import blueprint, officer
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
    now = parts().database.now()
    with parts().database.transaction() as tx:
        receipt = on_behalf.accept_for(tx, parts().escalation, officer(), report_id, named, AcceptedBy(way), at, now)
        problem = _problem(tx, receipt, report_id=report_id)
    if receipt is None:
        abort(404)
    return report.show(report_id, problem=problem, code=422) if problem else report.back(report_id, "accepted_for")


@blueprint.post("/reports/<report_id>/slips")
def print_slip(report_id: str) -> Response:
    """Make a slip and show it, ready to print."""
    now = parts().database.now()
    with parts().database.transaction() as tx:
        bearer = request.form.get("officer", "")
        made = on_behalf.print_slip(tx, parts().escalation, officer(), report_id, bearer, now)
        problem = _problem(tx, made, report_id=report_id) if isinstance(made, SlipResult) else None
    if made is None:
        abort(404)
    if not isinstance(made, Slip):
        return report.show(report_id, problem=problem, code=422)
    whole = 1 if request.form.get("whole") else None
    return redirect(url_for("console.slip", report_id=report_id, serial=made.serial, whole=whole), 303)


@blueprint.get("/slips")
def find_slip() -> Response:
    """Type in a serial; with a right one, who received it and when."""
    return _receipt_form(request.args.get("serial", ""))


@blueprint.post("/slips")
def receive() -> Response:
    """Take a receipt that came back."""
    serial, now = request.form.get("serial", ""), parts().database.now()
    plain, at = slips.serial_of(serial), forms.moment()
    if plain is None or at is None:
        return _receipt_form(serial, problem=say(NO_TIME) if plain else None)
    with parts().database.transaction() as tx:
        receipt = on_behalf.receive(
            tx, parts().escalation, officer(), plain, request.form.get("officer", ""), at, now
        )  # fmt: skip
        slip = slips.by_serial(tx, plain)
        problem = _problem(tx, receipt, slip=slip)
    if receipt is None or problem or slip is None:
        return _receipt_form(serial, problem=problem)
    return report.back(slip.report_id, "received")


def _receipt_form(serial: str, problem: str | None = None) -> Response:
    now, plain = parts().database.now(), slips.serial_of(serial)
    with parts().database.transaction() as tx:
        found = on_behalf.find_slip(tx, officer(), plain, now) if plain else None
        bearers = on_behalf.bearers(tx, parts().escalation, found[1], now) if found else []
        html_values = {
            "slip": found[0] if found else None, "report": found[1] if found else None, "bearers": bearers,
            "people": access.names(tx, found[0].people) if found else {}, "circles": labels.circles(tx),
        }  # fmt: skip
    if serial and not found:
        problem = problem or say(NO_SLIP if plain else PEN)
    html = render_template(
        "console/receipt.html", **html_values, officer=officer(), now=now, problem=problem, typed=request.form,
        serial=serial, labels=labels,
    )  # fmt: skip
    return make_response(html, 422 if problem else 200)


def _problem(tx: Session, receipt: SlipResult | None, *, report_id: str = "", slip: Slip | None = None) -> str | None:
    """What is wrong, in words: with the name of who has the report, or the time before which nothing can have been."""
    if receipt is None or receipt.fault is None:
        return None
    name = access.names(tx, [receipt.officer_id]).get(receipt.officer_id, "") if receipt.officer_id else ""
    began = slip.printed_at if slip else tx.get_one(Report, report_id).opened_at if report_id else None
    return say(FAULTS[receipt.fault], officer=name, time=moment(began) if began else "")
