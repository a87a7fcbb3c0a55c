"""Twilio's webhooks, row by row: what counts, what is forged, what is malformed."""

from urllib.parse import parse_qs, urlencode

import pytest
from twilio.request_validator import RequestValidator

from hotline.channels.contract import MAX_TEXT, Delivery, Forged, Inbound, Malformed, Media, MediaKind, Request
from hotline.channels.twilio.channel import FORM, Twilio

TOKEN, SID = "token-of-the-demo", "SM" + "0123456789abcdef" * 2
URL = "https://hotline.example/in/twilio"
STATUS_URL = "https://hotline.example/status/twilio"
GOOD = {"MessageSid": SID, "From": "+923000000099", "To": "+923000000090", "Body": "مدد", "NumMedia": "0"}
OMIT = object()


def twilio() -> Twilio:
    return Twilio(
        account_sid="ACdemo", auth_token=TOKEN, sms_from="+923000000090", public_url="https://hotline.example"
    )


def call(fields: dict[str, str], *, url: str = URL, query: str = "", headers: dict[str, str] | None = None) -> Request:
    """A request as Twilio would make it, signed; `headers` replace its own."""
    full = f"{url}?{query}" if query else url
    body = urlencode(fields, errors="surrogatepass")
    genuine = {"content-type": FORM, "x-twilio-signature": signature(full, fields)}
    form = {name: [value] for name, value in fields.items()}
    return Request("POST", full, genuine | (headers or {}), form, parse_qs(query), body.encode())


def signature(url: str, fields: dict[str, str]) -> str:
    try:
        return str(RequestValidator(TOKEN).compute_signature(url, fields))
    except UnicodeEncodeError:
        return "what cannot be encoded cannot be signed"


def with_(**changed: object) -> dict[str, str]:
    return {name: str(value) for name, value in (GOOD | changed).items() if value is not OMIT}


KEPT = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"
TYPES = {"image": "image/jpeg", "audio": "audio/ogg", "document": ""}


def shown(text: str, *kinds: MediaKind) -> Inbound:
    media = tuple(Media(kind, KEPT, TYPES[kind]) for kind in kinds)
    return Inbound("sms", SID, "+923000000099", text, media=media)


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("a tip", with_(), Inbound("sms", SID, "+923000000099", "مدد")),
        ("national spelling", with_(From="03000000099"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("no plus", with_(From="923000000099"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("two zeros", with_(From="00923000000099"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("a plus become a space", with_(From=" 923000000099"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("a name for a sender", with_(From="TELENOR"), Inbound("sms", SID, "TELENOR", "مدد")),
        ("a short code", with_(From="8300"), Inbound("sms", SID, "8300", "مدد")),
        ("nothing said", with_(Body=""), Inbound("sms", SID, "+923000000099", "")),
        ("no body", with_(Body=OMIT), Inbound("sms", SID, "+923000000099", "")),
        (
            "a picture only",
            with_(Body="", NumMedia="1", MediaUrl0=KEPT, MediaContentType0="image/jpeg"),
            shown("", "image"),
        ),
        (
            "two",
            with_(NumMedia="2", MediaUrl0=KEPT, MediaContentType0="audio/ogg", MediaUrl1=KEPT),
            shown("مدد", "audio", "document"),
        ),
        ("media that are not named", with_(NumMedia="3"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("a count that is none", with_(NumMedia="٣" * 5000, MediaUrl0=KEPT), shown("مدد", "document")),
        ("a negative count", with_(NumMedia="-1", MediaUrl0=KEPT), Inbound("sms", SID, "+923000000099", "مدد")),
        ("a name beside it", with_(ProfileName="Someone"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("a field we do not know", with_(Brandnew="1"), Inbound("sms", SID, "+923000000099", "مدد")),
        ("bidi controls", with_(Body="\u202eabc\u202c"), Inbound("sms", SID, "+923000000099", "\u202eabc\u202c")),
        ("NUL", with_(Body="a\x00b"), Inbound("sms", SID, "+923000000099", "ab")),
        ("ten parts", with_(Body="م" * 670), Inbound("sms", SID, "+923000000099", "م" * 670)),
        ("a megabyte", with_(Body="x" * 1_000_000), Inbound("sms", SID, "+923000000099", "x" * MAX_TEXT, True)),
    ],
)
def test_what_comes_in_counts(name: str, fields: dict[str, str], expected: Inbound) -> None:
    assert twilio().receive(call(fields)) == [expected], name


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("no signature", call(GOOD, headers={"x-twilio-signature": ""})),
        ("wrong signature", call(GOOD, headers={"x-twilio-signature": signature(URL, with_(Body="other"))})),
        ("signature of another length", call(GOOD, headers={"x-twilio-signature": "x"})),
        ("signature that is no ASCII", call(GOOD, headers={"x-twilio-signature": "مدد" * 9})),
        ("signed for another address", call(GOOD, headers={"x-twilio-signature": signature(STATUS_URL, GOOD)})),
        ("cut short", Request("POST", URL, call(GOOD).headers, {"MessageSid": [SID]}, {}, b"MessageSid=SM0")),
        ("emptied", Request("POST", URL, call(GOOD).headers, {}, {}, b"")),
        ("a field twice", Request("POST", URL, call(GOOD).headers, dict(call(GOOD).form, Body=["a", "b"]), {}, b"")),
        ("JSON", call(GOOD, headers={"content-type": "application/json"})),
        ("no content type", call(GOOD, headers={"content-type": ""})),
        ("half a surrogate", call(with_(Body="\ud800"))),
        ("no headers", Request("POST", URL, {}, {}, {}, b"")),
    ],
)
def test_what_twilio_did_not_sign_is_forged(name: str, request_: Request) -> None:
    with pytest.raises(Forged):
        twilio().receive(request_)
    with pytest.raises(Forged):
        twilio().delivery(request_)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "MessageSid"),
        (with_(MessageSid=OMIT), "MessageSid"),
        (with_(MessageSid=""), "MessageSid"),
        (with_(MessageSid="  "), "MessageSid"),
        (with_(MessageSid="SM 1\n2"), "MessageSid"),
        (with_(MessageSid="S" * 65), "MessageSid"),
        (with_(From=OMIT), "From"),
        (with_(From=" "), "From"),
        (with_(From="whatsapp:+923000000099"), "From"),  # until WhatsApp is set up
        (with_(From="whatsapp:PK.0a1b2c"), "From"),
        (with_(From="messenger:123"), "From"),
    ],
)
def test_a_signed_call_that_is_no_message_names_the_field_only(fields: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed, match=f"^{field} is ") as caught:
        twilio().receive(call(fields))
    assert "9230" not in str(caught.value)


def test_a_content_type_may_name_its_charset() -> None:
    assert twilio().receive(call(GOOD, headers={"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}))


def test_the_signature_counts_for_the_public_url_with_its_port_or_without() -> None:
    request = call(GOOD, url="https://hotline.example:443/in/twilio")
    assert twilio().receive(request)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "sent"),
        ("sending", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("failed", "failed"),
        ("undelivered", "failed"),
        ("canceled", "failed"),
    ],
)
def test_twilios_words_for_delivery(status: str, state: str) -> None:
    request = call({"MessageSid": SID, "MessageStatus": status}, url=STATUS_URL, query="id=7f3c")
    assert [(report.outbox_id, report.state) for report in twilio().delivery(request)] == [("7f3c", state)]


@pytest.mark.parametrize(("code", "detail"), [("30003", "30003"), ("", ""), ("+923000000001", ""), ("9" * 99, "")])
def test_a_failure_keeps_its_code_and_nothing_else(code: str, detail: str) -> None:
    fields = {"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": code, "To": "+923000000001"}
    assert twilio().delivery(call(fields, url=STATUS_URL, query="id=7f3c")) == [
        Delivery("7f3c", "failed", detail, reference=fields["MessageSid"])
    ]


@pytest.mark.parametrize(
    ("fields", "query", "field"),
    [
        ({"MessageStatus": "sent"}, "", "id"),
        ({"MessageStatus": "sent"}, "id=%20", "id"),
        ({}, "id=7f3c", "MessageStatus"),
        ({"MessageStatus": "fail-ish"}, "id=7f3c", "MessageStatus"),
    ],
)
def test_a_report_that_says_nothing_is_malformed(fields: dict[str, str], query: str, field: str) -> None:
    with pytest.raises(Malformed, match=f"^{field} is "):
        twilio().delivery(call(fields, url=STATUS_URL, query=query))
