"""A tip that is a picture, over each channel against its peer: webhook, worker, officer's screen, and what it hid."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from pydantic import SecretStr

from hotline import staff
from hotline.app import Hotline, create_app
from hotline.channels.telegram.channel import SECRET_HEADER
from hotline.core.settings import Settings
from hotline.messaging.outbox import OutboxRow
from hotline.reports import attachments
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment
from tests.channels.media_peers import SID, BotMedia, GraphMedia, Store, TwilioApi
from tests.channels.peers import BEARER, BOT, PHONE_ID
from tests.channels.test_telegram_receive import SECRET
from tests.channels.test_telegram_receive import message as update
from tests.channels.test_whatsapp_receive import APP_SECRET, VERIFY, call, webhook
from tests.channels.test_whatsapp_receive import message as whatsapp_message
from tests.journeys.world import World
from tests.reports.attachments import samples
from tests.web.site import PASSWORD, Browser
from tests.web.test_webhooks import GOOD, TOKEN, signed

PUBLIC = "https://hotline.example"


@dataclass
class Air:
    """The application with one provider at its other end."""

    client: FlaskClient
    settings: Settings
    store: Store
    url: str

    def collects(self) -> None:
        """What the worker's process does."""
        collector = Hotline(self.settings, "worker").collector
        while collector.collect_one():
            pass
        for one in collector.fetchers.values():
            getattr(one, "close", lambda: None)()
        collector.database.engine.dispose()


def twilio(air: Air) -> None:
    media = {"Body": "", "NumMedia": "1", "MediaUrl0": f"{air.url}/Media/1", "MediaContentType0": "image/jpeg"}
    assert air.client.post("/in/twilio", data=GOOD | media, headers=signed(GOOD | media)).status_code == 200


def whatsapp(air: Air) -> None:
    sent = call(webhook(whatsapp_message("image", {"id": "1", "mime_type": "image/jpeg"})))
    assert air.client.post("/in/whatsapp", data=sent.body, headers=sent.headers).status_code == 200


def telegram(air: Air) -> None:
    photo = {"file_id": "1", "file_unique_id": "1", "width": 640, "height": 480}
    answer = air.client.post("/in/telegram", json=update(photo=[photo]), headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 200


PEERS: dict[Callable[[Air], None], type[TwilioApi] | type[GraphMedia] | type[BotMedia]]
PEERS = {twilio: TwilioApi, whatsapp: GraphMedia, telegram: BotMedia}
SENDS = [twilio, whatsapp, telegram]


@pytest.fixture
def sends(request: pytest.FixtureRequest) -> Callable[[Air], None]:
    """One of the three."""
    chosen: Callable[[Air], None] = request.param
    return chosen


@pytest.fixture
def air(world: World, tmp_path: Path, sends: Callable[[Air], None]) -> Iterator[Air]:
    """The real application on the world's database, all providers at the peer's address."""
    peer = PEERS[sends]()
    peer.store.files["1"] = samples.jpeg()
    with ExitStack() as stack:
        url = stack.enter_context(peer.serve())
        values: dict[str, Any] = {
            "database_url": world.database.engine.url.render_as_string(hide_password=False),
            "keys_dir": tmp_path / "keys", "public_url": PUBLIC, "require_totp": False,
            "twilio_account_sid": SID, "twilio_auth_token": SecretStr(TOKEN), "twilio_sms_from": "+923000000090",
            "telegram_token": SecretStr(BOT), "telegram_secret": SecretStr(SECRET),
            "whatsapp_token": SecretStr(BEARER), "whatsapp_app_secret": SecretStr(APP_SECRET),
            "whatsapp_verify_token": SecretStr(VERIFY), "whatsapp_phone_id": PHONE_ID,
            "twilio_api_url": url, "telegram_api_url": url, "whatsapp_api_url": url,
        }  # fmt: skip
        settings = Settings(**values)
        made = create_app(settings)
        stack.callback(made.extensions["hotline"].database.engine.dispose)
        yield Air(made.test_client(), settings, peer.store, url)


def rows(world: World) -> list[Attachment]:
    with world.database.reading() as tx:
        return attachments.of_report(tx, world.report().id)


def part(world: World, name: str) -> bytes:
    with world.database.transaction() as tx:
        opened = attachments.open_part(tx, world.keys, world.report(), rows(world)[0].id, name)
    assert opened is not None
    return opened.body


@pytest.mark.parametrize("sends", SENDS, indirect=True)
def test_a_picture_alone_is_a_tip_that_an_officer_sees_without_its_place(
    world: World, air: Air, sends: Callable[[Air], None]
) -> None:
    for _ in range(2):  # a provider that calls twice
        sends(air)
    assert [row.state for row in rows(world)] == ["waiting"]
    air.collects()
    assert [row.state for row in rows(world)] == ["kept"]
    assert part(world, ORIGINAL) == samples.jpeg()
    assert not [word for word in samples.HIDDEN if word in part(world, COPY)]
    with world.transaction() as tx:
        staff.set_password(tx, "fatima", PASSWORD)
    fatima = Browser(air.client)
    air.client.environ_base["wsgi.url_scheme"] = "https"
    fatima.logs_in("fatima")
    fatima.opens(f"/reports/{world.report().id}")
    shown = fatima.opens(f"/reports/{world.report().id}/attachments/{rows(world)[0].id}")
    assert (shown.status_code, shown.data) == (200, part(world, COPY))


@pytest.mark.parametrize("sends", SENDS, indirect=True)
def test_a_picture_that_is_gone_is_asked_for_again(world: World, air: Air, sends: Callable[[Air], None]) -> None:
    sends(air)
    air.store.files.clear()
    before = replies(world)
    air.collects()
    assert [row.state for row in rows(world)] == ["unavailable"]
    assert replies(world) == before + 1


def replies(world: World) -> int:
    with world.database.reading() as tx:
        mine = sa.select(sa.func.count()).where(OutboxRow.contact_id.is_not(None))
        return tx.execute(mine).scalar_one()


@pytest.mark.parametrize("sends", SENDS, indirect=True)
def test_no_reference_and_no_key_stands_in_the_database(world: World, air: Air, sends: Callable[[Air], None]) -> None:
    sends(air)
    with world.database.reading() as tx:
        stored = json.dumps([str(row) for row in tx.execute(sa.select(Attachment.__table__)).mappings()])
    assert air.url not in stored
    assert "image/jpeg" not in stored
