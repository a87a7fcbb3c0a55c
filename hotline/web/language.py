"""The language of a page: chosen with `?language=sd`, kept in a cookie; else the browser's, or Urdu for the chat."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g, request
from werkzeug.wrappers import Response

from hotline.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, direction, translate
from hotline.core.localtime import LOCAL
from hotline.web import cookies

COOKIE = "language"
NAMES = {"ur": "اردو", "sd": "سنڌي", "en": "English"}  # each in its own letters: never translated
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def chosen() -> str | None:
    """The language that the person chose, None if they never did."""
    wanted = (request.args.get("language"), cookies.read(COOKIE))
    return next((language for language in wanted if language in LANGUAGES), None)


def current() -> str:
    """The language of this page."""
    if "language" not in g:
        g.language = chosen() or _guess()
    language: str = g.language
    return language


def _guess() -> str:
    # Many phones in Pakistan are set to English whose owners read Urdu: for the public that setting says nothing.
    if request.blueprint == "console":
        return request.accept_languages.best_match(LANGUAGES, "en") or "en"
    return DEFAULT_LANGUAGE


def say(text: str, **values: object) -> str:
    """A text of the interface (English) in the page's language, with its {values} filled in."""
    found = translate(text, current())
    return found.format(**{name: _isolated(value) for name, value in values.items()}) if values else found


def _isolated(value: object) -> object:
    """A date or a name within right-to-left text, so that its parts are not reordered."""
    apart = isinstance(value, str) and direction(current()) == "rtl"
    return f"\u2068{value}\u2069" if apart else value


def moment(at: datetime) -> str:
    """A moment in local time, the same in every language: `22-11-2026 14:05`."""
    return f"{at.astimezone(LOCAL):%d-%m-%Y %H:%M}"


SHORT, LONG, LONGER = N_("{minutes} min"), N_("{hours} h {minutes} min"), N_("{days} days")


def span(length: timedelta) -> str:
    """A length of time, exact enough to act upon; whole minutes, rounded down."""
    minutes = int(abs(length) / MINUTE)
    if abs(length) < HOUR:
        return say(SHORT, minutes=minutes)
    if abs(length) < 2 * DAY:
        return say(LONG, hours=minutes // 60, minutes=minutes % 60)
    return say(LONGER, days=abs(length).days)


def _context() -> dict[str, Any]:
    return {
        "_": say,
        "language": current(),
        "direction": direction(current()),
        "language_names": NAMES,
        "comma": "، " if direction(current()) == "rtl" else ", ",
        "moment": moment,
        "span": span,
    }


def _remember(response: Response) -> Response:
    if request.args.get("language") in LANGUAGES:
        cookies.keep(response, COOKIE, request.args["language"])
    return response


def fit(app: Flask) -> None:
    """Give every template `_`, the language and its direction, and keep a choice."""
    app.context_processor(_context)
    app.after_request(_remember)
