"""Kannel's calls, row by row: what counts, what is forged, what is malformed, what its reports mean."""

from typing import Any

import pytest

from hotline.channels.contract import MAX_TEXT, Delivery, Forged, Inbound, Malformed, Request
from hotline.channels.kannel.channel import Kannel
from tests.channels.peers import PATIENCE

SECRET, ID, REPORTER = "word-of-the-gateway", "8c75cd1d-81a7-4c88-a3cd-41d7442c13cf", "+923000000099"


def kannel(url: str = "http://127.0.0.1:9/", **changed: Any) -> Kannel:
    settings = {"username": "hotline", "password": "pass", "secret": SECRET, "sender": "8398", "timeout": PATIENCE}
    return Kannel(url=url, public_url="https://hotline.example", **{**settings, **changed})


def call(
    body: bytes = "مدد".encode(), *, sender: str = REPORTER, secret: str = SECRET, query: str = ID,
    kind: str = "text/plain", time: str = "2026-11-27 08:21:37",
) -> Request:  # fmt: skip
    named = {"x-kannel-from": sender, "x-kannel-time": time, "content-type": kind}
    return Request("POST", "https://hotline.example/in/kannel", named, {}, {"id": [query]}, body, secret)


def report(secret: str = SECRET, **query: str) -> Request:
    return Request(
        "GET", "https://hotline.example/status/kannel", {}, {}, {k: [v] for k, v in query.items()}, b"", secret
    )


def said(text: str, peer: str = REPORTER, *, truncated: bool = False) -> list[Inbound]:
    return [Inbound("sms", f"kannel:{ID}", peer, text, truncated)]


@pytest.mark.parametrize(
    ("name", "request_", "expected"),
    [
        ("a tip", call(), said("مدد")),
        ("national spelling", call(sender="03000000099"), said("مدد")),
        ("no plus", call(sender="923000000099"), said("مدد")),
        ("two zeros", call(sender="00923000000099"), said("مدد")),
        ("a plus become a space", call(sender=" 923000000099"), said("مدد")),
        ("a name for a sender", call(sender="TELENOR"), said("مدد", "TELENOR")),
        ("a short code", call(sender="8300"), said("مدد", "8300")),
        ("nothing said", call(b""), said("")),
        ("another content type", call(kind="application/octet-stream"), said("مدد")),
        ("no UTF-8", call(b"a\xff"), said("a\ufffd")),
        ("half a surrogate", call(b"\xed\xa0\xbd"), said("\ufffd\ufffd\ufffd")),
        ("bidi controls", call("\u202eمدد".encode()), said("\u202eمدد")),
        ("a NUL", call(b"a\0b"), said("ab")),
        ("one megabyte", call(b"x" * 10**6), said("x" * MAX_TEXT, truncated=True)),
    ],
)  # fmt: skip
def test_what_counts(name: str, request_: Request, expected: list[Inbound]) -> None:
    assert kannel().receive(request_) == expected, name


@pytest.mark.parametrize("secret", ["", "word", SECRET + "x", "\udc80"])
def test_without_the_secret_nothing_is_read(secret: str) -> None:
    with pytest.raises(Forged):
        kannel().receive(call(secret=secret))
    with pytest.raises(Forged):
        kannel().delivery(report(secret, id="7f3c", type="1"))


def test_a_message_without_sender_is_named_by_the_field() -> None:
    with pytest.raises(Malformed, match="X-Kannel-From is missing"):
        kannel().receive(call(sender=" "))


@pytest.mark.parametrize("no_id", ["", "null", "(null)", "x" * 65])
def test_messages_without_an_id_do_not_collide_and_a_repeat_is_one(no_id: str) -> None:
    calls = [
        call(query=no_id), call(query=no_id, sender="+923000000098"), call(b"other", query=no_id),
        call(query=no_id, time="2026-11-27 09:00:00"),
    ]  # fmt: skip
    ids = [kannel().receive(each)[0].provider_id for each in calls]
    assert len(set(ids)) == len(calls)
    assert kannel().receive(calls[0])[0].provider_id == ids[0]


@pytest.mark.parametrize(
    ("kind", "state"),
    [("1", "delivered"), ("2", "failed"), ("4", "sent"), ("8", "sent"), ("16", "failed"), ("32", "sent")],
)
def test_what_its_reports_mean(kind: str, state: Any) -> None:
    assert kannel().delivery(report(id="7f3c", type=kind)) == [Delivery("7f3c", state)]


@pytest.mark.parametrize(
    ("query", "field"), [({"type": "1"}, "id"), ({"id": "7f3c"}, "type"), ({"id": "7f3c", "type": "64"}, "type")]
)
def test_a_report_that_cannot_be_read_names_the_field(query: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed, match=field):
        kannel().delivery(report(**query))


def test_it_is_answered_with_nothing_that_it_would_send_on() -> None:
    assert kannel().answer(call()).body == ""
