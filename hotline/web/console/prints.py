"""Paper: a slip to carry to an officer, a whole report for an office without power. Black on white, nothing to click."""

from datetime import datetime

from flask import abort, g, render_template, request
from sqlalchemy.orm import Session

from hotline import staff
from hotline.casework import Slip, access, read_report, slips
from hotline.core.i18n import LANGUAGES, N_, translate
from hotline.messaging import officer_text
from hotline.reports import Report
from hotline.web.console import labels, report
from hotline.web.console.login import blueprint, officer
from hotline.web.language import current, moment, say
from hotline.web.parts import parts

STEPS = (
    N_("Write your name, sign, and write the true time below."),
    N_("Send the lower part back, or say the serial with its letter and the time to the duty desk by any way."),
    N_("The report is yours then. Ask the duty desk for what it says, and begin."),
)
BY = N_("If no receipt has come by {time}, the duty desk and the officer above are told.")


@blueprint.get("/reports/<report_id>/slips/<serial>")
def slip(report_id: str, serial: str) -> str:
    """A slip, to print; with `?whole` the whole report too, which is on record as a reading."""
    now = parts().database.now()
    with parts().database.transaction() as tx:
        known = access.exists(tx, officer(), report_id, now)
        found = slips.by_serial(tx, slips.serial_of(serial) or "") if known else None
        right = found if found is not None and found.report_id == report_id else None
        html = _paper(tx, report_id, right, now, whole="whole" in request.args) if right else None
    return html if html is not None else abort(404)


@blueprint.get("/reports/<report_id>/print")
def print_report(report_id: str) -> str:
    """The whole report, to print for an office without power."""
    now = parts().database.now()
    with parts().database.transaction() as tx:
        known = access.exists(tx, officer(), report_id, now)
        html = _paper(tx, report_id, None, now, whole=True) if known else None
    return html if html is not None else abort(404)


def _paper(tx: Session, report_id: str, found: Slip | None, now: datetime, *, whole: bool) -> str:
    people, known = staff.current_directory(tx), tx.get_one(Report, report_id)
    bearer = people.members.get(found.for_officer) if found else None
    wanted = request.args.get("in", bearer.wish.partition("@")[0] if bearer else "")
    if wanted in LANGUAGES:
        g.language = wanted  # of the reader; the officer at the screen keeps the own one
    sheet = read_report(report.acting(tx), report_id, event="printed") if whole else None
    return render_template(
        "console/paper.html", report=known, slip=found, bearer=bearer, labels=labels, now=now, steps=_steps(found),
        sheet=sheet, facts=report.facts(sheet) if sheet is not None else None, whole=whole,
        place=_plain_name(people.circles[known.circle]), circles=labels.circles(tx),
        people=access.names(tx, found.people) if found else {},
    )  # fmt: skip


def _steps(found: Slip | None) -> list[str]:
    return [say(step) for step in STEPS] + [say(BY, time=moment(found.wait_until))] if found else []


def _plain_name(names: dict[str, str]) -> str:
    """A circle's name without the letters that say what it is for: a stranger may read it."""
    mark = translate(officer_text.AHTC, current())
    return (names.get(current()) or names["en"]).removeprefix(mark).removeprefix(officer_text.AHTC).strip()
