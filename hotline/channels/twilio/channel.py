"""Twilio: SMS, WhatsApp and calls, in, out and delivery reports, with the official library. Calls: `voice.py`.

This module stays light, for every web process imports it; the API client (13 MB) is loaded by the first `send` only.
WhatsApp is the same API with a prefix before both addresses, and templates that Twilio keeps ("contents").
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from twilio.request_validator import RequestValidator

from hotline.channels import phone, sms_encoding, traits
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
from hotline.channels.twilio import media as twilio_media
from hotline.channels.twilio import voice
from hotline.channels.twilio.codes import OUTSIDE_24_HOURS

if TYPE_CHECKING:
    from hotline.channels.twilio.api import TwilioApi

HTTP_TIMEOUT = 10.0  # seconds to connect, and again to answer: the library's own default is for ever
IN_PATH, STATUS_PATH = "/in/twilio", "/status/twilio"
WHATSAPP = "whatsapp:"  # before its addresses
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
    """One of our channels as Twilio carries it: what stands before its addresses, and the sender it leaves from.

    `page`, `neutral`: sids of contents, for an officer's page and for a word to somebody who did not write for 24 hours.
    """

    channel: str
    prefix: str
    sender: str
    page: str = ""
    neutral: str = ""


class Twilio:
    """Receiver and Sender over one Twilio account. The arguments are settings; `timeout` is in seconds.

    Without `sms_from`, `whatsapp_from` or `call_from` there is no such channel.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        public_url: str,
        sms_from: str = "",
        call_from: str = "",
        whatsapp_from: str = "",
        whatsapp_page: str = "",
        whatsapp_neutral: str = "",
        api_url: str | None = None,
        timeout: float = HTTP_TIMEOUT,
    ) -> None:
        self._account = (account_sid, auth_token, api_url, timeout)
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url.rstrip("/")
        routes = (
            Route("sms", "", sms_from),
            Route("whatsapp", WHATSAPP, whatsapp_from, whatsapp_page, whatsapp_neutral),
        )
        self._routes = [route for route in routes if route.sender]
        self._call_from = call_from
        self._of_thread = threading.local()

    def receive(self, request: Request) -> list[Inbound]:
        """Return the one message or key press of a webhook. A message of media only has the text "".

        Raises Forged or Malformed.
        The name and profile that WhatsApp sends along are not read at all.
        """
        self._authenticate(request)
        if voice.is_call(request):
            return voice.pressed(request)
        sid = required(request.form, "MessageSid")
        if not _SID.fullmatch(sid):
            raise Malformed("MessageSid is not an id")
        route, peer = self._sender(required(request.form, "From"))
        text, truncated = clip(_said(request.form))
        return [Inbound(route.channel, sid, peer, text, truncated, media=twilio_media.of(request.form))]

    def answer(self, request: Request) -> Answer:
        """Answer a call with what is said next; a message with nothing, for the reply leaves by the outbox."""
        return Answer(voice.reply(request), "text/xml") if voice.is_call(request) else SAY_NOTHING

    def delivery(self, request: Request) -> list[Delivery]:
        """Return what became of the outbound message or call that `id` in the query names.

        Raises Forged or Malformed.
        """
        self._authenticate(request)
        outbox_id = required(request.query, "id").strip()
        if voice.is_call(request):
            return [Delivery(outbox_id, *voice.outcome(request))]
        state = STATES.get(required(request.form, "MessageStatus"))
        if state is None:
            raise Malformed("MessageStatus is not one we know")
        code = first(request.form, "ErrorCode")
        code = code if _ERROR_CODE.fullmatch(code) else ""
        reference = first(request.form, "MessageSid")
        return [Delivery(outbox_id, state, code, closed=code == OUTSIDE_24_HOURS, reference=reference)]

    def send(self, message: Outbound) -> str:
        """Hand `message` to Twilio; returns its sid. Raises SendError, see `twilio/api.py` for the table."""
        status_url = f"{self._public_url}{STATUS_PATH}?id={quote(message.id, safe='')}"
        if message.channel == voice.CHANNEL and self._call_from:
            twiml = voice.script(message, self._public_url + IN_PATH)
            return self._client().call(message.address, self._call_from, twiml, status_url)
        route = next((route for route in self._routes if route.channel == message.channel), None)
        if route is None:
            raise SendError("no_route", retryable=False)
        return self._client().create(
            to=route.prefix + message.address,
            sender=route.prefix + route.sender,
            status_callback=status_url,
            **_content(route, message),
        )

    def missed(self, since: datetime, until: datetime) -> list[Inbound]:
        """List all that came between two moments, oldest first, whether its webhook came or not. Raises SendError.

        What stands beside the words of a message's webhook alone is not kept: a place, the payload of a button.
        """
        found: list[Inbound] = []
        for route in self._routes:
            for kept in self._client().inbound(route.prefix + route.sender, since, until):
                peer = phone.normalise(kept.sender.removeprefix(route.prefix))
                text, truncated = clip(kept.text)
                media = twilio_media.named_media(kept.media)
                found.append(Inbound(route.channel, kept.sid, peer, text, truncated, media=media, said_at=kept.at))
        return found

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch the file that a message's MediaUrl leads to. Raises SendError, see `download` for the table."""
        return twilio_media.fetch(self._account, media, limit)

    def _client(self) -> "TwilioApi":
        if not hasattr(self._of_thread, "api"):
            from hotline.channels.twilio.api import TwilioApi  # noqa: PLC0415  18 MB that only senders need

            self._of_thread.api = TwilioApi(*self._account)
        api: TwilioApi = self._of_thread.api
        return api

    def _authenticate(self, request: Request) -> None:
        """Check Twilio's signature of the URL and the form's fields: a body that is no form, or cut, is forged too."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise Forged
        signature = request.headers.get("x-twilio-signature", "")  # none is a wrong one; the library would stumble
        try:
            genuine = self._validator.validate(request.url, _Params(request.form), signature)
        except UnicodeEncodeError:  # half a surrogate: nobody can have signed it
            genuine = False
        if not genuine:
            raise Forged

    def _sender(self, given: str) -> tuple[Route, str]:
        """Return our channel, and who wrote: a number, or the opaque id of somebody who shows none."""
        before, colon, behind = given.strip().partition(":")
        prefix = before + colon if colon else ""
        for route in self._routes:
            if route.prefix == prefix and (behind or not colon):
                return route, phone.normalise(behind if colon else given)
        raise Malformed("From is of a channel that is not set up")


def _said(form: Mapping[str, list[str]]) -> str:
    """Return the button that was pressed, or else what was written, and the place that was sent."""
    place = [first(form, name) for name in ("Label", "Address")]
    if first(form, "Latitude") and first(form, "Longitude"):
        place.append(f"geo: {first(form, 'Latitude')}, {first(form, 'Longitude')}")
    words = first(form, "ButtonPayload") or first(form, "Body")
    return "\n".join(word for word in [words, *place] if word)


def _content(route: Route, message: Outbound) -> dict[str, str]:
    """Return a text; or a content where WhatsApp lets no text pass, a page's variables being text and answers."""
    if not message.text:
        if not route.neutral:
            raise SendError("no_template", retryable=False)
        return {"content_sid": route.neutral}
    if route.page and message.choices and not message.opens:
        variables = [" ".join(message.text.split()), *(choice.answer for choice in message.choices)]
        numbered = {str(number): value for number, value in enumerate(variables, start=1)}
        return {"content_sid": route.page, "content_variables": json.dumps(numbered, ensure_ascii=False)}
    return {"body": sms_encoding.substitute(message.text) if traits.of(route.channel).gsm else message.text}


class _Params(dict[str, list[str]]):
    """Form fields in the shape that RequestValidator asks several values from."""

    def getlist(self, name: str) -> list[str]:
        return self[name]
