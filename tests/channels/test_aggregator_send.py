"""Sending by an HTTP aggregator to peers that check what the real ones check, and what each failure means."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, request

from hotline.channels.contract import Outbound, SendError
from tests.channels.peers import Peer, patience
from tests.channels.test_aggregator_receive import aggregator

PAGE = Outbound("7f3c", "sms", "+923000000001", "P1 report 4821 Gujrat.")
URDU = Outbound("7f3c", "sms", "+923000000099", "مدد کریں")


class Jasmin(Peer):
    """Jasmin's /send: user, number, exactly one of content and hex-content, coding, the report's address."""

    address = ""

    def problem(self, path: str) -> Response | None:
        """What it refuses."""
        fields = self.fields()
        if (fields.get("username"), fields.get("password")) != ("hotline", "pass"):
            return Response('Error "Authentication failure for username:hotline"', 403)
        wrong = (
            path != "send" or not fields.get("to", "").lstrip("+").isdigit()
            or ("content" in fields) == ("hex-content" in fields) or (fields.get("coding") == "8") != ("hex-content" in fields)
            or (fields.get("dlr") == "yes" and not fields.get("dlr-url", "").startswith("http"))
        )  # fmt: skip
        return Response('Error "Argument is not valid"', 400) if wrong else None

    def fields(self) -> dict[str, Any]:
        """The form."""
        return dict(request.form.items())

    def receipt(self) -> dict[str, Any]:
        """Its answer is no JSON: see `call`."""
        return {}

    def call(self, path: str) -> Response:
        """Any request; a plain answer."""
        if self.next_answers:
            return super().call(path)
        problem = self.problem(path)
        if problem is None:
            self.taken.append(self.fields())
        return problem or Response('Success "07033084-5cfd-4812-90a4-e4d24ffb6e3d"', 200)


@pytest.fixture
def jasmin() -> Iterator[Jasmin]:
    """A local Jasmin."""
    peer = Jasmin()
    with peer.serve() as peer.address:
        yield peer


def send(peer: Jasmin, message: Outbound = PAGE, **changed: Any) -> str:
    sender = aggregator(url=f"{peer.address}/send", **changed)
    try:
        return sender.send(message)
    finally:
        sender.close()


def test_a_page_leaves_in_the_cheap_alphabet_and_says_where_to_report(jasmin: Jasmin) -> None:
    assert send(jasmin) == "07033084-5cfd-4812-90a4-e4d24ffb6e3d"
    [taken] = jasmin.taken
    assert (taken["to"], taken["from"], taken["content"], taken["coding"]) == ("923000000001", "8398", PAGE.text, "0")
    assert taken["dlr-url"] == "https://hotline.example/status/http/word-of-the-aggregator?id=7f3c"


def test_urdu_leaves_as_hexadecimal_digits(jasmin: Jasmin) -> None:
    send(jasmin, URDU)
    [taken] = jasmin.taken
    assert (bytes.fromhex(taken["hex-content"]).decode("utf-16-be"), taken["coding"]) == (URDU.text, "8")
    assert "content" not in taken


@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("an error that says well done", (200, 'Error "No route"'), ("not_accepted", True, False)),
        ("nothing said", (200, ""), ("not_accepted", True, False)),
        ("no credit", (403, 'Error "Cannot send"'), ("http_403", True, False)),
        ("a proxy spoke", (502, "<html>"), ("http_502", True, True)),
        ("a bad number", (400, 'Error "to"'), ("http_400", False, False)),
        ("no answer in time", None, ("timeout", True, True)),
    ],
)
def test_what_a_failure_means(
    jasmin: Jasmin, name: str, answer: tuple[int, Any] | None, expected: tuple[str, bool, bool]
) -> None:
    jasmin.next_answers.append(answer)
    with pytest.raises(SendError) as raised:
        send(jasmin, timeout=patience(answer))
    assert (raised.value.code, raised.value.retryable, raised.value.unknown) == expected, name


def test_nobody_there() -> None:
    with pytest.raises(SendError) as raised:
        aggregator().send(PAGE)
    assert (raised.value.code, raised.value.retryable, raised.value.unknown) == ("unreachable", True, False)


class M3Tech(Jasmin):
    """Parameters in the query of a POST; the answer is a code."""

    def problem(self, path: str) -> Response | None:
        """What it refuses."""
        fields = self.fields()
        whole = {
            "UserId",
            "Password",
            "MobileNo",
            "MsgId",
            "SMS",
            "MsgHeader",
            "SMSType",
            "HandsetPort",
        } <= fields.keys()
        return None if whole and fields["UserId"] == "hotline" and not request.get_data() else Response("4", 200)

    def fields(self) -> dict[str, Any]:
        """The query."""
        return dict(request.args.items())

    def call(self, path: str) -> Response:
        """A code."""
        answer = super().call(path)
        return Response("00", 200) if answer.get_data(as_text=True).startswith("Success") else answer


@pytest.mark.parametrize(("message", "kind"), [(PAGE, "0"), (URDU, "1")])
def test_m3tech_takes_a_query_and_our_own_id(message: Outbound, kind: str) -> None:
    peer = M3Tech()
    with peer.serve() as peer.address:
        sender = aggregator("m3tech", url=f"{peer.address}/send")
        assert sender.send(message) == "7f3c"
        peer.next_answers.append((200, "4"))
        with pytest.raises(SendError):
            sender.send(message)
        sender.close()
    assert (peer.taken[0]["SMS"], peer.taken[0]["SMSType"], peer.taken[0]["MsgId"]) == (message.text, kind, "7f3c")
