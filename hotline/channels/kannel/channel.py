"""Kannel: SMS of an operator or aggregator through a gateway of our own. Texts in, texts out, delivery reports.

Kannel signs nothing: the secret in the path proves it. It loses what it may not repeat, so its `http-request-retry` must
be high, and it is answered only after the commit. Texts go in the body of a POST both ways, never in an address: Kannel
writes addresses to its access log.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from hotline.channels import phone
from hotline.channels.contract import (
    Answer,
    Delivery,
    DeliveryState,
    Inbound,
    Malformed,
    Outbound,
    Request,
    clip,
    first,
    proven,
    required,
)

if TYPE_CHECKING:
    from hotline.channels.kannel.api import KannelApi

CHANNEL = "sms"
STATUS_PATH = "/status/kannel"
SENDER, TIME = "x-kannel-from", "x-kannel-time"
_ID = re.compile(r"[\x21-\x7e]{1,64}")
_NO_ID = frozenset({"null", "(null)", "none"})

# Kannel's types of reports to ours. They come in any order, and repeat; the outbox moves forward only.
STATES: Mapping[str, DeliveryState] = {
    "1": "delivered",
    "2": "failed",
    "4": "sent",  # buffered: the phone is off
    "8": "sent",  # taken by the operator
    "16": "failed",  # refused by the operator
    "32": "sent",  # news on the way
}


class Kannel:
    """Receiver and Sender over one Kannel. The arguments are settings; `timeout` is in seconds."""

    def __init__(
        self, *, url: str, username: str, password: str, secret: str, public_url: str, sender: str = "",
        timeout: float = 10.0,
    ) -> None:  # fmt: skip
        self._secret = secret
        self._status_url = f"{public_url.rstrip('/')}{STATUS_PATH}/{quote(secret, safe='')}"
        self._account = (url, username, password, sender, timeout)
        self._api: KannelApi | None = None

    def receive(self, request: Request) -> list[Inbound]:
        """Return the text of a `post-url` with `?id=%I`. Raises Forged or Malformed.

        What is no UTF-8 is kept with marks.
        """
        proven(request, self._secret)
        sender = request.headers.get(SENDER, "")
        if not sender.strip():
            raise Malformed("X-Kannel-From is missing")
        text, truncated = clip(request.body.decode("utf-8", "replace"))
        return [Inbound(CHANNEL, _provider_id(request, sender), phone.normalise(sender), text, truncated)]

    def answer(self, request: Request) -> Answer:  # noqa: ARG002  others look at what they answer
        """Answer nothing: any text would be sent to the person as a reply."""
        return Answer()

    def delivery(self, request: Request) -> list[Delivery]:
        """Return what became of the message that `id` in the query names. Raises Forged or Malformed."""
        proven(request, self._secret)
        outbox_id = required(request.query, "id").strip()
        state = STATES.get(required(request.query, "type").strip())
        if state is None:
            raise Malformed("type is not one we know")
        return [Delivery(outbox_id, state)]

    def send(self, message: Outbound) -> str:
        """Hand `message` to Kannel; returns the row's id, which its reports name.

        Raises SendError, see `kannel/api.py`.
        """
        if self._api is None:
            from hotline.channels.kannel.api import KannelApi  # noqa: PLC0415  an HTTP client that only senders need

            self._api = KannelApi(*self._account)
        # %d is Kannel's own place for the type of the report.
        return self._api.send(message, f"{self._status_url}?id={quote(message.id, safe='')}&type=%d")

    def close(self) -> None:
        """End the connections. A process that ends need not."""
        if self._api is not None:
            self._api.close()


def _provider_id(request: Request, sender: str) -> str:
    """Return Kannel's id of the message; without one, a digest of who wrote what when: none collides with another's."""
    given = first(request.query, "id").strip()
    if _ID.fullmatch(given) and given.lower() not in _NO_ID:
        return f"kannel:{given}"
    parts = (sender.encode("utf-8", "replace"), request.headers.get(TIME, "").encode("utf-8", "replace"), request.body)
    return "kannel:" + hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
