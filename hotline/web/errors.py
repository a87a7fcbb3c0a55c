"""The pages for when something went wrong: one line about what happened, one about what to do next."""

import logging

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from hotline.core.i18n import N_
from hotline.core.vault import KeyMissing
from hotline.web.language import say

log = logging.getLogger(__name__)

MACHINES = ("/in/", "/status/", "/api/", "/metrics")  # who calls there reads the status, not the page


WRONG = N_("Something went wrong.")
TEXTS = {
    403: N_("You may not see this page."),
    404: N_("There is no such page."),
    413: N_("That is too much for one message. Send it in parts."),
    503: N_("This does not work right now. Nothing was changed. Please try again in a minute."),
}
STALE = N_("This page was open for too long. Nothing was changed. Go back, load the page again and repeat it.")


def page(code: int, text: str) -> Response:
    """An error page; without a body for machines."""
    if request.path.startswith(MACHINES):
        return Response(status=code)
    return make_response(render_template("error.html", text=say(text), console=request.blueprint == "console"), code)


def _refused(_error: CSRFError) -> Response:
    return page(400, STALE)


def _http(error: HTTPException) -> Response:
    answer = page(error.code or 500, TEXTS.get(error.code or 500, WRONG))
    answer.headers.extend(header for header in error.get_headers() if header[0] == "Allow")
    return answer


def _unavailable(error: Exception) -> Response:
    log.error("unavailable", extra={"error": type(error).__name__, "url_rule": str(request.url_rule)})
    return page(503, TEXTS[503])


def fit(app: Flask) -> None:
    """Handle what no blueprint handles itself."""
    app.register_error_handler(CSRFError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _unavailable)
    app.register_error_handler(KeyMissing, _unavailable)
