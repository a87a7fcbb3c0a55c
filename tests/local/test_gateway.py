"""The stand-in for Twilio refuses what Twilio refuses, signs what it calls, and shows the phones."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from hotline.channels.contract import Delivery, Inbound, Outbound, Request
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.account import KEPT, REPORTER
from hotline.local.demo.api import create_app
from hotline.local.demo.gateway import Gateway, demo_phones, main

SID, TOKEN, SENDER, AMNA = "ACdemo", "token-of-the-demo", "+923000000090", "+923000000001"
API = f"/2010-04-01/Accounts/{SID}/Messages.json"
GOOD = {"To": AMNA, "From": SENDER, "Body": "P1 report 4821"}


class Hotline:
    """The other side: reads every call with the real channel."""

    def __init__(self) -> None:
        self.public_url = "https://hotline.example"
        self.twilio = Twilio(account_sid=SID, auth_token=TOKEN, sms_from=SENDER, public_url=self.public_url)
        self.inbound: list[Inbound] = []
        self.deliveries: list[Delivery] = []
        self.app = Flask("hotline")
        self.app.add_url_rule("/in/twilio", "in", self.receive, methods=["POST"])
        self.app.add_url_rule("/status/twilio", "status", self.status, methods=["POST"])

    def _request(self) -> Request:
        headers = {name.lower(): value for name, value in request.headers.items()}
        url = self.public_url + request.full_path.rstrip("?")
        form, query = (dict(MultiDict(fields).lists()) for fields in (request.form, request.args))
        return Request("POST", url, headers, form, query, b"")

    def receive(self) -> str:
        received = self._request()
        self.inbound += self.twilio.receive(received)
        return self.twilio.answer(received).body

    def status(self) -> str:
        self.deliveries += self.twilio.delivery(self._request())
        return ""

    @contextmanager
    def serve(self) -> Iterator[str]:
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(account_sid=SID, auth_token=TOKEN, senders=[SENDER], phones={"Amna": AMNA})


@pytest.fixture
def web(gateway: Gateway) -> Client:
    return Client(create_app(gateway))


def post(web: Client, **changed: str) -> TestResponse:
    return web.post(API, data=GOOD | changed, auth=(SID, TOKEN))


def test_what_it_takes_it_answers_as_twilio_does(web: Client, gateway: Gateway) -> None:
    answer = post(web)
    assert answer.status_code == 201
    assert answer.json is not None
    assert (answer.json["to"], answer.json["from"], answer.json["status"]) == (AMNA, SENDER, "queued")
    assert answer.json["sid"][:2] == "SM"
    assert len(answer.json["sid"]) == 34
    assert gateway.messages_to(AMNA) == ["P1 report 4821"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": "03000000001"}, 21211),
        ({"To": ""}, 21211),
        ({"To": "whatsapp:+923000000001"}, 21910),
        ({"From": "+923000000091"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "/status/twilio?id=1"}, 21609),
        ({"StatusCallback": "ftp://hotline.example/"}, 21609),
        ({"StatusCallback": "http://[/"}, 21609),
        ({"ValidityPeriod": "0"}, 20001),
        ({"ValidityPeriod": "soon"}, 20001),
    ],
)
def test_it_refuses_what_twilio_refuses(web: Client, gateway: Gateway, changed: dict[str, str], code: int) -> None:
    answer = post(web, **changed)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == code
    assert gateway.messages() == []


@pytest.mark.parametrize(
    ("path", "auth", "status", "code"),
    [
        (API, (SID, "wrong"), 401, 20003),
        (API, ("AC", TOKEN), 401, 20003),
        (API.replace(SID, "ACother"), (SID, TOKEN), 404, 20404),
    ],
)
def test_it_knows_its_account(web: Client, path: str, auth: tuple[str, str], status: int, code: int) -> None:
    answer = web.post(path, data=GOOD, auth=auth)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_an_sms_from_a_phone_is_one_the_hotline_believes(gateway: Gateway) -> None:
    hotline = Hotline()
    with hotline.serve() as url:
        gateway.connect(url, hotline.public_url)
        assert gateway.text(REPORTER, "لاہور میں ایک بچی بند ہے") == 200
    assert [(message.peer, message.text) for message in hotline.inbound] == [(REPORTER, "لاہور میں ایک بچی بند ہے")]


@pytest.mark.parametrize(("lost", "states"), [(False, ["sent", "delivered"]), (True, ["sent", "failed"])])
def test_delivery_is_reported_in_order(gateway: Gateway, lost: bool, states: list[str]) -> None:
    hotline = Hotline()
    if lost:
        gateway.undelivered(AMNA)
    with hotline.serve() as url, gateway.serve() as api_url:
        gateway.connect(url, hotline.public_url)
        twilio = Twilio(
            account_sid=SID, auth_token=TOKEN, sms_from=SENDER, public_url=hotline.public_url, api_url=api_url
        )
        twilio.send(Outbound("7f3c", "sms", AMNA, "P1 report 4821"))
        gateway.wait_for(lambda: len(gateway.callbacks) == 2)
    assert [(report.outbox_id, report.state) for report in hotline.deliveries] == [("7f3c", state) for state in states]
    assert hotline.deliveries[-1].detail == ("30003" if lost else "")


def test_who_texts_stop_gets_nothing_until_start(web: Client, gateway: Gateway) -> None:
    gateway.text(AMNA, " Stop ")
    assert post(web).status_code == 400
    gateway.text(AMNA, "START")
    assert post(web).status_code == 201


def test_a_hotline_that_is_down_is_seen_on_the_phone(gateway: Gateway) -> None:
    gateway.connect("http://127.0.0.1:9")
    assert gateway.text(REPORTER, "salam") == 0
    assert [message.status for message in gateway.messages()] == ["not taken"]


def test_many_at_once_are_all_kept(gateway: Gateway) -> None:
    app = create_app(gateway)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: post(Client(app), Body=f"no. {number}").status_code, range(60)))
    assert set(answers) == {201}
    assert sorted(gateway.messages_to(AMNA)) == sorted(f"no. {number}" for number in range(60))


def test_waiting_ends_when_the_message_comes_and_says_so_when_it_does_not(web: Client, gateway: Gateway) -> None:
    waiter = threading.Thread(target=lambda: post(web))
    waiter.start()
    assert gateway.wait_for(lambda: gateway.messages_to(AMNA)) == ["P1 report 4821"]
    waiter.join()
    with pytest.raises(TimeoutError, match="1 messages"):
        gateway.wait_for(lambda: len(gateway.messages()) > 1, timeout=0.01)


def test_the_oldest_messages_go_first(gateway: Gateway, web: Client) -> None:
    post(web, Body="the first")
    for message in gateway.messages() * KEPT:
        gateway.keep(message)
    assert len(gateway.messages()) == KEPT


def test_the_page_shows_each_phone_with_its_messages(web: Client, gateway: Gateway) -> None:
    post(web, Body="<b>P1</b>")
    post(web, To="+923000000077", Body="of a stranger")
    page = web.get("/").text
    assert "Amna" in page
    assert "A reporter" in page
    assert "+923000000077" in page
    assert '<p dir="auto">&lt;b&gt;P1&lt;/b&gt;</p>' in page
    assert "<script>" not in page


def test_an_answer_typed_on_the_page_reaches_the_hotline(web: Client, gateway: Gateway) -> None:
    hotline = Hotline()
    with hotline.serve() as url:
        gateway.connect(url, hotline.public_url)
        answer = web.post("/text", data={"number": AMNA, "body": "1 4821"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/#p923000000001")
    assert [(message.peer, message.text) for message in hotline.inbound] == [(AMNA, "1 4821")]


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        ({"number": AMNA, "body": ""}, {}, 400),
        ({"number": "amna", "body": "1 4821"}, {}, 400),
        ({}, {}, 400),
        ({"number": AMNA, "body": "1 4821"}, {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_the_page_texts_for_nobody_else(
    web: Client, gateway: Gateway, data: dict[str, str], headers: dict[str, str], status: int
) -> None:
    assert web.post("/text", data=data, headers=headers).status_code == status
    assert gateway.messages() == []


def test_the_phones_of_the_demo_are_its_officers() -> None:
    phones = demo_phones()
    assert phones["Amna, inspector"] == AMNA
    assert all(number.startswith("+9230000000") for number in phones.values())
    assert len(set(phones.values())) == len(phones)


def test_a_phone_without_a_name_is_refused_on_the_command_line() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--hotline", "http://127.0.0.1:9", "--sid", "a", "--token", "b", "--from", SENDER, "--phones", AMNA])
    assert ended.value.code == 2
