"""The channel of drills: a reporter and an officer that are this program, on the way that everybody's messages go.

Both call `/in/drill` at the public address, as a provider would; each call is signed, so that nobody else can.
"""

import hmac
import json
import re
import urllib.request
from collections.abc import Callable, Sequence
from secrets import token_hex

from hotline.channels.contract import Answer, Delivery, Forged, Inbound, Malformed, Outbound, Request, SendError

CHANNEL = "drill"
CIRCLE = "drill"  # no district belongs to it, and no figure counts it
ROBOT = "robot"  # the officer's address
TIMEOUT = 10.0  # seconds
SIGNATURE = "x-hotline-signature"
_PAGE = re.compile(r"Reply 1 (\d{4,6}) to ")


class DrillLine:
    """Receiver and Sender. `secret`: of `hotline keys new`; `public_url`: where everybody calls, with `post`."""

    def __init__(self, secret: bytes, public_url: str, post: Callable[[str, bytes, str], None] | None = None) -> None:
        self._secret, self._url = secret, f"{public_url.rstrip('/')}/in/{CHANNEL}"
        self._post = post or _post

    def receive(self, request: Request) -> Sequence[Inbound | Delivery]:
        """Return the one message of a call. Raises Forged or Malformed."""
        if not hmac.compare_digest(request.headers.get(SIGNATURE, "").encode(), self._sign(request.body).encode()):
            raise Forged
        try:
            fields = json.loads(request.body)
            said = [fields[name] for name in ("id", "from", "text")]
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("body is not a drill") from error
        if not all(isinstance(value, str) for value in said):
            raise Malformed("body is not a drill")
        return [Inbound(CHANNEL, *said)]

    def answer(self, _request: Request) -> Answer:
        """Answer 200 and nothing else."""
        return Answer()

    def delivery(self, _request: Request) -> Sequence[Delivery]:
        """Refuse: a drill has no delivery reports. Raises Forged."""
        raise Forged

    def send(self, message: Outbound) -> str:
        """Answer a page as the robot officer would; whatever else it is told, it hears and says nothing."""
        page = _PAGE.search(message.text)
        if page is not None:
            # named after the message, so that a repeated send is a repeated answer
            self.call(ROBOT, f"1 {page[1]}", f"answer-{message.id}")
        return "heard"

    def call(self, peer: str, text: str, message_id: str = "") -> None:
        """Call the hotline at its public address. Raises SendError."""
        body = json.dumps({"id": message_id or token_hex(16), "from": peer, "text": text}).encode()
        try:
            self._post(self._url, body, self._sign(body))
        except OSError as error:
            raise SendError("unreachable", retryable=True) from error

    def _sign(self, body: bytes) -> str:
        return hmac.new(self._secret, body, "sha256").hexdigest()


def _post(url: str, body: bytes, signature: str) -> None:
    headers = {SIGNATURE: signature, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # the operator's own setting
    urllib.request.urlopen(request, timeout=TIMEOUT).close()  # noqa: S310
