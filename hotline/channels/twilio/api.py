"""Twilio's API client, and what its failures mean. Imported by the first send only: it weighs 13 MB.

=============================================  =========  =======
failure                                        retryable  unknown
=============================================  =========  =======
no connection, name or TLS                     yes        no       the request never left
connection cut, or no answer within time       yes        yes      the request had left
answer that is no Twilio JSON, 2xx or 5xx      yes        yes      a proxy spoke; Twilio may have taken it
Twilio's JSON, 429 or 5xx                      yes        no       refused for now
Twilio's JSON, our account, key or sender      yes        no       the operator can mend it, and then it goes out
redirect, or any 4xx without Twilio's JSON     yes        no       HOTLINE_TWILIO_API_URL leads elsewhere
Twilio's JSON, any other 4xx                   no         no       21610 opted out, 21211 and 21614 no such number
=============================================  =========  =======
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as HandshakeError

from hotline.channels.contract import SendError
from hotline.channels.twilio.codes import OUTSIDE_24_HOURS

T = TypeVar("T")

# Minutes later the reader may be somewhere else, beside somebody else: what Twilio could not pass on by then, it drops.
VALIDITY = 900  # seconds
RINGS_FOR = 30  # seconds; voicemail takes over soon after
CALL_LIMIT = 180  # seconds: the page three times, slowly

# About us, not about the message: key, account, sender number, public URL, our queue and our rate.
_OURS = {
    20003,
    20404,
    20429,
    21210,
    21212,
    21215,
    21216,
    21603,
    21606,
    21609,
    21611,
    21659,
    21660,
    21661,
    30001,
    30002,
    63007,
    63051,
}
_NEVER_SENT = (ConnectTimeoutError, HandshakeError, NewConnectionError)
_CODES = 10_000  # Twilio's codes begin here; below, the library put the HTTP status in place of a missing code

# At INFO the library logs every request and its headers.
logging.getLogger("twilio").setLevel(logging.WARNING)
logging.getLogger("urllib3").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in, as Twilio keeps it. `media`: address and type of each; a place is not kept."""

    sid: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    media: tuple[tuple[str, str], ...] = ()


class TwilioApi:
    """One account's client. Not for several threads at once: the library keeps the last request on itself."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str | None, timeout: float) -> None:
        self._client = Client(account_sid, auth_token, http_client=TwilioHttpClient(timeout=timeout))
        if api_url:
            self._client.api.base_url = api_url.rstrip("/")
            self._client.edge = self._client.region = None  # TWILIO_EDGE would rewrite the host

    def create(self, *, to: str, sender: str, status_callback: str, **content: str) -> str:
        """Return the sid of the message that Twilio took; `content` is a body, or a content's sid and variables.

        Raises SendError.
        """
        return _taken(
            lambda: self._client.messages.create(
                to=to, from_=sender, status_callback=status_callback, validity_period=VALIDITY, **content
            )
        )

    def call(self, to: str, sender: str, twiml: str, status_callback: str) -> str:
        """Return the sid of the call that Twilio is about to make. Raises SendError.

        Detection runs beside the call: whoever picks up hears the page at once instead of seconds of silence.
        """
        return _taken(
            lambda: self._client.calls.create(
                to=to, from_=sender, twiml=twiml, timeout=RINGS_FOR, time_limit=CALL_LIMIT,
                machine_detection="Enable", async_amd="true", async_amd_status_callback=status_callback,
                status_callback=status_callback,
            )
        )  # fmt: skip

    def inbound(self, to: str, since: datetime, until: datetime) -> list[Kept]:
        """List what Twilio keeps of messages to a number of ours between two moments, oldest first.

        Raises SendError.
        """
        found = _asked(lambda: self._client.messages.list(to=to, date_sent_after=since))
        # Newest first, as they are listed; their times are whole seconds.
        mine = sorted(
            (m for m in reversed(found) if m.direction == "inbound" and m.date_created <= until),
            key=lambda m: m.date_created,
        )
        return [Kept(each.sid, each.from_, each.body or "", each.date_created, self._media(each)) for each in mine]

    def _media(self, message: Any) -> tuple[tuple[str, str], ...]:
        if not int(message.num_media or 0):
            return ()
        base = self._client.api.base_url
        return tuple((base + each.uri.removesuffix(".json"), each.content_type) for each in _asked(message.media.list))


def _taken(create: Callable[[], Any]) -> str:
    created = _asked(create)
    if not created.sid:
        raise SendError("no_sid", retryable=True, unknown=True)
    return str(created.sid)


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (TwilioException, requests.RequestException, json.JSONDecodeError) as error:
        failure = _failure(error)
    # Raised out here so that the library's words, which name the number, are not chained to it.
    raise failure


def _failure(error: Exception) -> SendError:
    match error:
        case TwilioRestException() | TwilioServiceException():
            return _refusal(_number(error.status), _number(error.code))
        case requests.ConnectionError() | requests.Timeout():
            return _broken(error)
        case requests.exceptions.JSONDecodeError() | json.JSONDecodeError():
            return SendError("no_json", retryable=True, unknown=True)
        case InvalidURL() | InvalidSchema() | MissingSchema():
            return SendError("api_url", retryable=True)
        case _:
            return SendError("http", retryable=True, unknown=True)


def _refusal(status: int, code: int) -> SendError:
    spoken_by_twilio = code >= _CODES
    if not spoken_by_twilio:
        return SendError(f"http_{status}", retryable=True, unknown=status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    for_now = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    closed = str(code) == OUTSIDE_24_HOURS
    return SendError(str(code), retryable=for_now or code in _OURS, closed=closed)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _broken(error: requests.RequestException) -> SendError:
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, _NEVER_SENT) or isinstance(error, requests.ConnectTimeout):
        return SendError("unreachable", retryable=True)
    if isinstance(error, requests.Timeout):
        return SendError("timeout", retryable=True, unknown=True)
    return SendError("cut_off", retryable=True, unknown=True)
