"""WhatsApp by Twilio: who shows no number, places, buttons, contents; by its own client to a gateway that checks as Twilio does."""

from typing import Any

import pytest

from hotline.channels.contract import Choice, Delivery, Inbound, Malformed, Outbound, SendError
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.gateway import Gateway
from tests.channels.peers import PATIENCE
from tests.channels.test_twilio_receive import SID, STATUS_URL, call, with_
from tests.channels.test_twilio_receive import TOKEN as AUTH

OURS, REPORTER = "+923000000090", "+923000000099"
PAGE, NEUTRAL = "HX" + "1" * 32, "HX" + "2" * 32
CHOICES = (Choice("Accept", "1 4821"), Choice("Pass", "2 4821"))


def twilio(**changed: Any) -> Twilio:
    settings = {
        "account_sid": "ACdemo", "auth_token": AUTH, "whatsapp_from": OURS, "public_url": "https://hotline.example",
    }  # fmt: skip
    return Twilio(**{**settings, **changed})


def said(text: str, peer: str = REPORTER) -> list[Inbound]:
    return [Inbound("whatsapp", SID, peer, text)]


PIN = {"Latitude": "31.5", "Longitude": "74.3"}
WHATSAPP = f"whatsapp:{REPORTER}"


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("a tip", with_(From=WHATSAPP), said("مدد")),
        ("without a plus", with_(From="whatsapp:923000000099"), said("مدد")),
        ("who shows no number", with_(From="whatsapp:PK.0a1B2c"), said("مدد", "PK.0a1B2c")),
        ("a place", with_(From=WHATSAPP, Body="", **PIN), said("geo: 31.5, 74.3")),
        (
            "a named place",
            with_(From=WHATSAPP, Body="", Label="Bhatta", Address="Kasur", **PIN),
            said("Bhatta\nKasur\ngeo: 31.5, 74.3"),
        ),
        ("half a place", with_(From=WHATSAPP, Body="", Latitude="31.5"), said("")),
        ("a button", with_(From=WHATSAPP, Body="Accept", ButtonText="Accept", ButtonPayload="1 4821"), said("1 4821")),
        ("a name beside it", with_(From=WHATSAPP, ProfileName="Someone", WaId="923000000099"), said("مدد")),
    ],
)
def test_what_comes_in_counts(name: str, fields: dict[str, str], expected: list[Inbound]) -> None:
    assert twilio().receive(call(fields)) == expected, name


@pytest.mark.parametrize("sender", [REPORTER, "whatsapp:", "whatsapp: ", "messenger:1", "WHATSAPP:+923000000099"])
def test_what_is_of_no_channel_of_ours_is_malformed(sender: str) -> None:
    with pytest.raises(Malformed, match=r"^From is "):
        twilio().receive(call(with_(From=sender)))


def test_a_window_that_is_shut_is_told_in_the_report() -> None:
    fields = {"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": "63016"}
    reported = twilio().delivery(call(fields, url=STATUS_URL, query="id=7f3c"))
    assert reported == [Delivery("7f3c", "failed", "63016", closed=True, reference=fields["MessageSid"])]


@pytest.fixture
def gateway() -> Gateway:
    made = Gateway(account_sid="ACdemo", auth_token=AUTH, senders=[f"whatsapp:{OURS}"])
    made.contents = {PAGE: "{{1}} [{{2}}] [{{3}}]", NEUTRAL: "You have a message. Answer to read it."}
    return made


def sends(gateway: Gateway, message: Outbound, **changed: Any) -> list[str]:
    """What stands on the phone afterwards."""
    with gateway.serve() as url:
        twilio(api_url=url, timeout=PATIENCE, **changed).send(message)
        return gateway.messages_to(f"whatsapp:{message.address}")


def message(text: str, address: str = REPORTER, *choices: Choice, opens: str = "") -> Outbound:
    return Outbound("7f3c", "whatsapp", address, text, choices, opens)


def test_a_question_goes_with_its_numbers_to_a_number_or_to_an_opaque_id(gateway: Gateway) -> None:
    question = "Is it safe’?\n1 Yes"
    assert sends(gateway, message(question, "PK.0a1B2c", Choice("Yes", "1~9f3a61c2"), opens="Choose"), whatsapp_page=PAGE) == [
        question
    ]  # fmt: skip


def test_a_page_is_a_content_with_the_two_answers_in_it(gateway: Gateway) -> None:
    page = message("P1 report 4821\nGujrat.", REPORTER, *CHOICES)
    assert sends(gateway, page, whatsapp_page=PAGE) == ["P1 report 4821 Gujrat. [1 4821] [2 4821]"]


def test_without_a_content_a_page_says_by_itself_how_to_answer(gateway: Gateway) -> None:
    assert sends(gateway, message("P1 report 4821 Gujrat.", REPORTER, *CHOICES)) == ["P1 report 4821 Gujrat."]


def test_a_word_that_there_is_something_to_read_is_a_content_that_says_nothing(gateway: Gateway) -> None:
    assert sends(gateway, message(""), whatsapp_neutral=NEUTRAL) == ["You have a message. Answer to read it."]


@pytest.mark.parametrize(
    ("changed", "outbound", "code"),
    [
        ({}, message(""), "no_template"),
        ({"whatsapp_neutral": "HX0"}, message(""), "21655"),
        ({"whatsapp_page": PAGE}, message("P1", REPORTER, CHOICES[0]), "21656"),
        ({"whatsapp_from": "+923000000091"}, message("P1"), "21606"),
    ],
)
def test_what_a_failure_means(gateway: Gateway, changed: dict[str, str], outbound: Outbound, code: str) -> None:
    with pytest.raises(SendError) as caught:
        sends(gateway, outbound, **changed)
    assert caught.value.code == code
