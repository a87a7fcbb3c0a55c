"""Telegram: messages and pressed buttons in, messages with buttons out, with python-telegram-bot.

This module stays light; the library (10 MB and a quarter of a second) is loaded by the first update and the first `send` only.
There are no delivery reports: a message that Telegram took counts as sent, never as delivered.
"""

import hmac
import json
import threading
from typing import TYPE_CHECKING, Any

from hotline.channels.contract import Answer, Delivery, Fetched, Forged, Inbound, Malformed, Media, Outbound, Request

if TYPE_CHECKING:
    from hotline.channels.telegram.api import TelegramApi

CHANNEL = "telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  the header's name


class Telegram:
    """Receiver and Sender for one bot. The arguments are settings; `timeout` is in seconds.

    Without a `secret` nobody may call us: its updates are asked for.
    """

    def __init__(self, *, token: str, secret: str, api_url: str | None = None, timeout: float = 10.0) -> None:
        self._secret = secret.encode()
        self.bot_id = token.partition(":")[0]
        self._account = (token, api_url, timeout)
        self._api: TelegramApi | None = None
        self._first_send = threading.Lock()

    def receive(self, request: Request) -> list[Inbound]:
        """Return the one message or pressed button of an update; [] for an update of another kind.

        Raises Forged or Malformed.
        Names and user names are not read at all.
        """
        from hotline.channels.telegram import updates  # noqa: PLC0415  10 MB that only Telegram needs

        self._authenticate(request)
        return updates.read(_json(request), self.bot_id)

    def answer(self, request: Request) -> Answer:
        """Tell a pressed button that it was pressed, or it would turn for a minute: a call of the API in the answer."""
        query = _pressed(_json(request))
        if query is None:
            return Answer()
        call = {"method": "answerCallbackQuery", "callback_query_id": query}
        return Answer(json.dumps(call), "application/json")

    def delivery(self, request: Request) -> list[Delivery]:
        """Return nothing: Telegram reports no delivery."""
        self._authenticate(request)
        return []

    def send(self, message: Outbound) -> str:
        """Hand `message` to Telegram; returns its message id. Raises SendError, see `telegram/api.py` for the table."""
        return self._client().send(message)

    def updates(self, offset: int | None, wait: int) -> list[dict[str, Any]]:
        """Return the updates that Telegram keeps for us, see `telegram/api.py`. Raises SendError."""
        return self._client().updates(offset, wait)

    def interrupt(self) -> None:
        """End a call of `updates` that waits."""
        self._client().interrupt()

    def read(self, update: dict[str, Any]) -> list[Inbound]:
        """Read an update that came by `updates` as `receive` does. Raises Malformed."""
        from hotline.channels.telegram import updates  # noqa: PLC0415

        return updates.read(update, self.bot_id)

    def taken(self, update: dict[str, Any]) -> None:
        """Let the pressed button of an update that is stored stop turning, as by `answer`. Raises SendError."""
        query = _pressed(update)
        if query is not None:
            self._client().pressed(query)

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch the file of an id; Telegram gives no more than 20 MB. Raises SendError."""
        return self._client().fetch(media, limit)

    def _client(self) -> "TelegramApi":
        with self._first_send:  # or each sender would start a loop of its own
            if self._api is None:
                from hotline.channels.telegram.api import TelegramApi  # noqa: PLC0415

                self._api = TelegramApi(*self._account)
        return self._api

    def close(self) -> None:
        """End the connections. A process that ends need not."""
        if self._api is not None:
            self._api.close()

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get(SECRET_HEADER, "")
        if not self._secret or not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            raise Forged


def _pressed(update: dict[str, Any]) -> str | None:
    """Return the id of a pressed button's call."""
    query = update.get("callback_query")
    return str(query.get("id")) if isinstance(query, dict) else None


def _json(request: Request) -> dict[str, object]:
    try:
        update = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is no JSON") from error
    if not isinstance(update, dict):
        raise Malformed("the body is no object")
    return update
