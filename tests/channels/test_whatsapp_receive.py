"""WhatsApp's webhooks, row by row: what counts, what is forged, what is malformed, what is left out."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import MAX_TEXT, Delivery, Forged, Inbound, Malformed, Media, Request
from hotline.channels.whatsapp.channel import SIGNATURE_HEADER, WhatsApp
from tests.channels.peers import BEARER, PATIENCE, PHONE_ID
from tests.channels.test_telegram_receive import JSON

APP_SECRET, VERIFY = "secret-of-the-app", "word-of-the-operator"
AMNA, WAMID = "+923000000001", "wamid.HBgM="
SAID = datetime(2033, 5, 18, tzinfo=UTC)  # a sender whose clock is ahead: of today's message, whatever today is


def whatsapp(api_url: str | None = None, **changed: Any) -> WhatsApp:
    settings = {"token": BEARER, "app_secret": APP_SECRET, "verify_token": VERIFY, "phone_id": PHONE_ID}
    return WhatsApp(**{**settings, "page_template": "duty_page", "api_url": api_url, "timeout": PATIENCE, **changed})


def call(body: Any, signature: str | None = None) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    genuine = "sha256=" + hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", SIGNATURE_HEADER: genuine if signature is None else signature}
    return Request("POST", "https://hotline.example/in/whatsapp", headers, {}, {}, raw)


def webhook(*messages: Any, statuses: Any = ()) -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": PHONE_ID},
        "contacts": [{"profile": {"name": "Someone"}, "wa_id": "923000000001"}],
        "messages": list(messages),
        "statuses": list(statuses),
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


def message(kind: str = "text", content: Any = None, sender: Any = "923000000001", **changed: Any) -> dict[str, Any]:
    return {"from": sender, "id": WAMID, "timestamp": str(int(SAID.timestamp())), "type": kind, kind: content} | changed


def status(word: str, **changed: Any) -> dict[str, Any]:
    return {"id": WAMID, "status": word, "recipient_id": "923000000001", "biz_opaque_callback_data": "7f3c"} | changed


def said(text: str, peer: str = AMNA, *media: Media, truncated: bool = False) -> list[Inbound]:
    return [Inbound("whatsapp", WAMID, peer, text, truncated, media=media, said_at=SAID)]


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("a tip", message(content={"body": "مدد"}), said("مدد")),
        ("a template's button", message("button", {"payload": "1 4821", "text": "Accept"}), said("1 4821")),
        ("one without payload", message("button", {"text": "Accept"}), said("Accept")),
        ("a button", message("interactive", {"type": "button_reply", "button_reply": {"id": "1 4821"}}), said("1 4821")),
        ("a line of a list", message("interactive", {"type": "list_reply", "list_reply": {"id": "3"}}), said("3")),
        ("a button that is none", message("interactive", {"type": "button_reply", "button_reply": 5}), said("")),
        ("a form", message("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}), said("")),
        ("a picture", message("image", {"id": "1", "mime_type": "image/jpeg"}), said("", AMNA, Media("image", "1", "image/jpeg"))),
        ("a picture with words", message("image", {"id": "1", "caption": "یہاں"}), said("یہاں", AMNA, Media("image", "1"))),
        ("a picture without an id", message("image", {"caption": "یہاں"}), said("یہاں")),
        ("a picture whose id is no text", message("image", {"id": 1}), said("")),
        ("a voice", message("audio", {"id": "1", "voice": True}), said("", AMNA, Media("audio", "1"))),
        ("a film", message("video", {"id": "1"}), said("", AMNA, Media("video", "1"))),
        ("a letter", message("document", {"id": "1", "filename": "My name.pdf"}), said("", AMNA, Media("document", "1"))),
        ("a sticker", message("sticker", {"id": "1"}), said("", AMNA, Media("image", "1"))),
        ("a place", message("location", {"latitude": 31.5, "longitude": 74.3, "name": "Bhatta"}), said("Bhatta\ngeo: 31.5, 74.3")),
        ("a card", message("contacts", [{"name": {"formatted_name": "Agent"}, "phones": [{"phone": "+92 300 0000078"}]}]), said("Agent\n+92 300 0000078")),
        ("a card that is none", message("contacts", [{"name": "x", "phones": 5}, 7]), said("")),
        ("a kind we do not know", message("brandnew", {"a": 1}), said("")),
        ("what WhatsApp itself can't show", message("unsupported", None, errors=[{"code": 131051}]), said("")),
        ("no number shown", message(content={"body": "x"}, sender=None, from_user_id="PK.1a2b"), said("x", "PK.1a2b")),
        ("number and id", message(content={"body": "x"}, from_user_id="PK.1a2b"), said("x")),
        ("NUL and bidi controls", message(content={"body": "a\x00\u202eb"}), said("a\u202eb")),
        ("half a surrogate", message(content={"body": "\ud800"}), said("\ufffd")),
        ("a long text", message(content={"body": "x" * 1_000_000}), said("x" * MAX_TEXT, truncated=True)),
        ("a thumb on ours", message("reaction", {"message_id": "wamid.1", "emoji": "x"}), []),
        ("a change of number", message("system", {"body": "changed"}), []),
        ("no id", message(content={"body": "x"}, id=""), []),
        ("an id that is none", message(content={"body": "x"}, id="a b"), []),
        ("no sender", message(content={"body": "x"}, sender=" "), []),
    ],
)  # fmt: skip
def test_what_comes_in_counts(name: str, body: dict[str, Any], expected: list[Inbound]) -> None:
    assert whatsapp().receive(call(webhook(body))) == expected, name


def test_one_that_cannot_be_read_holds_up_none_of_the_others() -> None:
    good = [message(content={"body": f"no. {n}"}, id=f"wamid.{n}") for n in range(3)]
    body = webhook(None, good[0], {}, message(content=5, id=7), good[1], statuses=[status("sent"), 5, status("odd")])
    body["entry"] += [None, {"changes": [None, {"value": None}, {"value": {"messages": [good[2]]}}]}]
    found = whatsapp().receive(call(body))
    assert [each.text for each in found if isinstance(each, Inbound)] == ["no. 0", "no. 1", "no. 2"]
    assert [each for each in found if isinstance(each, Delivery)] == [Delivery("7f3c", "sent", reference=WAMID)]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (status("sent"), [Delivery("7f3c", "sent", reference=WAMID)]),
        (status("delivered"), [Delivery("7f3c", "delivered", reference=WAMID)]),
        (status("read"), [Delivery("7f3c", "delivered", reference=WAMID)]),
        (
            status("failed", errors=[{"code": 131047, "title": "+923000000001"}]),
            [Delivery("7f3c", "failed", "131047", closed=True, reference=WAMID)],
        ),
        (status("failed", errors=[{"code": "+923000000001"}]), [Delivery("7f3c", "failed", reference=WAMID)]),
        (status("failed"), [Delivery("7f3c", "failed", reference=WAMID)]),
        (status("warning"), []),
        (status("sent", biz_opaque_callback_data=None), []),
    ],
)
def test_whatsapps_words_for_delivery(report: dict[str, Any], expected: list[Delivery]) -> None:
    assert whatsapp().receive(call(webhook(statuses=[report]))) == expected
    assert whatsapp().delivery(call(webhook(message(content={"body": "x"}), statuses=[report]))) == expected


GOOD = json.dumps(webhook(message(content={"body": "مدد"}))).encode()


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("no signature", call(GOOD, "")),
        ("another", call(GOOD, "sha256=" + "0" * 64)),
        ("of another body", Request("POST", "", call(GOOD).headers, {}, {}, GOOD + b" ")),
        ("cut short", Request("POST", "", call(GOOD).headers, {}, {}, GOOD[:-1])),
        ("emptied", Request("POST", "", call(GOOD).headers, {}, {}, b"")),
        ("without its name", call(GOOD, call(GOOD).headers[SIGNATURE_HEADER].removeprefix("sha256="))),
        ("no ASCII", call(GOOD, "sha256=مدد\ud800")),
        ("no headers", Request("POST", "", {}, {}, {}, GOOD)),
    ],
)
def test_what_whatsapp_did_not_sign_is_forged(name: str, request_: Request) -> None:
    for read in (whatsapp().receive, whatsapp().delivery):
        with pytest.raises(Forged) as caught:
            read(request_)
        assert str(caught.value) == "", name


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, {}, {"entry": {}}, {"entry": "x"}]
)
def test_a_signed_call_that_is_no_webhook_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        whatsapp().receive(call(body))


@given(st.dictionaries(st.sampled_from(["entry", "changes", "value", "messages", "statuses"]), JSON), JSON, JSON)
def test_no_webhook_makes_it_crash(data: dict[str, Any], content: Any, report: Any) -> None:
    found = whatsapp().receive(call(webhook(content, message("location", content), statuses=[report]) | {"x": data}))
    assert all(each.text is not None for each in found if isinstance(each, Inbound))


def challenge(**changed: str) -> Request:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"} | changed
    return Request("GET", "", {}, {}, {name: [value] for name, value in query.items()}, b"")


def test_the_word_is_given_back_to_who_knows_ours() -> None:
    assert whatsapp().challenge(challenge()).body == "1158201444"


@pytest.mark.parametrize("changed", [{"hub.verify_token": "x"}, {"hub.verify_token": "\ud800"}, {"hub.mode": "x"}])
def test_and_to_nobody_else(changed: dict[str, str]) -> None:
    with pytest.raises(Forged):
        whatsapp().challenge(challenge(**changed))
