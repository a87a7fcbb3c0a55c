"""Twilio: SMS in, out and delivery reports, with the official library.

This module stays light, for every web process imports it; the API client (13 MB) is loaded by the first `send` only.
WhatsApp over Twilio is the same API with a prefix before both addresses: it takes one more `Route`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from twilio.request_validator import RequestValidator

from hotline.channels import phone, sms_encoding
from hotline.channels.contract import (
    Delivery,
    DeliveryState,
    Forged,
    Inbound,
    Malformed,
    Outbound,
    Request,
    SendError,
    clip,
)

if TYPE_CHECKING:
    from hotline.channels.twilio_api import TwilioApi

HTTP_TIMEOUT = 10.0  # seconds to connect, and again to answer: the library's own default is for ever
STATUS_PATH = "/status/twilio"
FORM = "application/x-www-form-urlencoded"
_SID = re.compile(r"[\x21-\x7e]{1,64}")
_ERROR_CODE = re.compile(r"[0-9]{1,6}")

# Twilio's words to ours. Reports repeat and come out of order; the outbox moves forward only.
STATES: Mapping[str, DeliveryState] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One of our channels as Twilio carries it: what stands before its addresses, and the sender it leaves from."""

    channel: str
    prefix: str
    sender: str


class Twilio:
    """Receiver and Sender over one Twilio account. The arguments are settings; `timeout` is in seconds."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sms_from: str,
        public_url: str,
        api_url: str | None = None,
        timeout: float = HTTP_TIMEOUT,
    ) -> None:
        self._account = (account_sid, auth_token, api_url, timeout)
        self._validator = RequestValidator(auth_token)
        self._status_url = public_url.rstrip("/") + STATUS_PATH
        self._routes = [Route("sms", "", sms_from)]
        self._api: TwilioApi | None = None

    def receive(self, request: Request) -> list[Inbound]:
        """The one message of a webhook. A message of media only has the text "". Raises Forged or Malformed.

        The name and profile that WhatsApp sends along are not read at all.
        """
        self._authenticate(request)
        sid = _field(request, "MessageSid")
        if not _SID.fullmatch(sid):
            raise Malformed("MessageSid is not an id")
        sender = _field(request, "From")
        text, truncated = clip(_first(request.form, "Body"))
        return [Inbound(self._inbound_route(sender).channel, sid, phone.normalise(sender), text, truncated)]

    def delivery(self, request: Request) -> list[Delivery]:
        """What became of the outbound message that `id` in the query names. Raises Forged or Malformed."""
        self._authenticate(request)
        outbox_id = _first(request.query, "id").strip()
        if not outbox_id:
            raise Malformed("id is missing from the query")
        state = STATES.get(_field(request, "MessageStatus"))
        if state is None:
            raise Malformed("MessageStatus is not one we know")
        code = _first(request.form, "ErrorCode")
        return [Delivery(outbox_id, state, code if _ERROR_CODE.fullmatch(code) else "")]

    def send(self, message: Outbound) -> str:
        """Hand `message` to Twilio; returns its sid. Raises SendError, see `twilio_api` for the table."""
        route = next((route for route in self._routes if route.channel == message.channel), None)
        if route is None:
            raise SendError("no_route", retryable=False)
        return self._client().create(
            to=route.prefix + message.address,
            sender=route.prefix + route.sender,
            body=sms_encoding.substitute(message.text),
            status_callback=f"{self._status_url}?id={quote(message.id, safe='')}",
        )

    def _client(self) -> "TwilioApi":
        if self._api is None:
            from hotline.channels.twilio_api import TwilioApi  # noqa: PLC0415  18 MB that only senders need

            self._api = TwilioApi(*self._account)
        return self._api

    def _authenticate(self, request: Request) -> None:
        """Twilio signs the URL and the form's fields, so a body that is no form, or cut short, is a forgery too."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise Forged
        signature = request.headers.get("x-twilio-signature", "")  # none is a wrong one; the library would stumble
        try:
            genuine = self._validator.validate(request.url, _Params(request.form), signature)
        except UnicodeEncodeError:  # half a surrogate: nobody can have signed it
            genuine = False
        if not genuine:
            raise Forged

    def _inbound_route(self, sender: str) -> Route:
        before, colon, _ = sender.strip().partition(":")
        prefix = before + colon if colon else ""
        for route in self._routes:
            if route.prefix == prefix:
                return route
        raise Malformed("From is of a channel that is not set up")


class _Params(dict[str, list[str]]):
    """Form fields in the shape that RequestValidator asks several values from."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _first(fields: Mapping[str, list[str]], name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _field(request: Request, name: str) -> str:
    value = _first(request.form, name)
    if not value.strip():
        raise Malformed(f"{name} is missing")
    return value
