"""The contract of all channels: the messages that they bring and take, their methods and their errors."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

SCREEN = 160  # GSM-7 characters of a USSD screen, half as many in other letters: 182 and 80 pass, but not everywhere
MARK = "~"  # between the number that a button stands for and the question that it answers
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
    secret: str = field(default="", repr=False)  # the path behind the provider's name: `/in/kannel/<secret>`


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a provider's call, beside 200."""

    body: str = ""
    media_type: str = "text/plain"


MediaKind = Literal["image", "audio", "video", "document"]


@dataclass(frozen=True, slots=True)
class Media:
    """Something sent along that is no text, fetched later. `reference` is what the channel's own `fetch` takes."""

    kind: MediaKind
    reference: str = field(repr=False)
    media_type: str = ""  # as the sender claims; never believed


@dataclass(frozen=True, slots=True)
class Hop:
    """The place of a message in a session that is answered with screens (USSD).

    "end": the person or the network hung up.
    `joined`: the text is all that was typed in the session, joined by `*`; nothing of it is cut. `numbered`: a repeat
    comes with the same provider id; else the same words within moments are one hop.
    """

    session: str  # the provider's id of the session
    kind: Literal["begin", "answer", "end"]
    joined: bool = False
    numbered: bool = True
    room: int = SCREEN


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from outside. `peer` is opaque (E.164 where the provider has one) and leaves memory only sealed."""

    channel: str  # "sms", "whatsapp", "telegram", "ussd", "call", "webchat"
    provider_id: str  # unique within the channel, for ever
    peer: str = field(repr=False)
    text: str = field(repr=False)
    truncated: bool = False
    language: str | None = None  # chosen on the page the message was written on; None where a channel has no pages
    media: tuple[Media, ...] = ()
    hop: Hop | None = None  # of synchronous channels only
    edited: bool = False  # an earlier message was changed to this
    campaign: str = ""  # the code of the link that led here
    message_id: str = ""  # of channels that can delete it on both sides: by which name
    said_at: datetime | None = None  # where a provider tells, and may bring it late: the phone may be elsewhere by now


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer offered as a button or a key. Pressed, it comes back as an Inbound whose text is `answer`.

    `label`: a page's has at most 20 characters (WhatsApp's bound); `answer`: at most 64 bytes (Telegram's), such as
    `1 4821`. Providers keep buttons, and one of last week must not answer the question of today: what the public presses
    names its question too (`conversation.buttons`).
    """

    label: str
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send. `id` is the outbox row's, which delivery reports come back with.

    A channel without buttons leaves `choices` out: the text says by itself how to answer. One that draws them may leave
    out the lines that name them: `undrawn`. A text of "" is no message but a neutral word that there is one, for channels
    that let nothing else pass (WhatsApp after 24 hours). With `deletes` it is no message either, but the wish to have
    those, which the person wrote or got, deleted on both sides.
    """

    id: str
    channel: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    choices: tuple[Choice, ...] = ()
    opens: str = ""  # to the public: what is written on a list of choices before it is opened, at most 20 characters
    deletes: tuple[str, ...] = ()  # ids as in Inbound.message_id, or what `send` returned

    @property
    def undrawn(self) -> str:
        """Return the text without its last lines where those are the choices ("1 Forced work"): a channel draws them."""
        lines = "\n".join(f"{choice.answer.partition(MARK)[0]} {choice.label}" for choice in self.choices)
        return (self.text.removesuffix(lines).rstrip("\n") if lines else "") or self.text


DeliveryState = Literal["sent", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's word on what became of an outbound message."""

    outbox_id: str
    state: DeliveryState
    detail: str = ""  # the provider's error code, never its text
    closed: bool = False  # as in SendError
    reference: str = ""  # of the try that it speaks of, as `send` returned it, where the provider says


class Forged(Exception):
    """A call that is not signed by the provider: answered 403 with an empty body."""


class Malformed(Exception):
    """A call that is signed, yet no message we can read: answered 400. The text names the field, never its content."""


class SendError(Exception):
    """A send that did not succeed.

    `retryable`: trying again later may work. `unknown`: the gateway may have taken it (time-out after the request left).
    `wait`: seconds that the gateway asks for before the next try. `closed`: nothing was sent, and nothing can be until the
    person writes again (WhatsApp's 24 hours); a message to the public is held until then.
    """

    def __init__(
        self, code: str, *, retryable: bool, unknown: bool = False, wait: float = 0, closed: bool = False
    ) -> None:
        super().__init__(code)
        self.closed = closed
        self.code = code
        self.retryable = retryable
        self.unknown = unknown
        self.wait = wait


@runtime_checkable
class Receiver(Protocol):
    """A provider that calls us."""

    def receive(self, request: Request) -> Sequence[Inbound | Delivery]:
        """Authenticate and parse; raises Forged or Malformed. A call without a message in it gives [].

        Providers with one address for everything send delivery reports here too. Of many in one call, those that can't
        be read are left out and the others are given.
        """
        ...

    def answer(self, request: Request) -> Answer:
        """Build the answer to a call that was received and stored."""
        ...

    def delivery(self, request: Request) -> Sequence[Inbound | Delivery]:
        """Authenticate and parse a delivery report; raises Forged or Malformed.

        The notice of a session's end may bring words that did not get through before.
        """
        ...


@runtime_checkable
class Acknowledges(Protocol):
    """A provider that wants to hear something to a delivery report."""

    def acknowledge(self, request: Request) -> Answer:
        """Build the answer to a report that was received and stored."""
        ...


@runtime_checkable
class Challenged(Protocol):
    """A provider that tries our address with a GET before it uses it."""

    def challenge(self, request: Request) -> Answer:
        """Build the answer that proves who we are. Raises Forged."""
        ...


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen that a synchronous channel (USSD) shows in the answer to the very call that brought the message."""

    text: str
    goes_on: bool  # an answer is waited for; otherwise the session ends


@runtime_checkable
class Shows(Protocol):
    """A provider whose call is answered with a screen."""

    def show(self, request: Request, screen: Screen) -> Answer:
        """Write the screen in the provider's own shape."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that a provider kept for us. `media_type` is what its answer says, and is never believed."""

    body: bytes = field(repr=False)
    media_type: str = ""


@runtime_checkable
class Fetcher(Protocol):
    """A channel whose messages carry media that are fetched later."""

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch within the channel's time-out, at most `limit` bytes.

        Raises SendError: `too_large`, `gone` and the like.
        """
        ...


@runtime_checkable
class Sender(Protocol):
    """A provider that takes messages."""

    def send(self, message: Outbound) -> str:
        """Hand over to the gateway within its time-out; returns the gateway's reference. Raises SendError."""
        ...


def proven(request: Request, secret: str) -> str:
    """Return the part of the path behind the secret. Raises Forged."""
    given, _, behind = request.secret.partition("/")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise Forged
    return behind


def clip(text: str) -> tuple[str, bool]:
    """Cut a text to MAX_TEXT; returns whether something was cut, too. Lone surrogates (bad decoding) become U+FFFD."""
    whole = clean(text)
    return whole[:MAX_TEXT], len(whole) > MAX_TEXT


def clean(text: str) -> str:
    """Return the whole text, without NUL; lone surrogates become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def first(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the first value of a form's or query's field, or ""."""
    return next(iter(fields.get(name, ())), "")


def required(fields: Mapping[str, list[str]], name: str) -> str:
    """Return what `first` does. Raises Malformed if there is nothing in it."""
    value = first(fields, name)
    if not value.strip():
        raise Malformed(f"{name} is missing")
    return value
