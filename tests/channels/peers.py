"""Local stand-ins for Telegram's Bot API and WhatsApp's Cloud API: they check what the real ones check."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from flask.json import loads
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.servers import START_SECONDS

BOT = "42:token-of-the-bot"
DECODED = {"reply_markup", "link_preview_options", "message_ids"}  # fields of Telegram's that hold JSON
BEARER, PHONE_ID = "token-of-the-app", "1055"
PATIENCE = START_SECONDS  # for an answer that comes: however busy the machine, it comes within them
IMPATIENCE = 0.3  # seconds for one that never does


def patience(answer: object) -> float:
    """How long to wait for this answer of `next_answers`, in seconds."""
    return IMPATIENCE if answer is None else PATIENCE


@dataclass
class Peer(ABC):
    """What it took, and how it answers the next calls: (status, body), a str for what is no JSON, None for silence."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    next_answers: list[tuple[int, Any] | None] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def wsgi(self) -> Flask:
        """Its web side."""
        app = Flask("peer")
        app.add_url_rule("/<path:path>", "call", self.call, methods=["GET", "POST"])
        return app

    def call(self, path: str) -> Response:
        """Any request."""
        if self.next_answers:
            answer = self.next_answers.pop(0)
            if answer is None:
                self.closing.wait()
                return Response(status=500)
            status, body = answer
            return Response(body, status) if isinstance(body, str) else make_response(jsonify(body), status)
        problem = self.problem(path)
        if problem is not None:
            return problem
        self.taken.append(self.fields())
        return make_response(jsonify(self.receipt()))

    @abstractmethod
    def problem(self, path: str) -> Response | None:
        """What the real one would refuse."""

    @abstractmethod
    def receipt(self) -> dict[str, Any]:
        """What the real one answers to what it took."""

    def fields(self) -> dict[str, Any]:
        """What was posted."""
        found: dict[str, Any] = request.get_json()
        return found

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve in threads of this process; gives the address."""
        server = make_server("127.0.0.1", 0, self.wsgi(), threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.closing.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """No line per request: a bot's token stands in it."""


@dataclass
class BotApi(Peer):
    """Telegram's, for one bot. `too_old`: messages that it deletes no more."""

    too_old: set[int] = field(default_factory=set)

    def fields(self) -> dict[str, Any]:
        """The library posts a form, with JSON in the fields that are no text."""
        return {name: loads(value) if name in DECODED else value for name, value in request.form.items()}

    def problem(self, path: str) -> Response | None:
        """Token, chat, length, buttons."""
        token, _, method = path.removeprefix("bot").partition("/")
        if token != BOT:
            return _refused(401, "Unauthorized")
        if method in ("deleteMessages", "deleteMessage"):
            return self._undeletable()
        if method != "sendMessage":
            return _refused(404, "Not Found")
        fields = self.fields()
        buttons = [each for row in fields.get("reply_markup", {}).get("inline_keyboard", []) for each in row]
        wrong = {
            "chat not found": not str(fields["chat_id"]).lstrip("-").isdigit(),
            "message text is empty": not fields.get("text", "").strip(),
            "message is too long": len(fields.get("text", "")) > 4096,
            "BUTTON_DATA_INVALID": any(not 1 <= len(each["callback_data"].encode()) <= 64 for each in buttons),
            "text buttons are unallowed": any(not each["text"] for each in buttons),
        }
        return next((_refused(400, f"Bad Request: {why}") for why, is_so in wrong.items() if is_so), None)

    def _undeletable(self) -> Response | None:
        fields = self.fields()
        names = fields["message_ids"] if "message_ids" in fields else [int(fields["message_id"])]
        wrong = {
            "too many messages": not 1 <= len(names) <= 100 or not all(type(name) is int for name in names),
            "message can't be deleted": bool(self.too_old.intersection(names)),
        }
        return next((_refused(400, f"Bad Request: {why}") for why, is_so in wrong.items() if is_so), None)

    def receipt(self) -> dict[str, Any]:
        """A Message, or that it is done."""
        fields = self.fields()
        if "text" not in fields:
            return {"ok": True, "result": True}
        chat = {"id": int(fields["chat_id"]), "type": "private"}
        return {"ok": True, "result": {"message_id": len(self.taken), "date": 0, "chat": chat, "text": fields["text"]}}


def _refused(status: int, why: str) -> Response:
    return make_response(jsonify(ok=False, error_code=status, description=why), status)


class GraphApi(Peer):
    """WhatsApp's, for one number of ours."""

    templates = frozenset({("duty_page", "en"), ("duty_page", "ur"), ("to_read", "ur")})

    def problem(self, path: str) -> Response | None:
        """Token, number, addressee, sizes, template."""
        if request.headers.get("Authorization") != f"Bearer {BEARER}":
            return _error(190, 401)
        if path != f"{PHONE_ID}/messages":
            return _error(33, 400)
        fields = self.fields()
        if fields.get("messaging_product") != "whatsapp" or not (fields.get("to") or fields.get("recipient")):
            return _error(100, 400)
        if not str(fields.get("to", "0")).isdigit():
            return _error(131009, 400)
        code = getattr(self, f"_{fields['type']}")(fields[fields["type"]])
        return _error(code, 400) if code else None

    def _text(self, text: dict[str, Any]) -> int:
        return 0 if 0 < len(text["body"]) <= 4096 else 131009

    def _interactive(self, content: dict[str, Any]) -> int:
        if content["type"] == "list":
            return self._list(content)
        replies = [each["reply"] for each in content["action"]["buttons"]]
        fits = len(replies) <= 3 and all(0 < len(each["title"]) <= 20 and len(each["id"]) <= 256 for each in replies)
        unlike = len({each["id"] for each in replies}) == len(replies)
        return 0 if fits and unlike and 0 < len(content["body"]["text"]) <= 1024 else 131009

    def _list(self, content: dict[str, Any]) -> int:
        rows = [row for section in content["action"]["sections"] for row in section["rows"]]
        fits = all(
            0 < len(r["title"]) <= 24 and len(r["id"]) <= 200 and len(r.get("description", "")) <= 72 for r in rows
        )
        unlike = len({row["id"] for row in rows}) == len({row["title"] for row in rows}) == len(rows)
        named = 0 < len(content["action"]["button"]) <= 20 and 0 < len(content["body"]["text"]) <= 4096
        return 0 if fits and unlike and named and 0 < len(rows) <= 10 else 131009

    def _template(self, template: dict[str, Any]) -> int:
        if (template["name"], template["language"]["code"]) not in self.templates:
            return 132001
        if template["name"] == "to_read":
            return 132000 if template.get("components") else 0
        body, *buttons = template["components"]
        text = body["parameters"][0]["text"]
        if len(body["parameters"]) != 1 or len(buttons) != 2:
            return 132000
        return 132012 if any(bad in text for bad in ("\n", "\t", "     ")) or len(text) > 1024 else 0

    def receipt(self) -> dict[str, Any]:
        """Ids of the addressee and of the message."""
        return {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.{len(self.taken)}"}]}


def _error(code: int, status: int) -> Response:
    return make_response(jsonify(error={"code": code, "message": "Refused", "type": "OAuthException"}), status)
