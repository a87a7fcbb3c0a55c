"""USSD by JSON: the last input and the session's id come in, a screen goes out in the answer.

One address for several providers, whose shapes are mappings; which one a call has is told by its fields. One more provider
is one more `Shape`. None of them signs: the secret in the path proves it.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hotline.channels.contract import SCREEN, Answer, Delivery, Hop, Inbound, Malformed, Request, Screen, clip, proven
from hotline.channels.ussd.africastalking import CHANNEL, peer_of, session_id

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """One provider's way to write a hop: the names of its fields, its words for where a session stands, its answer."""

    session: str
    peer: str
    text: str
    kind: str  # by this field the shape is recognised
    kinds: Mapping[str, Literal["begin", "answer", "end"]]  # in lower case
    answer: Callable[[Fields, Screen], Fields]
    number: str = ""  # the field that counts the hops of a session, where there is one
    room: int = SCREEN


def _hubtel(fields: Fields, screen: Screen) -> Fields:
    return {
        "SessionId": fields["SessionId"],
        "Type": "response" if screen.goes_on else "release",
        "Message": screen.text,
        "Label": screen.text.partition("\n")[0],
        "ClientState": "",
        "DataType": "input" if screen.goes_on else "display",
        "FieldType": "text",
    }


def _nalo(fields: Fields, screen: Screen) -> Fields:
    who = {"USERID": fields.get("USERID"), "MSISDN": fields.get("MSISDN")}
    return who | {"MSG": screen.text, "MSGTYPE": screen.goes_on}


def _infobip(_fields: Fields, screen: Screen) -> Fields:
    shown = {"shouldClose": not screen.goes_on, "ussdMenu": screen.text}
    return shown | {"responseExitCode": 200, "responseMessage": ""}


SHAPES = (
    Shape(
        "SessionId", "Mobile", "Message", "Type",
        {"initiation": "begin", "response": "answer", "release": "end", "timeout": "end", "hijacksession": "end"},
        _hubtel, number="Sequence",
    ),
    Shape("SESSIONID", "MSISDN", "USERDATA", "MSGTYPE", {"true": "begin", "false": "answer"}, _nalo, room=120),
    # Infobip says by the path what others say by fields: …/session/<id>/start
    Shape("sessionId", "msisdn", "text", "step", {"start": "begin", "response": "answer", "end": "end"}, _infobip),
)  # fmt: skip


class JsonUssd:
    """Receiver that shows screens. `secret`: what stands behind the provider's name in its address."""

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def receive(self, request: Request) -> list[Inbound]:
        """Return the hop; [] for the end of a session, which changes nothing. Raises Forged or Malformed.

        A provider that does not count its hops gives no id that a repeat would have too: `Hop.numbered`.
        """
        fields = _fields(request, proven(request, self._secret))
        shape = _shape(fields)
        kind = shape.kinds.get(str(fields[shape.kind]).lower())
        if kind is None:
            raise Malformed(f"{shape.kind} is not one we know")
        session = session_id(_text(fields, shape.session), shape.session)
        if kind == "end":
            return []
        numbered = shape.number in fields
        number = _text(fields, shape.number) if numbered else uuid.uuid4().hex
        hop = Hop(session, kind, numbered=numbered, room=shape.room)
        peer, text = peer_of(_text(fields, shape.peer), shape.peer), clip(_text(fields, shape.text, ""))
        return [Inbound(CHANNEL, f"{session} {number}", peer, *text, hop=hop)]

    def show(self, request: Request, screen: Screen) -> Answer:
        """Write the screen as the provider of this call wants it."""
        fields = _fields(request, proven(request, self._secret))
        return Answer(json.dumps(_shape(fields).answer(fields, screen), ensure_ascii=False), "application/json")

    def answer(self, request: Request) -> Answer:
        """Answer the end of a session in the same shape, with nothing on the screen."""
        return self.show(request, Screen("", goes_on=False))

    def delivery(self, request: Request) -> list[Delivery]:
        """Refuse: these gateways report no delivery."""
        proven(request, self._secret)
        return []


def _fields(request: Request, path: str) -> dict[str, Any]:
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is no JSON") from error
    if not isinstance(fields, dict):
        raise Malformed("the body is no object")
    match path.split("/"):
        case ["session", session, step]:
            return fields | {"sessionId": session, "step": step}
        case _:
            return fields


def _shape(fields: Fields) -> Shape:
    found = next((shape for shape in SHAPES if shape.kind in fields), None)
    if found is None:
        raise Malformed("no shape that we know: Type, MSGTYPE or session/<id>/<step> is missing")
    return found


def _text(fields: Fields, name: str, instead: str | None = None) -> str:
    """Return a field that may be written as a number too. Raises Malformed."""
    value = fields.get(name, instead)
    if value is None and instead is not None:
        return instead
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed(f"{name} is missing or no text")
    return str(value)
