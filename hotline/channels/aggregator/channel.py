"""SMS by any aggregator that speaks HTTP: its names for things are a mapping (`mapping`), all else is the same.

None of them signs: the secret in the path proves it. Without an id of the message, sender, text and time stand for it, the
provider's own or, in steps of five minutes, ours: so two that say the same in one step are one, and the second is
counted on the row of the first (`repeats`). Over the edge of a step a repeat is a message of its own: rather that than
one lost.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hotline.channels import gsm7, phone
from hotline.channels.aggregator.mapping import Aggregator, Where
from hotline.channels.contract import (
    Answer,
    Delivery,
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
    from hotline.channels.aggregator.api import AggregatorApi

CHANNEL = "sms"
STATUS_PATH = "/status/http"
STEP = 300  # seconds
LETTERS = {"1": "ascii", "3": "latin-1", "8": "utf-16-be"}  # SMPP's data coding; any other is the operator's GSM-7
NO_ID = frozenset({"", "0", "-1", "null", "(null)", "none", "nil", "undefined"})
_ID = re.compile(r"[\x21-\x7e]{1,128}")


class HttpAggregator:
    """Receiver and Sender over one account. The arguments are settings; `clock` gives seconds since 1970."""

    def __init__(
        self, *, mapping: Aggregator, url: str, secret: str, public_url: str, username: str = "", password: str = "",
        sender: str = "", timeout: float = 10.0, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._mapping, self._secret, self._clock = mapping, secret, clock
        self._status_url = f"{public_url.rstrip('/')}{STATUS_PATH}/{quote(secret, safe='')}"
        self._account = (mapping.out, url, username, password, sender, timeout)
        self._api: AggregatorApi | None = None

    def receive(self, request: Request) -> list[Inbound]:
        """Return the one message of a call. Raises Forged, or Malformed naming the parameter."""
        proven(request, self._secret)
        names = self._mapping.incoming
        fields = _fields(request, names.where)
        sender = required(fields, names.sender)
        said = first(fields, names.text)
        binary = first(fields, names.binary.field).strip() if names.binary else ""
        if names.binary and binary:
            said = _octets(binary, first(fields, names.binary.coding).strip(), names.binary.field)
        text, truncated = clip(said)
        return [Inbound(CHANNEL, self._provider_id(fields, sender, said), phone.normalise(sender), text, truncated)]

    def answer(self, request: Request) -> Answer:  # noqa: ARG002  others look at what they answer
        """Answer what the aggregator wants to hear, and nothing that it would send on."""
        return Answer(self._mapping.incoming.answer)

    def delivery(self, request: Request) -> list[Delivery]:
        """Return what became of the message that `id` in the query names. Raises Forged or Malformed."""
        proven(request, self._secret)
        names = self._mapping.status
        outbox_id = required(request.query, "id").strip()
        word = required(_fields(request, names.where), names.state).strip()
        state = names.states.get(word) or names.other
        if state is None:
            raise Malformed(f"{names.state} is not one we know")
        return [Delivery(outbox_id, state)]

    def acknowledge(self, request: Request) -> Answer:  # noqa: ARG002
        """Answer a report as the aggregator wants."""
        return Answer(self._mapping.status.answer)

    def send(self, message: Outbound) -> str:
        """Hand `message` over; returns the aggregator's reference. Raises SendError, see `aggregator/api.py`."""
        if self._api is None:
            from hotline.channels.aggregator.api import AggregatorApi  # noqa: PLC0415  a client that only senders need

            self._api = AggregatorApi(*self._account)
        return self._api.send(message, f"{self._status_url}?id={quote(message.id, safe='')}")

    def close(self) -> None:
        """End the connections. A process that ends need not."""
        if self._api is not None:
            self._api.close()

    def _provider_id(self, fields: Mapping[str, list[str]], sender: str, said: str) -> str:
        names = self._mapping.incoming
        given = first(fields, names.id).strip() if names.id else ""
        if given.lower() not in NO_ID and _ID.fullmatch(given):
            return f"http:{given}"
        when = first(fields, names.time).strip() if names.time else ""
        parts = (phone.normalise(sender), said, when or str(int(self._clock() // STEP)))
        digests = b"".join(hashlib.sha256(part.encode("utf-8", "replace")).digest() for part in parts)
        return "http:" + hashlib.sha256(digests).hexdigest()


def _fields(request: Request, where: Where) -> Mapping[str, list[str]]:
    if where == "query":
        return request.query
    if where == "form":
        return request.form
    try:
        data: Any = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is no JSON") from error
    if not isinstance(data, dict):
        raise Malformed("the body is no object")
    known = {name: value for name, value in data.items() if isinstance(value, str | int) and value is not True}
    return {name: [str(value)] for name, value in known.items()}


def _octets(digits: str, coding: str, field: str) -> str:
    """Return a text from its octets in hexadecimal digits."""
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        raise Malformed(f"{field} is not hexadecimal") from None
    letters = LETTERS.get(coding)
    return octets.decode(letters, "replace") if letters else gsm7.decode(octets)
