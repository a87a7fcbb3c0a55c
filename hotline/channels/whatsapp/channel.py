"""WhatsApp by the Cloud API: messages, pressed buttons and delivery reports in, templates and texts out.

This module stays light; the HTTP client is loaded by the first `send` only. A webhook brings many things at once, in any
order, and repeats them for days.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hotline.channels import phone
from hotline.channels.contract import (
    Answer,
    Delivery,
    DeliveryState,
    Fetched,
    Forged,
    Inbound,
    Malformed,
    Media,
    MediaKind,
    Outbound,
    Request,
    clip,
    first,
)
from hotline.channels.whatsapp.codes import OUTSIDE_24_HOURS

if TYPE_CHECKING:
    from hotline.channels.whatsapp.api import WhatsAppApi

log = logging.getLogger(__name__)

CHANNEL = "whatsapp"
SIGNATURE_HEADER = "x-hub-signature-256"
_SECONDS = re.compile("[0-9]{1,11}")
_ID = re.compile(r"[\x21-\x7e]{1,255}")

# WhatsApp's words to ours. Reports repeat and come out of order; the outbox moves forward only.
STATES: Mapping[str, DeliveryState] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "played": "delivered",
    "failed": "failed",
}
# A sticker is a picture; a voice note comes as audio.
MEDIA: Mapping[str, MediaKind] = {
    "image": "image",
    "sticker": "image",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "document": "document",
}
NOT_SAID = frozenset({"reaction", "system"})  # a thumb on one of our messages; a change of number


class WhatsApp:
    """Receiver and Sender for one number of ours. The arguments are settings; `timeout` is in seconds."""

    def __init__(
        self,
        *,
        token: str,
        app_secret: str,
        verify_token: str,
        phone_id: str,
        page_template: str = "",
        neutral_template: str = "",
        api_url: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._app_secret, self._verify_token = app_secret.encode(), verify_token.encode()
        self._account = (token, phone_id, page_template, neutral_template, api_url, timeout)
        self._api: WhatsAppApi | None = None

    def challenge(self, request: Request) -> Answer:
        """Return the word that WhatsApp wants to see again before it sends anything. Raises Forged."""
        given = first(request.query, "hub.verify_token").encode("utf-8", "replace")
        if first(request.query, "hub.mode") != "subscribe" or not hmac.compare_digest(given, self._verify_token):
            raise Forged
        return Answer(first(request.query, "hub.challenge"))

    def receive(self, request: Request) -> list[Inbound | Delivery]:
        """Return all messages and delivery reports of a webhook but those that can't be read.

        Raises Forged or Malformed.
        Profile names are not read at all.
        """
        self._authenticate(request)
        try:
            data = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Malformed("the body is no JSON") from error
        if not isinstance(data, dict) or not isinstance(data.get("entry"), list):
            raise Malformed("entry is missing")
        return list(_arrived(data))

    def answer(self, _request: Request) -> Answer:
        """Answer 200, which is all that WhatsApp wants."""
        return Answer()

    def delivery(self, request: Request) -> list[Delivery]:
        """Return the delivery reports of a webhook. Raises Forged or Malformed."""
        return [each for each in self.receive(request) if isinstance(each, Delivery)]

    def send(self, message: Outbound) -> str:
        """Hand `message` to WhatsApp; returns its id. Raises SendError, see `whatsapp/api.py` for the table."""
        return self._client().send(message)

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch the file of a media id. Raises SendError, see `download` for the table."""
        return self._client().fetch(media, limit)

    def _client(self) -> "WhatsAppApi":
        if self._api is None:
            from hotline.channels.whatsapp.api import WhatsAppApi  # noqa: PLC0415  an HTTP client that only senders need

            self._api = WhatsAppApi(*self._account)
        return self._api

    def close(self) -> None:
        """End the connections. A process that ends need not."""
        if self._api is not None:
            self._api.close()

    def _authenticate(self, request: Request) -> None:
        """Check the signature over the bytes as they came: JSON that was read and written again is another text."""
        expected = "sha256=" + hmac.new(self._app_secret, request.body, hashlib.sha256).hexdigest()
        given = request.headers.get(SIGNATURE_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
            raise Forged


def _arrived(data: Mapping[str, Any]) -> Iterator[Inbound | Delivery]:
    values = [change.get("value") for entry in _objects(data, "entry") for change in _objects(entry, "changes")]
    for value in values:
        if not isinstance(value, dict):
            continue
        yield from filter(None, map(_message, _objects(value, "messages")))
        yield from filter(None, map(_report, _objects(value, "statuses")))


def _objects(data: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = data.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _message(message: Mapping[str, Any]) -> Inbound | None:
    """Read a message; None for what nobody said, and for what has no id or no sender."""
    kind, wamid, sender = (_word(message, name) for name in ("type", "id", "from"))
    sender = sender or _word(message, "from_user_id")  # who has a user name may show no number
    if kind in NOT_SAID:
        return None
    if not _ID.fullmatch(wamid) or not sender.strip():
        log.warning("message without id or sender")
        return None
    text, truncated = clip(_text(kind, message))
    return Inbound(
        CHANNEL, wamid, phone.normalise(sender), text, truncated, media=_media(kind, message), said_at=_said_at(message)
    )


def _said_at(message: Mapping[str, Any]) -> datetime | None:
    """Return the moment when it was written: WhatsApp tries for a week to bring a message."""
    stamp = _word(message, "timestamp")
    return datetime.fromtimestamp(int(stamp), UTC) if _SECONDS.fullmatch(stamp) else None


def _media(kind: str, message: Mapping[str, Any]) -> tuple[Media, ...]:
    content = message.get(kind)
    if kind not in MEDIA or not isinstance(content, dict) or not _word(content, "id"):
        return ()
    return (Media(MEDIA[kind], _word(content, "id"), _word(content, "mime_type")),)


def _text(kind: str, message: Mapping[str, Any]) -> str:
    """Return the words of a message or button, with a place or a card; a picture or a voice alone says ""."""
    content = message.get(kind)
    if not isinstance(content, dict):
        cards = _objects(message, kind) if kind == "contacts" else ()
        return "\n".join(word for card in cards for word in _card(card) if word)
    if kind == "text":
        return _word(content, "body")
    if kind == "button":
        return _word(content, "payload") or _word(content, "text")
    if kind == "interactive":
        pressed = content.get(_word(content, "type"))
        return _word(pressed, "id") if isinstance(pressed, dict) else ""
    if kind == "location":
        place = [_word(content, name) for name in ("name", "address")]
        return "\n".join(
            word for word in [*place, f"geo: {content.get('latitude')}, {content.get('longitude')}"] if word
        )
    return _word(content, "caption")


def _card(card: Mapping[str, Any]) -> Iterator[str]:
    """Return name and numbers of a contact that was sent along."""
    name = card.get("name")
    yield _word(name, "formatted_name") if isinstance(name, dict) else ""
    yield from (_word(number, "phone") for number in _objects(card, "phones"))


def _report(status: Mapping[str, Any]) -> Delivery | None:
    """Read a delivery report; None for a word we do not know, and for a message that is not of the outbox."""
    outbox_id, state = _word(status, "biz_opaque_callback_data"), STATES.get(_word(status, "status"))
    if not outbox_id or state is None:
        return None
    codes = [error.get("code") for error in _objects(status, "errors")]
    code = next((str(code) for code in codes if type(code) is int), "")
    return Delivery(outbox_id, state, code, closed=code == OUTSIDE_24_HOURS, reference=_word(status, "id"))


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
