"""Twilio: SMS and calls, in, out and delivery reports, with the official library. What is said in a call: `twilio_voice`.

This module stays light, for every web process imports it; the API client (13 MB) is loaded by the first `send` only.
WhatsApp over Twilio is the same API with a prefix before both addresses: it takes one more `Route`.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from twilio.request_validator import RequestValidator

from hotline.channels import phone, sms_encoding, twilio_media, twilio_voice
from hotline.channels.contract import (
    Answer,
    Delivery,
    DeliveryState,
    Fetched,
    Forged,
    Inbound,
    Malformed,
    Media,
    Outbound,
    Request,
    SendError,
    clip,
    first,
    required,
)

if TYPE_CHECKING:
    from hotline.channels.twilio_api import TwilioApi

HTTP_TIMEOUT = 10.0  # seconds to connect, and again to answer: the library's own default is for ever
IN_PATH, STATUS_PATH = "/in/twilio", "/status/twilio"
SAY_NOTHING = Answer('<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
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
    """Receiver and Sender over one Twilio account. The arguments are settings; `timeout` is in seconds.

    Without `sms_from` or `call_from` there is no such channel.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        public_url: str,
        sms_from: str = "",
        call_from: str = "",
        api_url: str | None = None,
        timeout: float = HTTP_TIMEOUT,
    ) -> None:
        self._account = (account_sid, auth_token, api_url, timeout)
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url.rstrip("/")
        self._routes = [Route("sms", "", sms_from)] if sms_from else []
        self._call_from = call_from
        self._of_thread = threading.local()

    def receive(self, request: Request) -> list[Inbound]:
        """The one message or key press of a webhook. A message of media only has the text "". Raises Forged or Malformed.

        The name and profile that WhatsApp sends along are not read at all.
        """
        self._authenticate(request)
        if twilio_voice.is_call(request):
            return twilio_voice.pressed(request)
        sid = required(request.form, "MessageSid")
        if not _SID.fullmatch(sid):
            raise Malformed("MessageSid is not an id")
        sender = required(request.form, "From")
        text, truncated = clip(first(request.form, "Body"))
        channel, media = self._inbound_route(sender).channel, twilio_media.of(request.form)
        return [Inbound(channel, sid, phone.normalise(sender), text, truncated, media=media)]

    def answer(self, request: Request) -> Answer:
        """In a call, what is said next; to a message nothing, for the reply leaves by the outbox."""
        return Answer(twilio_voice.reply(request), "text/xml") if twilio_voice.is_call(request) else SAY_NOTHING

    def delivery(self, request: Request) -> list[Delivery]:
        """What became of the outbound message or call that `id` in the query names. Raises Forged or Malformed."""
        self._authenticate(request)
        outbox_id = required(request.query, "id").strip()
        if twilio_voice.is_call(request):
            return [Delivery(outbox_id, *twilio_voice.outcome(request))]
        state = STATES.get(required(request.form, "MessageStatus"))
        if state is None:
            raise Malformed("MessageStatus is not one we know")
        code = first(request.form, "ErrorCode")
        return [Delivery(outbox_id, state, code if _ERROR_CODE.fullmatch(code) else "")]

    def send(self, message: Outbound) -> str:
        """Hand `message` to Twilio; returns its sid. Raises SendError, see `twilio_api` for the table."""
        status_url = f"{self._public_url}{STATUS_PATH}?id={quote(message.id, safe='')}"
        if message.channel == twilio_voice.CHANNEL and self._call_from:
            twiml = twilio_voice.script(message, self._public_url + IN_PATH)
            return self._client().call(message.address, self._call_from, twiml, status_url)
        route = next((route for route in self._routes if route.channel == message.channel), None)
        if route is None:
            raise SendError("no_route", retryable=False)
        return self._client().create(
            to=route.prefix + message.address,
            sender=route.prefix + route.sender,
            body=sms_encoding.substitute(message.text),
            status_callback=status_url,
        )

    def fetch(self, media: Media, limit: int) -> Fetched:
        """What a message's MediaUrl leads to. Raises SendError, see `download` for the table."""
        return twilio_media.fetch(self._account, media, limit)

    def _client(self) -> "TwilioApi":
        if not hasattr(self._of_thread, "api"):
            from hotline.channels.twilio_api import TwilioApi  # noqa: PLC0415  18 MB that only senders need

            self._of_thread.api = TwilioApi(*self._account)
        api: TwilioApi = self._of_thread.api
        return api

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
