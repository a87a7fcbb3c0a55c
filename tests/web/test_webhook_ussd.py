"""The doors of USSD, through the whole application: what is shown, what is refused, and twenty calls of one hop."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr

from hotline.core import db
from hotline.messaging.inbox import InboundRow
from hotline.reports.tables import Report
from tests.channels.test_ussd_json import HUBTEL, INFOBIP, NALO, STEP
from tests.journeys.world import World
from tests.support.handsets import SECRET, AfricasTalkingPhone, Network, network
from tests.web.test_webhooks import application

AT = {"sessionId": "ATUid_1", "phoneNumber": "+923000000099", "serviceCode": "*384#", "text": "1*2"}


@pytest.fixture
def air(world: World, tmp_path: Path) -> Iterator[Network]:
    """The providers, and the application that they call."""
    with network(world, tmp_path) as made:
        yield made


@pytest.fixture
def client(air: Network) -> FlaskClient:
    """A caller."""
    return air.app.test_client()


def stored(world: World, model: Any = InboundRow) -> int:
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def everything(world: World) -> dict[str, int]:
    return {table.name: stored(world, table) for table in db.Base.metadata.sorted_tables}


def at_once(times: int, act: Any) -> list[Any]:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(act())) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_hop_from_twenty_threads_at_once_is_one_message_and_twenty_equal_screens(air: Network, world: World) -> None:
    phone = AfricasTalkingPhone(air.app.test_client())
    phone.dial()
    air.typed(phone, "1", "1")
    phone.typed += "*Lahore ke paas * bhatta"

    def call() -> tuple[int, str]:
        again = AfricasTalkingPhone(air.app.test_client())
        again.session, again.typed = phone.session, phone.typed
        answer = again.hop()
        return answer.status_code, answer.text

    answers = at_once(20, call)
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert answers[0][1].startswith("CON Kya yeh abhi")
    assert world.written() == ["1", "Lahore ke paas * bhatta"]
    assert stored(world) == 4


@pytest.mark.parametrize("shape", ["counted", "uncounted", "the first hop"])
def test_so_is_a_hop_in_json(air: Network, client: FlaskClient, world: World, shape: str) -> None:
    path, body, first = {
        "counted": ("", HUBTEL | {"Message": "2"}, HUBTEL | {"Type": "Initiation", "Sequence": 1}),
        "uncounted": ("", NALO | {"USERDATA": "2"}, NALO | {"MSGTYPE": True}),
        "the first hop": (f"/{STEP.replace('response', 'start')}", INFOBIP, None),
    }[shape]
    if first is not None:
        assert client.post(f"/in/ussd/json/{SECRET}", json=first).status_code == 200
        air.wait(seconds=3)

    def call() -> tuple[int, bytes]:
        answer = air.app.test_client().post(f"/in/ussd/json/{SECRET}{path}", json=body)
        return answer.status_code, answer.data

    answers = at_once(20, call)
    assert (len(answers), len(set(answers)), answers[0][0]) == (20, 1, 200)
    assert stored(world) == (1 if first is None else 2)
    assert stored(world, Report) == 0


def test_a_store_that_is_away_ends_the_session_and_the_next_dial_goes_on(air: Network, world: World) -> None:
    phone = AfricasTalkingPhone(air.app.test_client())
    phone.dial()
    asked = air.typed(phone, "1", "1")
    before = phone.typed
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE ussd_sessions RENAME TO away"))
    phone.typed += "*Lahore"
    answer = phone.hop()
    assert (answer.status_code, answer.data) == (503, b"")
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE away RENAME TO ussd_sessions"))
    assert phone.hop(text=before).text == f"CON {asked}"
    assert phone.dial().endswith(asked)


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["/in/ussd/africastalking", "/status/ussd/africastalking", "/in/ussd/json"])
@pytest.mark.parametrize("secret", ["", "/", "/guessed", f"/{SECRET}x", f"/x/{SECRET}"])
def test_without_the_secret_nothing_is_said_and_no_row_is_left(
    client: FlaskClient, world: World, path: str, secret: str
) -> None:
    before = everything(world)
    for call in ({"data": AT}, {"json": HUBTEL}, {"data": b""}):
        answer = client.post(path + secret, **call)
        assert (answer.status_code, answer.data) == (403, b"")
    assert everything(world) == before


def test_proven_but_unreadable_names_the_field_and_leaves_no_row(client: FlaskClient, world: World) -> None:
    before = everything(world)
    answers = [
        client.post(f"/in/ussd/africastalking/{SECRET}", data=AT | {"sessionId": ""}),
        client.post(f"/in/ussd/africastalking/{SECRET}", json=AT),
        client.post(f"/in/ussd/africastalking/{SECRET}", data=b"\xff\xfe", content_type="application/octet-stream"),
        client.post(f"/in/ussd/json/{SECRET}", data=AT),
        client.post(f"/in/ussd/json/{SECRET}", json=HUBTEL | {"Type": "?"}),
        client.put(f"/in/ussd/json/{SECRET}/session/a/b/c", json=INFOBIP),
    ]
    assert [answer.status_code for answer in answers] == [400] * 6
    assert "sessionId" in answers[0].text
    assert everything(world) == before


def test_a_call_of_a_megabyte_is_taken_and_one_of_three_is_not(client: FlaskClient, world: World) -> None:
    client.post(f"/in/ussd/africastalking/{SECRET}", data=AT | {"text": ""})
    answer = client.post(f"/in/ussd/africastalking/{SECRET}", data=AT | {"text": "bachay qaid hain " * 60_000})
    assert answer.status_code == 200
    assert answer.text.startswith("CON ")
    assert len(world.written()[0]) == 4000
    answer = client.post(f"/in/ussd/africastalking/{SECRET}", data=AT | {"text": "x" * 3_000_000})
    assert answer.status_code == 413


def test_invalid_utf_8_is_kept_as_far_as_it_can_be_read(client: FlaskClient, world: World) -> None:
    body = b"sessionId=s1&phoneNumber=%2B923000000099&text=bachay%ff%fe+qaid"
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = client.post(f"/in/ussd/africastalking/{SECRET}", data=body, **form)
    assert answer.status_code == 200
    assert world.written() == ["bachay%FF%FE qaid"]


def test_providers_without_the_setting_are_not_there(world: World, tmp_path: Path) -> None:
    app = application(world, tmp_path, ussd_secret=SecretStr(""))
    for path in ("/in/ussd/africastalking/", "/in/ussd/json/", "/status/ussd/africastalking/"):
        assert app.test_client().post(path, data=AT).status_code == 404
    app.extensions["hotline"].database.engine.dispose()
