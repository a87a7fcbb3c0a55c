"""A page by voice: what is said, which key means what, and that only a person who picked up counts as reached."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hotline.channels.contract import Choice, Delivery, Forged, Inbound, Malformed, Outbound, Request, SendError
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.gateway import Gateway
from hotline.local.demo.lines import first_step
from tests.channels.test_twilio_receive import TOKEN, URL, call

SID, SENDER, AMNA, PUBLIC = "ACdemo", "+923000000090", "+923000000001", "https://hotline.example"
CALL = "CA" + "0123456789abcdef" * 2
CHOICES = (Choice("Accept", "1 4821"), Choice("Pass", "2 4821"))
PAGE = Outbound("7f3c", "call", AMNA, "P1 report 4821 Gujrat.", CHOICES)
KEYS = "1=1+4821&2=2+4821&language=en"
GOOD = {"CallSid": CALL, "From": SENDER, "To": AMNA, "Digits": "1", "CallStatus": "in-progress"}


def twilio(api_url: str | None = None, call_from: str = SENDER) -> Twilio:
    return Twilio(account_sid=SID, auth_token=TOKEN, call_from=call_from, public_url=PUBLIC, api_url=api_url)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway(account_sid=SID, auth_token=TOKEN, senders=[SENDER])
    with made.serve() as url:
        made.connect("http://127.0.0.1:9", PUBLIC)
        made.url = url  # type: ignore[attr-defined]
        yield made


def made(gateway: Gateway, page: Outbound = PAGE) -> str:
    """Make the call; what was heard once it is over."""
    twilio(gateway.url).send(page)  # type: ignore[attr-defined]
    return gateway.wait_for(lambda: gateway.calls_to(page.address))[-1]


def test_a_call_says_the_page_with_its_number_digit_by_digit_and_what_the_keys_do(gateway: Gateway) -> None:
    assert made(gateway) == "P1 report 4, 8, 2, 1 Gujrat. Press 1: Accept. Press 2: Pass."


def test_a_text_in_urdu_is_said_by_an_urdu_voice(gateway: Gateway) -> None:
    assert "4, 8, 2, 1" in made(gateway, Outbound("7f3c", "call", AMNA, "رپورٹ 4821", CHOICES))


@pytest.mark.parametrize(("text", "language"), [("P1 report 4821", "en-IN"), ("رپورٹ 4821", "ur-IN")])
def test_the_voice_fits_the_script(text: str, language: str) -> None:
    from hotline.channels.twilio.voice import script

    twiml = script(Outbound("7f3c", "call", AMNA, text, CHOICES), URL)
    assert {say.get("language") for say in ET.fromstring(twiml).iter("Say")} == {language}


def test_a_page_is_said_three_times_and_fits_what_twilio_takes() -> None:
    from hotline.channels.twilio.voice import script

    twiml = script(Outbound("7f3c", "call", AMNA, "x" * 160, CHOICES), URL)
    gathers = ET.fromstring(twiml).findall("Gather")
    assert [gather.get("numDigits") for gather in gathers] == ["1", "1", "1"]
    assert len(twiml) < 4000


def test_without_choices_a_text_is_only_said() -> None:
    from hotline.channels.twilio.voice import script

    twiml = ET.fromstring(script(Outbound("7f3c", "call", AMNA, "Nobody is on duty."), URL))
    assert (len(twiml.findall("Say")), twiml.findall("Gather")) == (3, [])


def pressed(key: str = "1", query: str = KEYS, **changed: str) -> Request:
    return call(GOOD | {"Digits": key} | changed, query=query)


@pytest.mark.parametrize(
    ("name", "request_", "expected"),
    [
        ("accept", pressed("1"), [Inbound("call", f"{CALL}:1", AMNA, "1 4821")]),
        ("pass", pressed("2"), [Inbound("call", f"{CALL}:2", AMNA, "2 4821")]),
        ("national spelling", pressed(To="03000000001"), [Inbound("call", f"{CALL}:1", AMNA, "1 4821")]),
        ("another key", pressed("7"), []),
        ("the star", pressed("*"), []),
        ("no key", pressed(""), []),
        ("the name of a field for a key", pressed("language"), []),
        ("digits of another script", pressed("۱"), []),
        ("a call that somebody makes to us", pressed(query=""), []),
    ],
)
def test_a_key_is_the_answer_that_the_call_named(name: str, request_: Request, expected: list[Inbound]) -> None:
    assert twilio().receive(request_) == expected, name


@pytest.mark.parametrize("query", ["1=1+9999&2=2+4821&language=en", "", KEYS + "&3=1+9999"])
def test_other_answers_in_the_address_are_forged(query: str) -> None:
    genuine = pressed()
    with pytest.raises(Forged):
        twilio().receive(call(GOOD, query=query, headers=dict(genuine.headers)))


@pytest.mark.parametrize(
    ("changed", "field"), [({"CallSid": " "}, "CallSid"), ({"CallSid": "CA 1"}, "CallSid"), ({"To": ""}, "To")]
)
def test_a_key_without_call_or_phone_names_the_field_only(changed: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed, match=f"^{field} is "):
        twilio().receive(pressed(**changed))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1", "Accepted. A message confirms it."),
        ("2", "Passed on. A message confirms it."),
        ("7", "Press one of these keys: 1, 2."),
        ("", "Press one of these keys: 1, 2."),
    ],
)
def test_what_is_said_after_a_key(key: str, said: str) -> None:
    answer = twilio().answer(pressed(key))
    step = first_step(answer.body)
    assert (answer.media_type, step.said) == ("text/xml", (said,))
    assert bool(step.action) == (key not in ("1", "2"))
    if step.action:  # the same answers are still on offer
        assert urlsplit(step.action).query == KEYS


def test_who_calls_us_hears_nothing_and_is_hung_up_on() -> None:
    assert ET.fromstring(twilio().answer(call({"CallSid": CALL, "To": SENDER})).body).find("Hangup") is not None


@pytest.mark.parametrize(
    ("fields", "state", "detail"),
    [
        ({"AnsweredBy": "human"}, "delivered", ""),
        ({"AnsweredBy": "machine_start"}, "failed", "voicemail"),
        ({"AnsweredBy": "machine_end_beep"}, "failed", "voicemail"),
        ({"AnsweredBy": "machine_end_silence"}, "failed", "voicemail"),
        ({"AnsweredBy": "machine_end_other"}, "failed", "voicemail"),
        ({"AnsweredBy": "fax"}, "failed", "voicemail"),
        ({"AnsweredBy": "unknown"}, "sent", ""),
        ({"CallStatus": "ringing"}, "sent", ""),
        ({"CallStatus": "completed"}, "sent", ""),
        ({"CallStatus": "completed", "AnsweredBy": "human"}, "delivered", ""),
        ({"CallStatus": "completed", "AnsweredBy": "machine_start"}, "failed", "voicemail"),
        ({"CallStatus": "busy"}, "failed", "busy"),
        ({"CallStatus": "no-answer"}, "failed", "no_answer"),
        ({"CallStatus": "failed"}, "failed", "not_connected"),
        ({"CallStatus": "canceled"}, "failed", "canceled"),
    ],
)
def test_only_a_person_who_picked_up_is_reached(fields: dict[str, str], state: str, detail: str) -> None:
    request = call({"CallSid": CALL, **fields}, url=f"{PUBLIC}/status/twilio", query="id=7f3c")
    assert [(each.outbox_id, each.state, each.detail) for each in twilio().delivery(request)] == [
        ("7f3c", state, detail)
    ]


@pytest.mark.parametrize(
    ("fields", "query", "field"),
    [
        ({"CallStatus": "completed"}, "", "id"),
        ({}, "id=7f3c", "CallStatus"),
        ({"CallStatus": "over"}, "id=7f3c", "CallStatus"),
        ({"AnsweredBy": "parrot"}, "id=7f3c", "AnsweredBy"),
    ],
)
def test_a_report_of_a_call_that_says_nothing_is_malformed(fields: dict[str, str], query: str, field: str) -> None:
    with pytest.raises(Malformed, match=f"^{field} is "):
        twilio().delivery(call({"CallSid": CALL, **fields}, url=f"{PUBLIC}/status/twilio", query=query))


@pytest.mark.parametrize(
    ("changed", "call_from", "expected"),
    [
        ({"address": "03000000001"}, SENDER, ("21211", False)),
        ({}, "+923000000091", ("21210", True)),
        ({"text": "x" * 4000}, SENDER, ("20001", False)),
        ({}, "", ("no_route", False)),
        ({"channel": "sms"}, SENDER, ("no_route", False)),
    ],
)
def test_a_call_that_twilio_does_not_make(
    gateway: Gateway, changed: dict[str, str], call_from: str, expected: tuple[str, bool]
) -> None:
    page = Outbound(**{"id": "7f3c", "channel": "call", "address": AMNA, "text": "P1"} | changed)  # type: ignore[arg-type]
    with pytest.raises(SendError) as caught:
        twilio(gateway.url, call_from).send(page)  # type: ignore[attr-defined]
    assert (caught.value.code, caught.value.retryable) == expected
    assert gateway.calls_to(AMNA) == []


def test_a_delivery_keeps_no_number(gateway: Gateway) -> None:
    made(gateway)
    assert "923000000001" not in repr(Delivery("7f3c", "failed", "voicemail")) + repr(PAGE)
