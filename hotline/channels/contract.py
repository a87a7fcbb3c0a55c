"""What every channel has in common: how it is read, how it sends, how it fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

MAX_TEXT = 4000  # characters kept of one message: 26 GSM or 59 Urdu SMS parts; the rest is cut and marked


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as a provider sent it, free of any web framework.

    `url` is the public URL as the provider called it (`HOTLINE_PUBLIC_URL` + path + query), never what a proxy shows.
    """

    method: str
    url: str
    headers: Mapping[str, str]  # names in lower case
    form: Mapping[str, list[str]]
    query: Mapping[str, list[str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from outside. `peer` is opaque (E.164 where the provider has one) and leaves memory only sealed."""

    channel: str  # "sms", "whatsapp", "telegram", "ussd", "webchat"
    provider_id: str  # unique within the channel, for ever
    peer: str = field(repr=False)
    text: str = field(repr=False)
    truncated: bool = False
    language: str | None = None  # chosen on the page the message was written on; None where a channel has no pages


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send. `id` is the outbox row's, which delivery reports come back with."""

    id: str
    channel: str
    address: str = field(repr=False)
    text: str = field(repr=False)


DeliveryState = Literal["sent", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's word on what became of an outbound message."""

    outbox_id: str
    state: DeliveryState
    detail: str = ""  # the provider's error code, never its text


class Forged(Exception):
    """Not signed by the provider: answered 403 with an empty body."""


class Malformed(Exception):
    """Signed, yet not a message we can read: answered 400. The text names the field, never its content."""


class SendError(Exception):
    """A send that did not succeed.

    `retryable`: trying again later may work. `unknown`: the gateway may have taken it (time-out after the request left).
    """

    def __init__(self, code: str, *, retryable: bool, unknown: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable
        self.unknown = unknown


class Receiver(Protocol):
    """A provider that calls us."""

    def receive(self, request: Request) -> list[Inbound]:
        """Authenticate and parse; raises Forged or Malformed. A call without a message in it gives []."""
        ...

    def delivery(self, request: Request) -> list[Delivery]:
        """Authenticate and parse a delivery report; raises Forged or Malformed."""
        ...


class Sender(Protocol):
    """A way out."""

    def send(self, message: Outbound) -> str:
        """Hand over to the gateway within its time-out; returns the gateway's reference. Raises SendError."""
        ...


def clip(text: str) -> tuple[str, bool]:
    """The text within MAX_TEXT, and whether something was cut. Lone surrogates (bad decoding) become U+FFFD."""
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")
    return clean[:MAX_TEXT], len(clean) > MAX_TEXT
