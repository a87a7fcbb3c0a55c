"""The providers' doors, through the whole application: what is taken, what is refused, and that refusals store nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from hotline.app import create_app
from hotline.channels.contract import MAX_TEXT
from hotline.core.settings import Settings
from hotline.messaging.contacts import Contact
from hotline.messaging.inbox import InboundRow
from hotline.messaging.outbox import OutboxRow
from hotline.monitoring import heartbeats
from hotline.reports.tables import Entry, Report
from tests.journeys.world import World

PUBLIC = "https://hotline.example"
TOKEN = "webhook-token"
TIP = "لاہور میں ایک بھٹے پر زبردستی کام"
GOOD = {"MessageSid": "SM" + "1" * 32, "From": "+923000000099", "To": "+923000000090", "Body": TIP}


def application(world: World, tmp_path: Path, **changed: Any) -> Flask:
    """The real application on the world's database."""
    values: dict[str, Any] = {
        "database_url": world.database.engine.url.render_as_string(hide_password=False),
        "keys_dir": tmp_path / "keys", "public_url": PUBLIC, "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": SecretStr(TOKEN), "twilio_sms_from": "+923000000090",
    }  # fmt: skip
    return create_app(Settings(**{**values, **changed}))


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application with Twilio set up."""
    made = application(world, tmp_path)
    yield made
    made.extensions["hotline"].database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller."""
    return app.test_client()


def signed(fields: dict[str, str], path: str = "/in/twilio", token: str = TOKEN) -> dict[str, str]:
    """The header of a genuine call."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(PUBLIC + path, fields)}


def stored(world: World) -> int:
    """How many rows that a message could have left."""
    models = (InboundRow, Report, Entry, OutboxRow, Contact)
    with world.database.reading() as tx:
        return sum(tx.execute(sa.select(sa.func.count()).select_from(model)).scalar_one() for model in models)


def test_a_signed_message_is_taken_and_answered_with_an_empty_document(client: FlaskClient, world: World) -> None:
    answer = client.post("/in/twilio", data=GOOD, headers=signed(GOOD))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.get_data(as_text=True).endswith("<Response/>")
    assert world.report().circle == "lahore"
    assert world.written() == [TIP]


FORGERIES: list[tuple[str, dict[str, Any]]] = [
    ("no signature", {"data": GOOD}),
    ("another token's", {"data": GOOD, "headers": signed(GOOD, token="guessed")}),
    ("of another text", {"data": GOOD | {"Body": "changed"}, "headers": signed(GOOD)}),
    ("truncated body", {"data": GOOD | {"Body": TIP[:5]}, "headers": signed(GOOD)}),
    ("of another address", {"data": GOOD, "headers": signed(GOOD, path="/in/other")}),
    ("JSON", {"json": GOOD, "headers": signed(GOOD)}),
    ("nothing at all", {"data": b"", "headers": signed(GOOD)}),
    ("binary", {"data": b"\xff\xfe\x00", "headers": signed(GOOD), "content_type": "application/octet-stream"}),
]


@pytest.mark.one_database
@pytest.mark.parametrize("call", [call for _, call in FORGERIES], ids=[name for name, _ in FORGERIES])
def test_a_forgery_is_refused_without_a_word_and_leaves_nothing(
    client: FlaskClient, world: World, call: dict[str, Any]
) -> None:
    answer = client.post("/in/twilio", **call)
    assert (answer.status_code, answer.data) == (403, b"")
    assert stored(world) == 0


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_signed_but_unreadable_names_the_field(client: FlaskClient, world: World, missing: str) -> None:
    fields = {name: value for name, value in GOOD.items() if name != missing}
    answer = client.post("/in/twilio", data=fields, headers=signed(fields))
    assert answer.status_code == 400
    assert missing in answer.get_data(as_text=True)
    assert stored(world) == 0


def test_a_provider_that_is_not_set_up_is_not_there(world: World, tmp_path: Path) -> None:
    app = application(world, tmp_path, twilio_account_sid="")
    assert app.test_client().post("/in/twilio", data=GOOD, headers=signed(GOOD)).status_code == 404
    assert app.test_client().post("/in/carrier-pigeon", data=GOOD).status_code == 404
    app.extensions["hotline"].database.engine.dispose()


def test_a_store_that_is_away_makes_the_provider_try_again(client: FlaskClient, world: World) -> None:
    with world.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE inbound RENAME TO away"))
    answer = client.post("/in/twilio", data=GOOD, headers=signed(GOOD))
    assert (answer.status_code, answer.data) == (503, b"")
    with world.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO inbound"))
    assert client.post("/in/twilio", data=GOOD, headers=signed(GOOD)).status_code == 200
    assert world.written() == [TIP]


def test_the_same_message_from_twenty_threads_is_one_message_and_twenty_good_answers(app: Flask, world: World) -> None:
    answers: list[int] = []

    def call() -> None:
        answers.append(app.test_client().post("/in/twilio", data=GOOD, headers=signed(GOOD)).status_code)

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    assert world.written() == [TIP]


def test_twenty_people_at_once_on_the_first_of_the_month_are_twenty_reports(app: Flask, world: World) -> None:
    answers: list[int] = []

    def call(number: int) -> None:
        fields = GOOD | {"MessageSid": f"SM{number:032d}", "From": f"+9230000001{number:02d}"}
        answers.append(app.test_client().post("/in/twilio", data=fields, headers=signed(fields)).status_code)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    with world.database.reading() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar_one() == 20


@pytest.mark.parametrize("length", [MAX_TEXT, MAX_TEXT + 1, 1_000_000])
def test_a_long_text_is_kept_whole_up_to_the_bound_then_cut_and_marked(
    client: FlaskClient, world: World, length: int
) -> None:
    text = ("they keep ten people in the cellar " * (length // 35 + 1))[:length]
    fields = GOOD | {"Body": text}
    assert client.post("/in/twilio", data=fields, headers=signed(fields)).status_code == 200
    assert world.written() == [text[:MAX_TEXT]]
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Entry.truncated)).one() == (length > MAX_TEXT)


def test_the_signature_counts_for_the_public_address_whatever_the_proxy_says(client: FlaskClient) -> None:
    answer = client.post("/in/twilio", data=GOOD, headers={**signed(GOOD), "Host": "10.0.0.7:8000"})
    assert answer.status_code == 200


def test_delivery_reports_move_a_message_forward_only(client: FlaskClient, world: World) -> None:
    client.post("/in/twilio", data=GOOD, headers=signed(GOOD))
    with world.database.reading() as tx:
        row_id = tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.page_id.is_not(None))).one()
    path = f"/status/twilio?id={row_id}"
    for status, state in (("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered"), ("failed", "delivered")):
        fields = {"MessageSid": "SM" + "2" * 32, "MessageStatus": status}
        assert client.post(path, data=fields, headers=signed(fields, path)).status_code == 204
        with world.database.reading() as tx:
            assert tx.scalars(sa.select(OutboxRow.state).where(OutboxRow.id == row_id)).one() == state
    unknown = "/status/twilio?id=nothing"
    fields = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "failed"}
    assert client.post(unknown, data=fields, headers=signed(fields, unknown)).status_code == 204
    assert client.post(path, data=fields).status_code == 403


def test_a_report_of_failure_sends_the_page_up_at_once(client: FlaskClient, world: World) -> None:
    client.post("/in/twilio", data=GOOD, headers=signed(GOOD))
    with world.database.reading() as tx:
        row_id = tx.scalars(sa.select(OutboxRow.id).where(OutboxRow.page_id.is_not(None))).one()
    path = f"/status/twilio?id={row_id}"
    fields = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert client.post(path, data=fields, headers=signed(fields, path)).status_code == 204
    assert world.events("undeliverable") == ["undeliverable"]


@pytest.mark.parametrize(
    ("role", "found", "absent"),
    [("intake", ("/chat", "/healthz"), ("/", "/login")), ("console", ("/login", "/healthz"), ("/chat",))],
)
def test_a_role_has_its_own_doors_only(
    world: World, tmp_path: Path, role: str, found: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    app = application(world, tmp_path, role=role)
    codes = {path: app.test_client().get(path).status_code for path in (*found, *absent)}
    assert codes == {**dict.fromkeys(found, 200), **dict.fromkeys(absent, 404)}
    webhook = app.test_client().post("/in/twilio", data=GOOD, headers=signed(GOOD)).status_code
    assert webhook == (200 if role == "intake" else 404)
    app.extensions["hotline"].database.engine.dispose()


def test_ready_only_while_the_clock_sweeps(client: FlaskClient, app: Flask, world: World) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, "sweep" in answer.get_data(as_text=True)) == (503, True)
    now = app.extensions["hotline"].database.now()
    with world.transaction() as tx:
        heartbeats.beat(tx, heartbeats.CLOCK, now)
    assert client.get("/readyz").status_code == 200
    with world.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert (answer.status_code, "migrations" in answer.get_data(as_text=True)) == (503, True)


def test_figures_are_numbers_and_leave_out_tips_about_officials(client: FlaskClient, world: World) -> None:
    client.post("/in/twilio", data=GOOD, headers=signed(GOOD))
    assert 'hotline_reports{priority="P2",status="open"} 1.0' in client.get("/metrics").get_data(as_text=True)
    with world.transaction() as tx:
        tx.execute(sa.update(Report).values(integrity=True))
    assert "hotline_reports{" not in client.get("/metrics").get_data(as_text=True)
