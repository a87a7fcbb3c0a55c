"""The stand-in's Calls API refuses what Twilio refuses, and its phones pick up, press keys and let it ring."""

import pytest
from werkzeug.test import Client

from hotline.channels.contract import Choice, Delivery, Outbound
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.api import create_app
from hotline.local.demo.gateway import Gateway
from hotline.local.demo.lines import Outcome
from tests.local.test_gateway import AMNA, API, SENDER, SID, TOKEN, Hotline, gateway

__all__ = ["gateway"]

CALLS = API.replace("Messages", "Calls")
GOOD = {"To": AMNA, "From": SENDER, "Twiml": "<Response><Say>P1</Say></Response>"}
PAGE = Outbound("7f3c", "call", AMNA, "P1 report 4821.", (Choice("Accept", "1 4821"), Choice("Pass", "2 4821")))
HEARD = "P1 report 4, 8, 2, 1. Press 1: Accept. Press 2: Pass."


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": "03000000001"}, 21211),
        ({"To": "client:amna"}, 21211),
        ({"From": "+923000000091"}, 21210),
        ({"Twiml": " "}, 21205),
        ({"Twiml": "x" * 4001}, 20001),
        ({"StatusCallback": "/status/twilio"}, 21609),
        ({"AsyncAmdStatusCallback": "nowhere"}, 21609),
        ({"Timeout": "601"}, 20001),
        ({"MachineDetection": "yes"}, 20001),
        ({"AsyncAmd": "yes"}, 20001),
    ],
)
def test_it_refuses_what_twilio_refuses(gateway: Gateway, changed: dict[str, str], code: int) -> None:
    answer = Client(create_app(gateway)).post(CALLS, data=GOOD | changed, auth=(SID, TOKEN))
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (400, code)


def test_it_knows_its_account(gateway: Gateway) -> None:
    web = Client(create_app(gateway))
    assert web.post(CALLS, data=GOOD, auth=(SID, "wrong")).status_code == 401
    assert web.post(CALLS, data=GOOD, auth=(SID, TOKEN)).status_code == 201


def called(gateway: Gateway) -> Hotline:
    """A page by call to a hotline that believes what it is told; back when the call is over and reported."""
    hotline = Hotline()
    with hotline.serve() as url, gateway.serve() as api_url:
        gateway.connect(url, hotline.public_url)
        hotline.twilio = Twilio(
            account_sid=SID, auth_token=TOKEN, call_from=SENDER, public_url=hotline.public_url, api_url=api_url
        )
        hotline.twilio.send(PAGE)
        gateway.wait_for(lambda: [status for _, status, _ in gateway.callbacks if status not in ("human", "unknown")])
    return hotline


@pytest.mark.parametrize(
    ("outcome", "deliveries"),
    [
        ("human", [("delivered", ""), ("sent", "")]),
        ("unknown", [("sent", ""), ("sent", "")]),
        ("busy", [("failed", "busy")]),
        ("no-answer", [("failed", "no_answer")]),
        ("failed", [("failed", "not_connected")]),
    ],
)
def test_who_picked_up_is_reported(gateway: Gateway, outcome: Outcome, deliveries: list[tuple[str, str]]) -> None:
    gateway.on_ring(AMNA, outcome)
    hotline = called(gateway)
    assert [(each.state, each.detail) for each in hotline.deliveries] == deliveries
    assert gateway.calls_to(AMNA) == [HEARD if outcome in ("human", "unknown") else ""]
    assert hotline.inbound == []


def test_voicemail_is_no_delivery(gateway: Gateway) -> None:
    gateway.on_ring(AMNA, "machine_start", keys="1")  # a machine presses nothing
    hotline = called(gateway)
    assert hotline.deliveries[0] == Delivery("7f3c", "failed", "voicemail")
    assert hotline.inbound == []


@pytest.mark.parametrize(
    ("keys", "answers", "last_words"),
    [
        ("1", ["1 4821"], "Accepted. A message confirms it."),
        ("2", ["2 4821"], "Passed on. A message confirms it."),
        ("71", ["1 4821"], "Press one of these keys: 1, 2. Accepted. A message confirms it."),
        ("12", ["1 4821"], "Accepted. A message confirms it."),
        ("7", [], "Press one of these keys: 1, 2."),
    ],
)
def test_a_pressed_key_is_an_answer_that_the_hotline_believes(
    gateway: Gateway, keys: str, answers: list[str], last_words: str
) -> None:
    gateway.on_ring(AMNA, keys=keys)
    hotline = called(gateway)
    assert [(each.channel, each.peer, each.text) for each in hotline.inbound] == [
        ("call", AMNA, answer) for answer in answers
    ]
    assert gateway.calls_to(AMNA) == [f"{HEARD} {last_words}"]


def test_the_page_with_the_phones_shows_what_was_heard(gateway: Gateway) -> None:
    called(gateway)
    assert HEARD in Client(create_app(gateway)).get("/").text
