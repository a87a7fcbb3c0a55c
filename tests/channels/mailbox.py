"""Telegram's Bot API as long polling sees it: it keeps updates until they are confirmed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, make_response, request
from flask.json import loads

from tests.channels.peers import BOT, BotApi, _refused

KINDS = {"message", "edited_message", "channel_post", "callback_query", "poll_answer", "my_chat_member"}
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass
class Mailbox(BotApi):
    """`kept`: updates not confirmed yet; `pressed`: calls of buttons that were answered; `asked`: the offsets, in order."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    asked: list[int | None] = field(default_factory=list)
    webhook: bool = False  # whether one is set
    gave: Callable[[], None] = lambda: None  # called when updates were given
    bell: threading.Event = field(default_factory=threading.Event)

    def arrives(self, *updates: dict[str, Any]) -> None:
        """Somebody writes to the bot."""
        self.kept += updates
        self.bell.set()

    def call(self, path: str) -> Response:
        """Any request; methods are the same in any case."""
        token, _, method = path.removeprefix("bot").partition("/")
        own = {"getupdates": self._updates, "answercallbackquery": self._press}.get(method.lower())
        return super().call(path) if own is None or token != BOT or self.next_answers else own()

    def _updates(self) -> Response:
        """Confirm what lies below the offset, give the rest again."""
        asked = {name: loads(value) for name, value in request.form.items()}
        allowed = asked.get("allowed_updates", [])
        if self.webhook:
            return _refused(409, WEBHOOK)
        if not isinstance(allowed, list) or not set(allowed) <= KINDS:
            return _refused(400, "Bad Request: can't parse allowed updates JSON object")
        self.asked.append(asked.get("offset"))
        self.kept = [one for one in self.kept if one.get("update_id", 0) >= asked.get("offset", 0)]
        self.kept = [one for one in self.kept if not allowed or set(one) & set(allowed)]
        if not self.kept:
            self.bell.clear()
            self.bell.wait(asked.get("timeout", 0))
        given = self.kept[: min(asked.get("limit", 100), 100)]
        self.gave()
        return make_response(jsonify(ok=True, result=given))

    def _press(self) -> Response:
        self.pressed.append(request.form["callback_query_id"])
        return make_response(jsonify(ok=True, result=True))
