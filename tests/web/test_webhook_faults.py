"""The providers' doors when something behind them is broken: nothing is lost in silence, nothing answers with a crash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.core import db, vault
from hotline.messaging.contacts import Contact
from hotline.reports.tables import CircleKey
from hotline.staff.tables import Circle
from tests.journeys.told import NOWHERE
from tests.journeys.world import World
from tests.web.test_webhooks import GOOD, TIP, application, signed

FORM = "application/x-www-form-urlencoded"


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


def everything(world: World) -> dict[str, int]:
    """The number of rows of every table."""
    with world.database.reading() as tx:
        tables = db.Base.metadata.sorted_tables
        return {table.name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables}


def genuine(number: int = 1, **changed: str) -> dict[str, Any]:
    fields = GOOD | {"MessageSid": f"SM{number:032d}"} | changed
    return {"data": fields, "headers": signed(fields)}


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["/in/twilio", "/status/twilio", "/status/twilio?id=1"])
@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("a form of another kind", {"data": GOOD, "content_type": "multipart/form-data; boundary=x"}),
        ("one without a boundary", {"data": b"x", "content_type": "multipart/form-data"}),
        ("one that ends too soon", {"data": b"--x\r\nContent-Disposition: form-data; name=", "content_type": "multipart/form-data; boundary=x"}),
        ("JSON", {"json": GOOD}),
        ("text", {"data": b"MessageSid=SM1", "content_type": "text/plain"}),
        ("no content type", {"data": urlencode(GOOD).encode(), "headers": {"Content-Type": ""}}),
        ("a form that is no UTF-8", {"data": b"MessageSid=%ff%fe&From=\xff", "content_type": FORM}),
        ("a form of nothing but signs", {"data": b"&&==&%&%zz", "content_type": FORM}),
        ("a signature that is none", {"data": GOOD, "headers": {"X-Twilio-Signature": "\xff==="}}),
        ("an empty signature", {"data": GOOD, "headers": {"X-Twilio-Signature": ""}}),
        ("a long signature", {"data": GOOD, "headers": {"X-Twilio-Signature": "A" * 10_000}}),
    ],
)  # fmt: skip
def test_whatever_is_not_signed_is_refused_without_a_word_and_leaves_no_row_anywhere(
    client: FlaskClient, world: World, path: str, what: str, call: dict[str, Any]
) -> None:
    before = everything(world)
    answer = client.post(path, **call)
    assert (answer.status_code, answer.data) == (403, b""), what
    assert everything(world) == before


@pytest.mark.one_database
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_not_there(client: FlaskClient, method: str) -> None:
    answer = getattr(client, method)("/in/twilio")
    assert (answer.status_code, answer.data) == (405, b"")


def test_a_body_beyond_the_bound_is_refused_and_leaves_nothing(client: FlaskClient, world: World) -> None:
    before = everything(world)
    answer = client.post("/in/twilio", data=b"Body=" + b"x" * (2 * 1024 * 1024), content_type=FORM)
    assert (answer.status_code, answer.data) == (413, b"")
    assert everything(world) == before


def test_a_call_cut_short_on_the_way_is_refused(client: FlaskClient, world: World) -> None:
    before = everything(world)
    whole = urlencode(GOOD).encode()
    for end in (1, len(whole) // 2, len(whole) - 1):
        answer = client.post("/in/twilio", data=whole[:end], content_type=FORM, headers=signed(GOOD))
        assert (answer.status_code, answer.data) == (403, b"")
    assert everything(world) == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["MessageSid", "From", "To", "Body", "NumMedia", "x", ""]), st.text(max_size=40)
    )
)
def test_no_signed_call_makes_the_door_crash(client: FlaskClient, fields: dict[str, str]) -> None:
    clean = {name: text.encode("utf-8", "replace").decode() for name, text in fields.items()}
    assert client.post("/in/twilio", data=clean, headers=signed(clean)).status_code in (200, 400, 403)


def test_a_server_that_is_not_there_makes_the_provider_try_again(world: World, tmp_path: Path) -> None:
    app = application(world, tmp_path, database_url=f"postgresql://hotline@/hotline?host={tmp_path}")
    answer = app.test_client().post("/in/twilio", **genuine())
    assert (answer.status_code, answer.data, answer.headers["Retry-After"]) == (503, b"", "5")
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.text) == (503, "the database\n")
    assert app.test_client().get("/healthz").status_code == 200
    app.extensions["hotline"].database.engine.dispose()


def test_without_a_desk_what_has_no_place_is_left_with_the_provider_and_taken_later(
    client: FlaskClient, world: World
) -> None:
    with world.transaction() as tx:
        for circle in tx.scalars(sa.select(Circle)):
            circle.desk = False
    before = everything(world)
    answer = client.post("/in/twilio", **genuine(Body=NOWHERE))
    assert (answer.status_code, answer.data) == (503, b"")
    assert everything(world) == before
    with world.transaction() as tx:
        tx.get_one(Circle, "hq").desk = True
    assert client.post("/in/twilio", **genuine(Body=NOWHERE)).status_code == 200
    assert world.written() == [NOWHERE]


def test_without_a_desk_what_names_a_place_is_taken(client: FlaskClient, world: World) -> None:
    with world.transaction() as tx:
        tx.get_one(Circle, "hq").desk = False
    assert client.post("/in/twilio", **genuine()).status_code == 200
    assert world.report().circle == "lahore"


def test_a_planted_circle_key_makes_the_provider_try_again_and_gets_no_report(
    client: FlaskClient, app: Flask, world: World
) -> None:
    month = f"{app.extensions['hotline'].database.now():%Y-%m}"
    with world.transaction() as tx:
        planted = CircleKey(id="planted", circle="lahore", month=month, lane="console", mac=b"x" * 16)
        planted.public, planted.sealed_private = vault.new_circle_key(world.keys, "console", planted.context)
        tx.add(planted)
    before = everything(world)
    answer = client.post("/in/twilio", **genuine())
    assert (answer.status_code, answer.data) == (503, b"")
    assert everything(world) == before


def test_a_conversation_that_does_not_open_begins_anew_and_the_message_is_kept(
    client: FlaskClient, world: World
) -> None:
    assert client.post("/in/twilio", **genuine(1, Body="salam")).status_code == 200
    with world.transaction() as tx:
        tx.scalars(sa.select(Contact)).one().session = b"of somebody else"
    assert client.post("/in/twilio", **genuine(2)).status_code == 200
    assert world.written() == [TIP]
