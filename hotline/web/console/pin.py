"""The officer's PIN, with which a report is closed by SMS."""

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from hotline import staff
from hotline.core.i18n import N_
from hotline.staff import MAX_PIN, MIN_PIN
from hotline.web.console.login import blueprint, officer
from hotline.web.language import say
from hotline.web.parts import parts

SAVED = N_("Your PIN is saved.")
UNEQUAL = N_("The two PINs are not the same. Please type both again.")
REFUSED = N_("A PIN has {least} to {most} digits, not all the same and not in a row.")


@blueprint.get("/pin")
def pin_form() -> Response:
    """The form."""
    return _show()


@blueprint.post("/pin")
def set_pin() -> Response:
    """Keep a new PIN."""
    first, second = request.form.get("pin", ""), request.form.get("again", "")
    if first != second:
        return _show(problem=say(UNEQUAL))
    try:
        with parts().database.transaction() as tx:
            staff.set_pin(tx, officer().id, first, parts().database.now())
    except ValueError:
        return _show(problem=say(REFUSED, least=MIN_PIN, most=MAX_PIN))
    return _show(said=say(SAVED))


def _show(*, said: str | None = None, problem: str | None = None) -> Response:
    with parts().database.reading() as tx:
        known = staff.has_pin(tx, officer().id)
    html = render_template("console/pin.html", officer=officer(), said=said, problem=problem, known=known, most=MAX_PIN)
    return make_response(html, 422 if problem else 200)
