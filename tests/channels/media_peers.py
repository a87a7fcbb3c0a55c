"""Where providers keep media, as local stand-ins: they check keys as the real ones do, and refuse those not meant for them."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, make_response, redirect, request

from tests.channels.peers import BEARER, BOT, BotApi, GraphApi, Peer

SID, TOKEN = "AC" + "0" * 32, "webhook-token"
BASIC = "Basic " + b64encode(f"{SID}:{TOKEN}".encode()).decode()
TOO_BIG = 20 * 1024 * 1024  # Telegram gives no more
PIECE = 4096


@dataclass
class Store:
    """Files by name, and how the next calls fail: a status, or an address to be sent on to."""

    files: dict[str, bytes] = field(default_factory=dict)
    failures: list[int | str] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and key of each call
    sized: bool = True  # whether answers say how long they are

    def give(self, name: str) -> Response:
        """A file, or how it fails."""
        self.asked.append((request.path, request.headers.get("Authorization")))
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, str):
            return make_response(redirect(failure))
        if failure is not None or name not in self.files:
            return Response(status=failure or 404)
        body = self.files[name]
        return Response(body if self.sized else _pieces(body), mimetype="image/jpeg")


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


@dataclass
class TwilioApi(Peer):
    """Twilio's: a media address wants the account's key, and leads to a store that refuses it, as S3 does."""

    store: Store = field(default_factory=Store)

    def call(self, path: str) -> Response:
        """Media and store."""
        kind, _, name = path.rpartition("/")
        if kind == "store":
            return self.store.give(name) if "Authorization" not in request.headers else Response(status=400)
        self.store.asked.append((request.path, request.headers.get("Authorization")))
        if request.headers.get("Authorization") != BASIC:
            return Response(status=401)
        return make_response(redirect(f"/store/{name}", 307))

    def problem(self, path: str) -> Response | None:
        """Nothing is posted."""
        return None

    def receipt(self) -> dict[str, Any]:
        """Nothing is posted."""
        return {}


@dataclass
class GraphMedia(GraphApi):
    """WhatsApp's, with media: an id gives an address that wants the key too."""

    store: Store = field(default_factory=Store)

    def call(self, path: str) -> Response:
        """Ids and addresses by GET, messages by POST."""
        if request.method == "POST":
            return super().call(path)
        if request.headers.get("Authorization") != f"Bearer {BEARER}":
            return make_response(jsonify(error={"code": 190, "message": "Refused"}), 401)
        kind, _, name = path.rpartition("/")
        if kind == "store":
            return self.store.give(name)
        if name not in self.store.files:
            return make_response(jsonify(error={"code": 100, "message": "Unsupported get request"}), 400)
        return make_response(jsonify(url=f"{request.host_url}store/{name}", mime_type="image/jpeg", id=name))


@dataclass
class BotMedia(BotApi):
    """Telegram's, with files of at most 20 MB."""

    store: Store = field(default_factory=Store)

    def call(self, path: str) -> Response:
        """getFile, the file itself, and what a bot sends."""
        if path == f"bot{BOT}/getFile":
            return self._named(request.form["file_id"])
        if path.startswith(f"file/bot{BOT}/"):
            return self.store.give(path.rpartition("/")[2])
        return super().call(path)

    def _named(self, file_id: str) -> Response:
        body = self.store.files.get(file_id)
        if body is None or len(body) > TOO_BIG:
            why = "Bad Request: file is too big" if body else "Bad Request: wrong file_id or the file is unavailable"
            return make_response(jsonify(ok=False, error_code=400, description=why), 400)
        file = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(body), "file_path": f"photos/{file_id}"}
        return make_response(jsonify(ok=True, result=file))
