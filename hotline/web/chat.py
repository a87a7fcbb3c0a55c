"""The web chat at /chat: a channel for anyone with a browser. Works without JavaScript; chat.js only saves reloads.

Sending is a POST that goes through `Intake.receive` like any SMS; the answer arrives in the mailbox by the outbox.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hotline.channels import webchat
from hotline.channels.contract import MAX_TEXT, Inbound, Media, clip
from hotline.conversation import texts
from hotline.core.localtime import LOCAL
from hotline.web import cookies, language
from hotline.web.parts import parts

blueprint = Blueprint("chat", __name__, url_prefix="/chat")

MAX_UPLOAD = 8 * 1024 * 1024  # bytes of a message with a picture or a voice
SENT_FILE = "📎"  # stands in the conversation for what was sent along
COOKIE = "chat"  # gone when the browser is closed: phones are shared
SOON = timedelta(seconds=20)  # an answer that takes longer is not worth reloading the page for
GREETING = {
    "ur": "سلام",
    "sd": "سلام",
    "en": "Hello",
}  # what the first button says for those who don't know how to begin
OPTION = re.compile(r"(\d{1,2})[.)]? +(\S.*)")  # "1 Forced work": number first, one option a line, on every channel


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as the page shows it: `text`, and below it the options that can be pressed, as (number, text)."""

    at: datetime
    ours: bool
    text: str
    options: tuple[tuple[str, str], ...] = ()


@blueprint.url_value_preprocessor
def room(endpoint: str | None, _values: object) -> None:
    """A message may bring a file; set before anybody reads the form."""
    if endpoint == "chat.send":
        request.max_content_length = MAX_UPLOAD


@blueprint.get("")
def page() -> Response:
    """The conversation, and a box to write in."""
    with parts().database.reading() as tx:
        answer = make_response(render_template("chat/page.html", **_conversation(tx), waiting=_waiting(tx)))
    cookies.keep(answer, COOKIE, _token())
    return answer


@blueprint.post("/messages")
def send() -> Response:
    """Take a message. The same text and file from the same page count once, however often they arrive."""
    typed = request.form.get("press") or request.form.get("text", "")
    text, truncated = clip(typed.replace("\r\n", "\n").strip())
    file = request.files.get("file")
    body = file.read() if file is not None else b""
    if text or body:
        name = f"{request.form.get('message', '')[:64]}\n{text}" + (f"\n{sha256(body).hexdigest()}" if body else "")
        media = _upload(name, body, file.mimetype) if file is not None and body else ()
        _receive(_token(), name, text, truncated=truncated, media=media)
    answer = (
        messages()
        if "json" in request.headers.get("Accept", "")
        else redirect(url_for("chat.page", _anchor="write"), 303)
    )
    cookies.keep(answer, COOKIE, _token())
    return answer


@blueprint.get("/messages")
def messages() -> Response:
    """Return what is new since the mark `after`: 204, or {"mark", "html", "message"} with the whole conversation."""
    with parts().database.reading() as tx:
        if webchat.mark(tx, _token()) == request.args.get("after"):
            return Response(status=204)
        values = _conversation(tx)
    html = render_template("chat/messages.html", **values)
    return jsonify(mark=values["mark"], html=html, message=values["message"])


@blueprint.post("/forget")
def forget() -> Response:
    """Delete the conversation, here and on the phone."""
    with parts().database.transaction() as tx:
        webchat.forget(tx, _token())
    answer = redirect(url_for("chat.gone"), 303)
    cookies.drop(answer, COOKIE)
    return answer


@blueprint.get("/gone")
def gone() -> str:
    """Say what is still left to do after deleting."""
    return render_template("chat/gone.html")


@blueprint.get("/away")
def away() -> str:
    """A page that has nothing to do with anything, for those who must leave quickly."""
    today = parts().database.now().astimezone(LOCAL)
    return render_template(
        "chat/away.html", today=today, weeks=calendar.Calendar().monthdayscalendar(today.year, today.month)
    )


@blueprint.errorhandler(CSRFError)
def stale(_error: CSRFError) -> Response:
    """The page lost its cookies: what was typed is kept, and one more press sends it."""
    return _again(400)


@blueprint.errorhandler(SQLAlchemyError)
def not_stored(_error: SQLAlchemyError) -> Response:
    """The message was not taken: say so, and keep what was typed."""
    return _again(503)


def _again(code: int) -> Response:
    draft, message = request.form.get("text", "")[:MAX_TEXT], request.form.get("message", "")[:64]
    return make_response(render_template("chat/again.html", draft=draft, message=message), code)


def _token() -> str:
    """The address of this conversation: the cookie's, or a new one."""
    if "token" not in g:
        known = cookies.read(COOKIE)
        g.token = known if webchat.is_token(known) else webchat.new_token()
    token: str = g.token
    return token


def _upload(name: str, body: bytes, media_type: str) -> tuple[Media, ...]:
    """Kept for the worker before the message is taken. What the file is called is not looked at."""
    now = parts().database.now()
    with parts().database.transaction() as tx:
        return (webchat.upload(tx, _token(), body, media_type, name, now),)


def _receive(token: str, name: str, text: str, *, truncated: bool, media: tuple[Media, ...]) -> None:
    """Taken first, shown second: nobody sees as sent what was not taken."""
    now = parts().database.now()
    inbound = Inbound(
        webchat.CHANNEL, webchat.message_id(token, name), token, text, truncated, language.chosen(), media
    )
    parts().intake.receive(inbound, now)
    with parts().database.transaction() as tx:
        webchat.append_inbound(tx, token, f"{text}\n{SENT_FILE}".strip() if media else text, name, now)


def _conversation(tx: Session) -> dict[str, object]:
    said = webchat.history(tx, _token())
    newest = max((number for number, message in enumerate(said) if not message.ours), default=-1)
    bubbles = [_bubble(message, pressable=number > newest) for number, message in enumerate(said)]
    greeting = GREETING[language.current()]
    return {
        "bubbles": bubbles,
        "mark": webchat.mark(tx, _token()),
        "message": uuid4().hex,
        "max_text": MAX_TEXT,
        "max_upload": MAX_UPLOAD,
        "too_large": language.say(texts.WAS_TOO_LARGE),
        "greeting": greeting,
    }


def _bubble(message: webchat.ChatLine, *, pressable: bool) -> Bubble:
    """Options stay pressable until they are answered; afterwards they are text."""
    if not message.ours or not pressable:
        return Bubble(message.at, message.ours, message.text)
    lines = [(line, OPTION.fullmatch(line.strip())) for line in message.text.split("\n")]
    text = "\n".join(line for line, option in lines if option is None)
    return Bubble(message.at, message.ours, text.strip(), tuple((o[1], o[2]) for _, o in lines if o is not None))


def _waiting(tx: Session) -> bool:
    """Tell whether an answer is about to come, so that a page without JavaScript looks again by itself."""
    said = webchat.history(tx, _token())
    return bool(said) and not said[-1].ours and parts().database.now() - said[-1].at < SOON
