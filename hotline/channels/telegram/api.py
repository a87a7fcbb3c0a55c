"""The Bot API's client, and what its failures mean. Imported by the first send only: the library weighs 10 MB.

========================================  =========  =======
failure                                   retryable  unknown
========================================  =========  =======
no connection, name or TLS                yes        no       the request never left
connection cut, or no answer within time  yes        yes      the request had left
5xx, or an answer that is no JSON         yes        yes      a proxy spoke; Telegram may have taken it
429                                       yes        no       after as many seconds as Telegram asks for
401 or 404                                yes        no       HOTLINE_TELEGRAM_TOKEN or _API_URL is wrong
409                                       yes        no       another program uses the bot's token
403                                       no         no       opted out: blocked, or never wrote to the bot
400                                       no         no       no such chat, or a message that can't be sent
========================================  =========  =======
"""

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from hotline.channels import http_errors
from hotline.channels.contract import Fetched, Media, Outbound, SendError
from hotline.channels.pace import Pace

API_URL = "https://api.telegram.org"
T = TypeVar("T")
TOO_BIG = "too big"  # in Telegram's words, for which it has no code
CONNECTIONS = 64  # as many as a worker may have senders
ALLOWED = ("message", "edited_message", "callback_query")  # what we ask for, of all kinds of updates
MOST = 100  # updates in one answer, or messages deleted by one call, as many as Telegram allows
RATE = 30  # messages a second, as many as Telegram takes of a bot
# The library's own `get_updates` loses a whole answer for one update that it can't read, and logs it with its content.
# In this spelling, which is as good to Telegram, it hands the answer over as it came.
GET_UPDATES = "GetUpdates"

# BadRequest is a NetworkError to the library, so it is asked for before that.
_REFUSALS: tuple[tuple[type[TelegramError], str, bool], ...] = (
    (Forbidden, "403", False),
    (InvalidToken, "token", True),
    (Conflict, "409", True),
    (BadRequest, "400", False),
    (ChatMigrated, "400", False),
)

os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's coming way to give a duration; it warns without

# At DEBUG the library logs every text and number.
logging.getLogger("telegram").setLevel(logging.WARNING)


class TelegramApi:
    """One bot's client, for any number of threads.

    A Bot belongs to one event loop, so that runs in a thread of its own.
    """

    def __init__(self, token: str, api_url: str | None, timeout: float) -> None:
        request = HTTPXRequest(
            connection_pool_size=CONNECTIONS, connect_timeout=timeout, read_timeout=timeout, write_timeout=timeout
        )
        at = (api_url or API_URL).rstrip("/")
        self._bot = Bot(token, base_url=f"{at}/bot", base_file_url=f"{at}/file/bot", request=request)
        self._request, self._timeout, self._pace = request, timeout, Pace(RATE)
        self._asking: Future[list[dict[str, Any]]] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True)
        self._thread.start()

    def send(self, message: Outbound) -> str:
        """Return the id of the message that Telegram took, "" of a deletion. Raises SendError."""
        self._pace.wait()
        if not message.deletes:
            return self._done(self._send(message))
        try:
            self._done(self._delete(message))
        except SendError as error:  # twice is once
            again = SendError(error.code, retryable=error.retryable, wait=error.wait)
        else:
            return ""
        raise again

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch the file of an id. Raises SendError."""
        return self._done(self._fetch(media.reference, limit))

    def updates(self, offset: int | None, wait: int) -> list[dict[str, Any]]:
        """Return the updates that wait for us, [] after `wait` seconds without one; those below `offset` are confirmed.

        Raises SendError, `stopped` after `interrupt`.
        """
        self._asking = asyncio.run_coroutine_threadsafe(self._updates(offset, wait), self._loop)
        return self._result(self._asking)

    def interrupt(self) -> None:
        """End a call of `updates` that waits."""
        if self._asking is not None:
            self._asking.cancel()

    def pressed(self, query_id: str) -> None:
        """Let a pressed button stop turning. Raises SendError."""
        self._done(self._bot.answer_callback_query(query_id))

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        return self._result(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _result(self, work: "Future[T]") -> T:
        try:
            return work.result()
        except TelegramError as error:
            failure = _failure(error)
        except CancelledError:
            failure = SendError("stopped", retryable=True)
        # Raised out here so that the library's words, which may hold the token, are not chained to it.
        raise failure

    def close(self) -> None:
        """End the connections and the thread."""
        asyncio.run_coroutine_threadsafe(self._request.shutdown(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _send(self, message: Outbound) -> str:
        sent = await self._bot.send_message(
            message.address,
            message.undrawn,
            reply_markup=_keyboard(message),
            link_preview_options=LinkPreviewOptions(is_disabled=True),  # Telegram would open our address itself
        )
        return str(sent.message_id)

    async def _delete(self, message: Outbound) -> None:
        """Delete many messages at once; one by one where one of them is too old, which the others have to pay for."""
        ids = [int(name) for name in message.deletes]
        for first in range(0, len(ids), MOST):
            some = ids[first : first + MOST]
            try:
                await self._bot.delete_messages(message.address, some)
            except BadRequest:
                for one in some:
                    with suppress(BadRequest):
                        await self._bot.delete_message(message.address, one)

    async def _updates(self, offset: int | None, wait: int) -> list[dict[str, Any]]:
        asked: dict[str, Any] = {"timeout": wait, "limit": MOST, "allowed_updates": list(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        found = await self._bot.do_api_request(GET_UPDATES, api_kwargs=asked, read_timeout=wait + self._timeout)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else []

    async def _fetch(self, file_id: str, limit: int) -> Fetched:
        try:
            file = await self._bot.get_file(file_id)
        except BadRequest as error:
            raise SendError("too_large" if TOO_BIG in error.message.lower() else "gone", retryable=False) from None
        if (file.file_size or 0) > limit:
            raise SendError("too_large", retryable=False)
        body = await file.download_as_bytearray()
        return Fetched(bytes(body))


def _keyboard(message: Outbound) -> InlineKeyboardMarkup | None:
    """Draw an officer's answers side by side; those of the public, which are longer, one a line."""
    buttons = [InlineKeyboardButton(choice.label, callback_data=choice.answer) for choice in message.choices]
    rows = [[button] for button in buttons] if message.opens else [buttons]
    return InlineKeyboardMarkup(rows) if buttons else None


def _failure(error: TelegramError) -> SendError:
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return SendError("429", retryable=True, wait=wait if isinstance(wait, int) else wait.total_seconds())
    for kind, code, retryable in _REFUSALS:
        if isinstance(error, kind):
            return SendError(code, retryable=retryable)
    if isinstance(error.__cause__, httpx.HTTPError | httpx.InvalidURL):
        return http_errors.broken(error.__cause__)
    return SendError("no_answer", retryable=True, unknown=True)
