"""Sending through Twilio's own client to a gateway that checks what Twilio checks, and fails as Twilio fails."""

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from hotline.channels.contract import Outbound, SendError
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.gateway import Gateway
from tests.channels.peers import IMPATIENCE, PATIENCE

SID, TOKEN, SENDER = "ACdemo", "token-of-the-demo", "+923000000090"
AMNA = "+923000000001"


@dataclass
class Line:
    """A hotline's way out, and the gateway at its other end."""

    gateway: Gateway
    url: str

    def twilio(self, seconds: float = PATIENCE, /, **changed: str) -> Twilio:
        settings = {"account_sid": SID, "auth_token": TOKEN, "sms_from": SENDER, "api_url": self.url} | changed
        settings.setdefault("public_url", "http://127.0.0.1:9/")
        return Twilio(**settings, timeout=seconds)

    def page(self, **changed: str) -> Outbound:
        page = {"id": "7f3c", "channel": "sms", "address": AMNA, "text": "P1 report 4821"} | changed
        return Outbound(page["id"], page["channel"], page["address"], page["text"])


@pytest.fixture
def line() -> Iterator[Line]:
    gateway = Gateway(account_sid=SID, auth_token=TOKEN, senders=[SENDER])
    with gateway.serve() as url:
        yield Line(gateway, url)


def test_a_page_reaches_the_phone(line: Line) -> None:
    reference = line.twilio().send(line.page())
    assert reference.startswith("SM")
    assert line.gateway.messages_to(AMNA) == ["P1 report 4821"]


def test_a_text_leaves_in_its_cheap_form(line: Line) -> None:
    line.twilio().send(line.page(text="Don\u2019t\u00a0call"))
    assert line.gateway.messages_to(AMNA) == ["Don't call"]


def test_an_id_with_odd_letters_comes_back_in_the_report(line: Line) -> None:
    line.twilio(public_url=line.url).send(line.page(id="a b&c/d"))
    line.gateway.wait_for(lambda: len(line.gateway.callbacks) == 2)
    assert line.gateway.callbacks[-1][0] == f"{line.url}/status/twilio?id=a%20b%26c%2Fd"


FAILURES: list[tuple[str, Callable[[Gateway], object], dict[str, str], tuple[str, bool, bool]]] = [
    ("no such number", lambda _: None, {"address": "03000000001"}, ("21211", False, False)),
    ("a landline", lambda g: g.refuse(AMNA, 21614), {}, ("21614", False, False)),
    ("opted out", lambda g: g.text(AMNA, "STOP"), {}, ("21610", False, False)),
    ("empty", lambda _: None, {"text": " "}, ("21602", False, False)),
    ("too long", lambda _: None, {"text": "x" * 1601}, ("21617", False, False)),
    ("its queue is full", lambda g: g.refuse(AMNA, 21611), {}, ("21611", True, False)),
    ("too fast", lambda g: g.fail_next(status=429), {}, ("20429", True, False)),
    ("Twilio is down and says so", lambda g: g.fail_next(status=503), {}, ("20500", True, False)),
    ("a proxy says 502", lambda g: g.fail_next(status=502, twilio_json=False), {}, ("http_502", True, True)),
    ("a proxy says 403", lambda g: g.fail_next(status=403, twilio_json=False), {}, ("http_403", True, False)),
    ("sent elsewhere", lambda g: g.fail_next(status=302, twilio_json=False), {}, ("http_302", True, False)),
    ("200 and no JSON", lambda g: g.fail_next(status=200, twilio_json=False), {}, ("no_json", True, True)),
    ("200 and an error in it", lambda g: g.fail_next(status=200), {}, ("no_sid", True, True)),
    ("cut off after it was taken", lambda g: g.drop_next(), {}, ("cut_off", True, True)),
    ("no answer in time", lambda g: g.delay_next(60), {}, ("timeout", True, True)),
    ("a channel we do not carry", lambda _: None, {"channel": "telegram"}, ("no_route", False, False)),
]


@pytest.mark.parametrize(("name", "fault", "changed", "expected"), FAILURES, ids=[row[0] for row in FAILURES])
def test_what_a_failure_means(
    line: Line,
    name: str,
    fault: Callable[[Gateway], object],
    changed: dict[str, str],
    expected: tuple[str, bool, bool],
) -> None:
    fault(line.gateway)
    with pytest.raises(SendError) as caught:
        line.twilio(IMPATIENCE if expected[0] == "timeout" else PATIENCE).send(line.page(**changed))
    assert (caught.value.code, caught.value.retryable, caught.value.unknown) == expected, name


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"auth_token": "another"}, "20003"),
        ({"sms_from": "+923000000091"}, "21606"),
        ({"public_url": "nowhere"}, "21609"),
    ],
)
def test_a_wrong_setting_is_named_and_the_message_waits_for_its_repair(
    line: Line, settings: dict[str, str], code: str
) -> None:
    with pytest.raises(SendError) as caught:
        line.twilio(**settings).send(line.page())
    assert (caught.value.code, caught.value.retryable, caught.value.unknown) == (code, True, False)


def test_where_nobody_listens_nothing_was_sent(line: Line) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for address in (closed, "ftp://127.0.0.1", "nowhere"):
        with pytest.raises(SendError) as caught:
            line.twilio(api_url=address).send(line.page())
        assert (caught.value.retryable, caught.value.unknown) == (True, False), address


def test_a_failure_names_no_number_and_no_text(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.gateway.refuse(AMNA, 21211)
    with pytest.raises(SendError) as caught:
        line.twilio().send(line.page())
    told = "".join(traceback.format_exception(caught.value)) + repr(line.page()) + caplog.text
    assert "923000000001" not in told
    assert "4821" not in told
    assert caplog.records == []


def test_the_next_message_goes_out_after_a_failure(line: Line) -> None:
    twilio = line.twilio()
    line.gateway.fail_next()
    with pytest.raises(SendError):
        twilio.send(line.page())
    twilio.send(line.page(text="again"))
    assert line.gateway.messages_to(AMNA) == ["again"]
