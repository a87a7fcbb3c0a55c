"""USSD by Africa's Talking's shape: all that was typed so far comes in, a screen goes out in the answer.

The provider signs nothing: the secret in the path proves it. Its notice of a session's end has an address of its own; a
hop that found us away is in it.
"""

import re

from hotline.channels import phone
from hotline.channels.contract import Answer, Hop, Inbound, Malformed, Request, Screen, clean, first, proven, required

CHANNEL = "ussd"
MAX_PEER = 64  # characters of a number, or of whatever stands for it
_SESSION = re.compile(r"[\x21-\x7e]{1,128}")


class AfricasTalking:
    """Receiver that shows screens. `secret`: what stands behind the provider's name in its address."""

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def receive(self, request: Request) -> list[Inbound]:
        """Return the hop, with all that was typed in the session. Raises Forged or Malformed."""
        proven(request, self._secret)
        if "text" not in request.form:
            raise Malformed("text is missing")
        typed = clean(first(request.form, "text"))
        return [_hop(request, typed, Hop(_session(request), "answer" if typed else "begin", joined=True))]

    def show(self, request: Request, screen: Screen) -> Answer:  # noqa: ARG002  others look at what they answer
        """Write the screen after the word that says whether the session goes on."""
        return Answer(("CON " if screen.goes_on else "END ") + screen.text)

    def answer(self, request: Request) -> Answer:  # noqa: ARG002
        """Answer nothing; it is never asked for, since each call is a hop."""
        return Answer()

    def delivery(self, request: Request) -> list[Inbound]:
        """Return the end of a session, with all that was typed in it. Raises Forged or Malformed.

        What was shown last, and how it ended, is not read.
        """
        proven(request, self._secret)
        return [_hop(request, clean(first(request.form, "input")), Hop(_session(request), "end", joined=True))]


def session_id(text: str, name: str) -> str:
    """Return the provider's id of a session. Raises Malformed naming the field."""
    if not _SESSION.fullmatch(text):
        raise Malformed(f"{name} is not an id")
    return text


def peer_of(text: str, name: str) -> str:
    """Return the number that dials, or what stands for it. Raises Malformed naming the field."""
    peer = phone.normalise(clean(text)) if len(text) <= MAX_PEER else ""
    if not peer:
        raise Malformed(f"{name} is not a number")
    return peer


def _session(request: Request) -> str:
    return session_id(required(request.form, "sessionId"), "sessionId")


def _hop(request: Request, typed: str, hop: Hop) -> Inbound:
    """Build a hop. What was typed only grows, so its length tells the hops of a session apart."""
    peer = peer_of(required(request.form, "phoneNumber"), "phoneNumber")
    return Inbound(CHANNEL, f"{hop.session} {len(typed)}", peer, typed, hop=hop)
