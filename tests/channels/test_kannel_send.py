"""Sending by Kannel against a local smsbox: what it is told, and what each failure means."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, request

from hotline.channels.contract import Outbound, Sender, SendError
from hotline.channels.sms_routes import SmsRoutes
from tests.channels.peers import Peer, patience
from tests.channels.test_kannel_receive import kannel

PAGE = Outbound("7f3c", "sms", "+923000000001", "P1 report 4821 Gujrat.")


class Smsbox(Peer):
    """Kannel's: checks user, number and coding; takes the text from the body."""

    def problem(self, path: str) -> Response | None:
        """What smsbox refuses."""
        named = (request.headers.get("X-Kannel-Username"), request.headers.get("X-Kannel-Password"))
        if path != "cgi-bin/sendsms" or named != ("hotline", "pass"):
            return Response("Authorization failed for sendsms", 403)
        if not request.headers.get("X-Kannel-To", "").lstrip("+").isdigit():
            return Response("Not routable. Do not try again.", 404)
        return None

    def receipt(self) -> dict[str, Any]:
        """Its answer is no JSON: see `call`."""
        return {}

    def fields(self) -> dict[str, Any]:
        """Headers and body."""
        return {**dict(request.headers.items()), "text": request.get_data().decode()}

    def call(self, path: str) -> Response:
        """Any request; a plain answer."""
        if self.next_answers:
            return super().call(path)
        problem = self.problem(path)
        if problem is not None:
            return problem
        self.taken.append(self.fields())
        return Response("0: Accepted for delivery", 202)


@pytest.fixture
def smsbox() -> Iterator[Smsbox]:
    """A local smsbox."""
    peer = Smsbox()
    with peer.serve() as address:
        peer.address = address  # type: ignore[attr-defined]
        yield peer


def gateway(peer: Smsbox, **changed: Any) -> Sender:
    return kannel(f"{peer.address}/cgi-bin/sendsms", **changed)  # type: ignore[attr-defined]


def test_a_page_leaves_in_the_cheap_alphabet_and_nothing_of_it_stands_in_the_address(smsbox: Smsbox) -> None:
    assert gateway(smsbox).send(PAGE) == "7f3c"
    [taken] = smsbox.taken
    assert (taken["text"], taken["X-Kannel-Coding"], taken["X-Kannel-From"]) == (PAGE.text, "0", "8398")
    assert taken["X-Kannel-Dlr-Url"] == ("https://hotline.example/status/kannel/word-of-the-gateway?id=7f3c&type=%d")


def test_urdu_leaves_as_it_is(smsbox: Smsbox) -> None:
    gateway(smsbox).send(Outbound("1", "sms", "+923000000099", "مدد کریں"))
    assert (smsbox.taken[0]["text"], smsbox.taken[0]["X-Kannel-Coding"]) == ("مدد کریں", "2")


@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("an error that says well done", (202, "Missing user"), ("not_accepted", True, False)),
        ("nothing said", (200, ""), ("not_accepted", True, False)),
        ("its queue is full", (503, "Temporal failure, try again later."), ("http_503", True, False)),
        ("a proxy spoke", (502, "<html>"), ("http_502", True, True)),
        ("not routable", (404, "Not routable. Do not try again."), ("http_404", False, False)),
        ("no answer in time", None, ("timeout", True, True)),
    ],
)
def test_what_a_failure_means(
    smsbox: Smsbox, name: str, answer: tuple[int, Any] | None, expected: tuple[str, bool, bool]
) -> None:
    smsbox.next_answers.append(answer)
    with pytest.raises(SendError) as raised:
        gateway(smsbox, timeout=patience(answer)).send(PAGE)
    assert (raised.value.code, raised.value.retryable, raised.value.unknown) == expected, name


def test_a_message_that_waits_for_an_operator_counts_as_taken(smsbox: Smsbox) -> None:
    smsbox.next_answers.append((202, "3: Queued for later delivery"))
    assert gateway(smsbox).send(PAGE) == "7f3c"


def test_a_wrong_password_is_for_the_operator_to_mend(smsbox: Smsbox) -> None:
    with pytest.raises(SendError) as raised:
        gateway(smsbox, password="old").send(PAGE)
    assert (raised.value.code, raised.value.retryable) == ("http_403", True)


def test_an_address_that_no_header_takes_is_given_up(smsbox: Smsbox) -> None:
    with pytest.raises(SendError) as raised:
        gateway(smsbox).send(Outbound("1", "sms", "ٹیلی", "x"))
    assert (raised.value.code, raised.value.retryable) == ("address", False)


def test_nobody_there() -> None:
    with pytest.raises(SendError) as raised:
        kannel().send(PAGE)
    assert (raised.value.code, raised.value.retryable, raised.value.unknown) == ("unreachable", True, False)


class Noted:
    """A gateway that notes whom it sent to."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: Outbound) -> str:
        """Take it."""
        self.sent.append(message.address)
        return "ref"


def test_pakistan_by_the_gateway_at_home_and_the_world_by_the_other() -> None:
    home, abroad = Noted(), Noted()
    for address in ("+923000000099", "03000000099", "8300", "TELENOR", "+393331234567"):
        SmsRoutes(home, abroad).send(Outbound("1", "sms", address, "x"))
    assert (home.sent, abroad.sent) == (["+923000000099", "03000000099", "8300", "TELENOR"], ["+393331234567"])
