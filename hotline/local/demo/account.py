"""One account at the stand-in for Twilio: its messages, the phones it reaches, and its calls to the hotline."""

import base64
import queue
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Literal, TypeVar
from xml.etree.ElementTree import ParseError

from hotline.local.demo.faults import Faults
from hotline.local.demo.lines import PICKED_UP, Call, PhoneLines, first_step
from hotline.local.demo.webhook import Webhook

Found = TypeVar("Found")

KEPT = 2000  # messages; the oldest go first
REPORTER = "+923000000099"
# Twilio takes these words itself: it passes them on, and from then on refuses to text that number (21610).
OPT_OUT = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit"}
OPT_IN = {"start", "unstop", "yes"}


@dataclass(slots=True)
class DemoMessage:
    """One SMS as a phone shows it. `number` is the phone's; "in" went to the hotline, "out" came from it.

    "call" is a call that came from it; `text` is what was heard.
    """

    sid: str
    direction: Literal["in", "out", "call"]
    number: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime
    status: str


class DemoAccount(Faults, PhoneLines):
    """The stand-in's account, without its web side.

    `hotline` is where webhooks are posted to; `public_url` what they are signed for, if the hotline believes to be
    elsewhere. `phones` maps names to E.164 numbers. Safe to use from several threads.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        senders: Sequence[str],
        hotline: str = "",
        public_url: str | None = None,
        phones: Mapping[str, str] | None = None,
    ) -> None:
        Faults.__init__(self)
        PhoneLines.__init__(self)
        self.account_sid, self.auth_token, self.senders = account_sid, auth_token, tuple(senders)
        self.names = {number: name for name, number in (phones or {}).items()} | {REPORTER: "A reporter"}
        self.opted_out: set[str] = set()
        self.contents: dict[str, str] = {}  # sid -> an approved content's text, its variables as {{1}}
        self.calls: Counter[int] = Counter()  # API answers by HTTP status; a dropped call counts as 0
        self.callbacks: list[tuple[str, str, int]] = []  # URL, status, the hotline's answer (0: unreachable)
        self._messages: deque[DemoMessage] = deque(maxlen=KEPT)
        self.connect(hotline, public_url)
        self._changed = threading.Condition()
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def connect(self, hotline: str, public_url: str | None = None) -> None:
        """Call the hotline here from now on (in tests either side may be the first to know its address)."""
        self._webhook = Webhook(self.auth_token, hotline, public_url or hotline)

    # What the phones show.

    def messages(self) -> list[DemoMessage]:
        """All messages of all phones, oldest first."""
        with self._changed:
            return list(self._messages)

    def messages_to(self, number: str) -> list[str]:
        """The texts that this phone has got, oldest first."""
        return [message.text for message in self.messages() if message.number == number and message.direction == "out"]

    def calls_to(self, number: str) -> list[str]:
        """Return what this phone has heard in each call that is over, oldest first; "" where nobody picked up."""
        return [message.text for message in self.messages() if message.number == number and message.direction == "call"]

    def wait_for(self, predicate: Callable[[], Found], timeout: float = 10.0) -> Found:
        """The first true answer of `predicate`, asked again whenever something happens here. Raises TimeoutError."""
        with self._changed:
            found = self._changed.wait_for(predicate, timeout)
        if not found:
            raise TimeoutError(
                f"not within {timeout} s; {len(self._messages)} messages, API answers {dict(self.calls)}"
            )
        return found

    # What the phones do.

    def text(self, number: str, body: str, **changed: str) -> int:
        """Text the hotline as this phone; returns its HTTP status, 0 if it can't be reached.

        `changed` sets or replaces fields of the webhook before it is signed.
        """
        word = body.strip().lower()
        if word in OPT_OUT | OPT_IN:
            (self.opted_out.add if word in OPT_OUT else self.opted_out.discard)(number)
        message = DemoMessage(new_sid(), "in", number, body, datetime.now(UTC), "received")
        self.keep(message)
        if self.due("lose"):
            return 0
        status = self._webhook.post("/in/twilio", self._inbound_fields(message) | changed)
        message.status = "received" if status == 200 else "not taken"
        self.changed()
        return status

    def _inbound_fields(self, message: DemoMessage) -> dict[str, str]:
        return {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "SmsStatus": "received",
            "From": message.number,
            "To": self.reached_by(message.number),
            "Body": message.text,
            "NumMedia": "0",
            "NumSegments": "1",
            "FromCountry": "PK",
        }

    def reached_by(self, number: str) -> str:
        """Our sender of the same channel."""
        prefix = number.partition("+")[0]
        return next((sender for sender in self.senders if sender.startswith(prefix)), self.senders[0])

    # The other half of the API (see `api.py`): what it takes in, and the reports that follow.

    def keep(self, message: DemoMessage) -> None:
        """Put a message on its phone."""
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def answered(self, status: int) -> None:
        """Count an answer of the API."""
        with self._changed:
            self.calls[status] += 1
            self._changed.notify_all()

    def changed(self) -> None:
        """Wake those who wait."""
        with self._changed:
            self._changed.notify_all()

    def report(self, message: DemoMessage, url: str) -> None:
        """Send the status callbacks of a message that was taken, in the background and in order."""
        self._tasks.put(partial(self._send_reports, message, url))

    def ring(self, call: Call) -> None:
        """Make a call that was taken, in the background and in order."""
        self._tasks.put(partial(self._ring, call))

    def send_reports(self) -> None:
        """Send the reports and make the calls that come up, until `close`: a thread's work."""
        while (task := self._tasks.get()) is not None:
            task()

    def _send_reports(self, message: DemoMessage, url: str) -> None:
        error = self.undelivered_numbers.get(message.number)
        self._send_report(message, url, "sent")
        self._send_report(message, url, "undelivered" if error else "delivered", error)

    def _ring(self, call: Call) -> None:
        habit = self.habit(call.number)
        if habit.outcome in PICKED_UP:
            if call.detection_url:
                self._call_report(call, call.detection_url, {"AnsweredBy": habit.outcome})
            self._talk(call, habit.keys if habit.outcome == "human" else "")
        status = "completed" if habit.outcome in PICKED_UP else habit.outcome
        self.keep(DemoMessage(call.sid, "call", call.number, " ".join(call.heard), datetime.now(UTC), status))
        if call.status_url:
            self._call_report(call, call.status_url, {"CallStatus": status})

    def _talk(self, call: Call, keys: str) -> None:
        twiml, pressing = call.twiml, iter(keys)
        while True:
            try:
                step = first_step(twiml)
            except ParseError:  # Twilio says that an application error has occurred, and hangs up
                return
            call.heard += step.said
            key = next(pressing, None) if step.action else None
            if key is None:
                return
            _, twiml = self._webhook.converse(step.action, self._call_fields(call) | {"Digits": key})

    def _call_report(self, call: Call, url: str, fields: dict[str, str]) -> None:
        answer = self._webhook.post_to(url, self._call_fields(call) | fields)
        with self._changed:
            self.callbacks.append((url, next(iter(fields.values())), answer))
            self._changed.notify_all()

    def _call_fields(self, call: Call) -> dict[str, str]:
        return {
            "CallSid": call.sid,
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "Direction": "outbound-api",
            "CallStatus": "in-progress",
            "From": call.sender,
            "To": call.number,
        }

    def _send_report(self, message: DemoMessage, url: str, status: str, error: int | None = None) -> None:
        message.status = status
        fields = {"MessageSid": message.sid, "MessageStatus": status, "SmsStatus": status}
        fields |= {"To": message.number, "From": self.senders[0], "AccountSid": self.account_sid}
        if error:
            fields["ErrorCode"] = str(error)
        answer = self._webhook.post_to(url, fields)
        with self._changed:
            self.callbacks.append((url, status, answer))
            self._changed.notify_all()

    def close(self) -> None:
        """End `send_reports` and every delay."""
        self.closing.set()
        self._tasks.put(None)

    def authorised(self, header: str) -> bool:
        """Tell whether this is the account's own HTTP basic authorisation."""
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        return secrets.compare_digest(header.encode(), f"Basic {expected}".encode())


def new_sid(kind: str = "SM") -> str:
    """An id as Twilio makes them: SM for a message, CA for a call."""
    return f"{kind}{secrets.token_hex(16)}"
