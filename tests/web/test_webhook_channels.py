"""The doors of Telegram, WhatsApp and of calls, through the whole application."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from hotline.channels.telegram.channel import SECRET_HEADER
from hotline.core import db
from hotline.local.demo.setup import DIRECTORY
from hotline.messaging.inbox import InboundRow
from hotline.messaging.outbox import OutboxRow
from hotline.messaging.pages import Page
from hotline.staff.tables import Officer
from tests.channels.test_telegram_receive import AMNA as CHAT
from tests.channels.test_telegram_receive import SECRET, message, pressed
from tests.channels.test_whatsapp_receive import AMNA, APP_SECRET, VERIFY, call, status, webhook
from tests.channels.test_whatsapp_receive import message as whatsapp_message
from tests.journeys.world import World
from tests.web.test_webhooks import TIP, application, signed

pytestmark = pytest.mark.one_database

CALL = {"CallSid": "CA" + "1" * 32, "From": "+923000000090", "To": "+923000000001", "Digits": "1"}
SETTINGS: dict[str, Any] = {
    "twilio_call_from": "+923000000090",
    "telegram_token": SecretStr("42:token"),
    "telegram_secret": SecretStr(SECRET),
    "whatsapp_token": SecretStr("token"),
    "whatsapp_app_secret": SecretStr(APP_SECRET),
    "whatsapp_verify_token": SecretStr(VERIFY),
    "whatsapp_phone_id": "1055",
    "http_mapping": "jasmin",
    "http_send_url": "http://127.0.0.1:9/send",
    "http_secret": SecretStr("word"),
}


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application with all channels set up."""
    made = application(world, tmp_path, **SETTINGS)
    yield made
    made.extensions["hotline"].database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller."""
    return app.test_client()


def telegram(client: FlaskClient, update: Any, secret: str = SECRET) -> Any:
    return client.post("/in/telegram", json=update, headers={SECRET_HEADER: secret})


def whatsapp(client: FlaskClient, body: Any, **changed: str) -> Any:
    sent = call(body)
    return client.post("/in/whatsapp", data=sent.body, headers={**sent.headers, **changed})


def stored(world: World) -> int:
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(InboundRow)).scalar_one()


def test_a_tip_by_telegram_is_a_report(client: FlaskClient, world: World) -> None:
    answer = telegram(client, message(text=TIP))
    assert (answer.status_code, answer.data) == (200, b"")
    assert world.written() == [TIP]
    assert telegram(client, message(text=TIP)).status_code == 200  # once more
    assert stored(world) == 1


def test_a_pressed_button_is_answered_where_it_was_pressed(client: FlaskClient, world: World) -> None:
    answer = telegram(client, pressed())
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data)["method"] == "answerCallbackQuery"
    assert stored(world) == 1


def test_a_tip_by_whatsapp_is_a_report(client: FlaskClient, world: World) -> None:
    answer = whatsapp(client, webhook(whatsapp_message(content={"body": TIP})))
    assert (answer.status_code, answer.data) == (200, b"")
    assert world.written() == [TIP]


def test_whatsapp_tries_the_address_first(client: FlaskClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = client.get("/in/whatsapp", query_string=query)
    assert (answer.status_code, answer.data) == (200, b"1158201444")
    answer = client.get("/in/whatsapp", query_string=query | {"hub.verify_token": "another"})
    assert (answer.status_code, answer.data) == (403, b"")
    assert client.get("/in/telegram").status_code == 405
    assert client.get("/in/carrier-pigeon").status_code == 404


def test_a_delivery_report_among_messages_reaches_the_outbox(client: FlaskClient, world: World) -> None:
    whatsapp(client, webhook(whatsapp_message(content={"body": TIP})))
    with world.database.reading() as tx:
        row_id = tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.page_id.is_not(None)).limit(1)).one()
    second = whatsapp_message(content={"body": "one more"}, id="wamid.2")
    report = status("delivered", biz_opaque_callback_data=row_id)
    assert whatsapp(client, webhook(second, statuses=[report])).status_code == 200
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(OutboxRow.state).where(OutboxRow.id == row_id)).one() == "delivered"
    assert stored(world) == 2


def test_one_message_that_cannot_be_stored_holds_up_no_other(
    client: FlaskClient, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = type(app.extensions["hotline"].intake)
    take = intake.receive

    def stumble(self: Any, inbound: Any, now: Any) -> bool:
        if inbound.provider_id == "wamid.1":
            raise sa.exc.OperationalError("", {}, Exception())
        return bool(take(self, inbound, now))

    monkeypatch.setattr(intake, "receive", stumble)
    body = webhook(*(whatsapp_message(content={"body": f"{TIP} {n}"}, id=f"wamid.{n}") for n in range(3)))
    assert whatsapp(client, body).status_code == 503
    assert stored(world) == 2
    monkeypatch.undo()
    assert whatsapp(client, body).status_code == 200
    assert stored(world) == 3


def test_a_pressed_key_is_stored_and_the_caller_told(client: FlaskClient, world: World) -> None:
    path = "/in/twilio?1=1+4821&2=2+4821&language=en"
    answer = client.post(path, data=CALL, headers=signed(CALL, path))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "Accepted." in answer.text
    assert stored(world) == 1
    assert client.post(path, data=CALL, headers=signed(CALL, path)).status_code == 200  # Twilio asks again
    assert stored(world) == 1
    wrong = CALL | {"Digits": "7"}
    assert "Press one of these keys" in client.post(path, data=wrong, headers=signed(wrong, path)).text
    assert stored(world) == 1


def test_a_key_with_another_answer_behind_it_is_forged(client: FlaskClient, world: World) -> None:
    path = "/in/twilio?1=1+4821&2=2+4821&language=en"
    answer = client.post(path.replace("4821", "9999"), data=CALL, headers=signed(CALL, path))
    assert (answer.status_code, answer.data) == (403, b"")
    assert stored(world) == 0


def on_every_channel(world: World, folder: Path) -> None:
    """Amna has a phone that rings, a Telegram chat and WhatsApp, beside her SMS."""
    more = f'{{channel: call, address: "{AMNA}"}}, {{channel: telegram, address: "{CHAT}"}}'
    sms = f'{{channel: sms, address: "{AMNA}"}}'
    text = DIRECTORY.read_text(encoding="utf-8")
    assert sms in text
    staff = folder / "directory.yaml"
    staff.write_text(text.replace(sms, f'{sms}, {more}, {{channel: whatsapp, address: "{AMNA}"}}', 1), encoding="utf-8")
    world.load(staff)


def offered(client: FlaskClient, world: World) -> str:
    """The token of the page that a tip from Lahore brings to Amna."""
    telegram(client, message(text=TIP, sender={"id": 5, "is_bot": False, "first_name": "x"}))
    with world.database.reading() as tx:
        officer = sa.select(Officer.id).where(Officer.username == "amna").scalar_subquery()
        return tx.scalars(sa.select(Page.token).where(Page.officer_id == officer)).one()


def by_key(client: FlaskClient, token: str) -> Any:
    path = f"/in/twilio?1=1+{token}&2=2+{token}&language=en"
    return client.post(path, data=CALL, headers=signed(CALL, path))


def by_telegram(client: FlaskClient, token: str) -> Any:
    return telegram(client, pressed(data=f"1 {token}"))


def by_whatsapp(client: FlaskClient, token: str) -> Any:
    return whatsapp(client, webhook(whatsapp_message("button", {"payload": f"1 {token}", "text": "Accept"})))


@pytest.mark.parametrize(("press", "told_by"), [(by_key, "sms"), (by_telegram, "telegram"), (by_whatsapp, "whatsapp")])
def test_an_officer_accepts_with_a_key_or_a_button_and_is_told_in_writing(
    client: FlaskClient, world: World, tmp_path: Path, press: Any, told_by: str
) -> None:
    on_every_channel(world, tmp_path)
    token = offered(client, world)
    assert press(client, token).status_code == 200
    assert world.report().accepted_by is not None
    with world.database.reading() as tx:
        answers = sa.select(OutboxRow.channel).where(OutboxRow.dedupe.startswith("answer:"))
        assert tx.scalars(answers).all() == [told_by]


def everything(world: World) -> dict[str, int]:
    with world.database.reading() as tx:
        tables = db.Base.metadata.sorted_tables
        return {table.name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables}


@pytest.mark.parametrize("path", ["/in/telegram", "/status/telegram", "/in/whatsapp", "/status/whatsapp"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", json.dumps(message(text=TIP)).encode()])
def test_what_is_not_proven_is_refused_without_a_word_and_leaves_no_row_anywhere(
    client: FlaskClient, world: World, path: str, body: bytes
) -> None:
    before = everything(world)
    for headers in ({}, {SECRET_HEADER: "x"}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}):
        answer = client.post(path, data=body, headers=headers, content_type="application/json")
        assert (answer.status_code, answer.data) == (403, b"")
    assert everything(world) == before


def test_what_is_proven_but_cannot_be_read_is_malformed(client: FlaskClient, world: World) -> None:
    assert telegram(client, {"update_id": "x"}).status_code == 400
    assert whatsapp(client, {"entry": 5}).status_code == 400
    assert stored(world) == 0


@pytest.mark.parametrize(
    ("provider", "missing"),
    [("telegram", "telegram_token"), ("telegram", "telegram_secret"), ("whatsapp", "whatsapp_app_secret"),
     ("whatsapp", "whatsapp_token"), ("whatsapp", "whatsapp_verify_token")],
)  # fmt: skip
def test_half_a_provider_is_not_there(world: World, tmp_path: Path, provider: str, missing: str) -> None:
    app = application(world, tmp_path, **{**SETTINGS, missing: SecretStr("")})
    assert app.test_client().post(f"/in/{provider}", json=message(text=TIP)).status_code == 404
    app.extensions["hotline"].database.engine.dispose()


def test_calls_need_no_number_for_sms(world: World, tmp_path: Path) -> None:
    app = application(world, tmp_path, twilio_sms_from="", twilio_call_from="+923000000090")
    path = "/in/twilio?1=1+4821"
    assert app.test_client().post(path, data=CALL, headers=signed(CALL, path)).status_code == 200
    app.extensions["hotline"].database.engine.dispose()


JASMIN = {"from": "923000000099", "to": "8398", "id": "8c75cd1d", "coding": "0", "content": TIP}


def test_a_tip_by_an_aggregator_is_a_report_and_it_hears_the_word_that_it_wants(
    client: FlaskClient, world: World
) -> None:
    for _ in range(2):
        answer = client.post("/in/http/word", data=JASMIN)
        assert (answer.status_code, answer.data) == (200, b"ACK/Jasmin")
    assert (world.written(), stored(world)) == ([TIP], 1)
    with world.database.reading() as tx:
        assert tx.execute(sa.select(InboundRow.repeats)).scalar_one() == 1
    assert client.post("/status/http/word?id=7f3c", data={"message_status": "DELIVRD"}).data == b"ACK/Jasmin"


@pytest.mark.parametrize("path", ["/in/http/other", "/in/http/", "/in/http", "/status/http/other?id=1"])
def test_without_the_secret_an_aggregator_hears_nothing(client: FlaskClient, world: World, path: str) -> None:
    answer = client.post(path, data=JASMIN)
    assert (answer.status_code, answer.data, stored(world)) == (403, b"", 0)
