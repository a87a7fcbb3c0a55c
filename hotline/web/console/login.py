"""The door of the console: log in, log out, and who may pass. The cookie holds a random token and nothing else."""

from datetime import timedelta

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hotline import staff
from hotline.core.localtime import LOCAL
from hotline.staff import Attempt, LoggedIn, Officer
from hotline.web import cookies
from hotline.web.parts import parts

blueprint = Blueprint("console", __name__)

LOGIN, DEVICE = "login", "device"  # cookies
DEVICE_LIFE = int(timedelta(days=400).total_seconds())  # browsers keep none longer
OPEN = frozenset({"console.log_in_form", "console.log_in"})
REFRESH = "auto"  # a page that loads itself again says so: nobody did anything


@blueprint.before_request
def pass_or_log_in() -> Response | None:
    """Let only those go on who are logged in; what is done by a person keeps the log-in alive."""
    if request.endpoint in OPEN:
        return None
    token, now = cookies.read(LOGIN), parts().database.now()
    with parts().database.reading() as tx:
        login = staff.find(tx, token, now)
    if login is None:
        return redirect(url_for("console.log_in_form", again=1 if token else None), 303)
    if login.stale and REFRESH not in request.args:
        with parts().database.transaction() as tx:
            staff.touch(tx, token, now)
    g.officer = login.officer
    return None


def officer() -> Officer:
    """Return who is at the console."""
    found: Officer = g.officer
    return found


@blueprint.get("/login")
def log_in_form() -> str:
    """The form."""
    return render_template("console/login.html", refused=False, until=None)


@blueprint.post("/login")
def log_in() -> Response:
    """Check what was typed; a log-in is new each time."""
    typed = {name: request.form.get(name, "") for name in ("username", "password", "code")}
    attempt = Attempt(**typed, device=cookies.read(DEVICE))
    strict = parts().settings.asks_totp
    result = staff.log_in(parts().database, parts().vault, attempt, parts().database.now(), require_totp=strict)
    if isinstance(result, LoggedIn):
        answer = redirect(url_for("console.queue"), 303)
        cookies.keep(answer, LOGIN, result.token)
        cookies.keep(answer, DEVICE, result.device, seconds=DEVICE_LIFE)
        return answer
    until = f"{result.until.astimezone(LOCAL):%H:%M:%S}" if result.until else None
    return make_response(render_template("console/login.html", refused=True, until=until), 403)


@blueprint.post("/logout")
def log_out() -> Response:
    """End this log-in, on the server too."""
    with parts().database.transaction() as tx:
        staff.log_out(tx, cookies.read(LOGIN), parts().database.now())
    answer = redirect(url_for("console.log_in_form"), 303)
    cookies.drop(answer, LOGIN)
    return answer
