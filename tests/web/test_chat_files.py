"""Files by web chat: with and without words, once, within bounds, and by the plain form of a page without JavaScript."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request
from werkzeug.datastructures import FileStorage

from hotline.channels import webchat
from hotline.channels.contract import Media, SendError
from hotline.channels.webchat import ChatUpload, WebChat
from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.reports import attachments
from hotline.reports.attachments.tables import Attachment
from hotline.web import chat
from tests.journeys.world import World
from tests.reports.attachments import samples
from tests.web.site import Browser, Site
from tests.web.test_webhooks import application

pytestmark = pytest.mark.one_database

TIP = "لاہور میں بھٹے پر زبردستی کام"


@pytest.fixture
def reporter(world: World, site: Site) -> Browser:
    """Somebody who has just opened the page."""
    collector = world.collector
    world.collector = attachments.Collector(
        world.database, collector.vault, {"webchat": WebChat(world.database)}, world.box
    )
    browser = site.browser()
    browser.opens("/chat")
    return browser


def sends(browser: Browser, body: bytes, text: str = "", **fields: Any) -> int:
    """The form with a file, as a browser sends it."""
    file = FileStorage(io.BytesIO(body), "My own name.jpg", content_type="image/jpeg")
    data = {**browser.page.hidden, "text": text, "file": file, **fields}
    answer = browser.client.post("/chat/messages", data=data, follow_redirects=True)
    answer.get_data()
    answer.close()
    return answer.status_code


def kept(world: World) -> list[Attachment]:
    with world.database.reading() as tx:
        return list(tx.scalars(sa.select(Attachment)))


@pytest.mark.parametrize("text", ["", TIP])
def test_a_picture_opens_a_report_and_is_shown_as_sent(world: World, reporter: Browser, text: str) -> None:
    assert sends(reporter, samples.jpeg(), text) == 200
    world.settle()
    world.collects()
    reporter.opens("/chat")
    assert chat.SENT_FILE in reporter.page.text
    assert "آپ کا پیغام مل گیا" in reporter.page.text
    (row,) = kept(world)
    assert (row.state, row.copy_type, row.kind) == ("kept", "image/jpeg", "image")
    assert world.written() == [text]
    with world.database.reading() as tx:
        stored = [bytes(found) for found in tx.scalars(sa.select(ChatUpload.body))]
    assert not [word for word in samples.HIDDEN if any(word in body for body in stored)]


def test_the_form_takes_files_without_javascript(reporter: Browser) -> None:
    assert 'enctype="multipart/form-data"' in reporter.page.html
    assert 'type="file"' in reporter.page.html


def test_the_same_press_twice_counts_once(world: World, reporter: Browser) -> None:
    for _ in range(2):
        assert sends(reporter, samples.jpeg()) == 200
    assert len(kept(world)) == 1
    assert sends(reporter, samples.png()) == 200
    assert len(kept(world)) == 2


def test_no_file_chosen_is_no_file(world: World, reporter: Browser) -> None:
    assert sends(reporter, b"", TIP) == 200
    assert kept(world) == []
    assert world.written() == [TIP]


def form(browser: Browser, body: bytes) -> dict[str, Any]:
    """A large form as bytes: the test client would keep it in a file of its own."""
    fields = [(f'name="{name}"', value.encode()) for name, value in browser.page.hidden.items()]
    fields.append(('name="file"; filename="x.jpg"', body))
    parts = [f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value for head, value in fields]
    return {"data": b"\r\n".join([*parts, b"--b--\r\n"]), "content_type": "multipart/form-data; boundary=b"}


def test_a_file_may_be_large_and_other_requests_may_not(world: World, tmp_path: Path) -> None:
    app = application(world, tmp_path, public_url="http://localhost")
    client = app.test_client()
    browser = Browser(client)
    browser.opens("/chat")
    large = samples.jpeg() + b"\0" * (5 * 1024 * 1024)
    assert client.post("/chat/messages", **form(browser, large)).status_code == 303
    assert len(kept(world)) == 1
    assert client.post("/chat/messages", **form(browser, large + large)).status_code == 413
    for path in ("/login", "/chat/forget", "/in/twilio"):
        assert client.post(path, **form(browser, large)).status_code == 413, path
    with app.test_request_context("/chat/messages", method="POST", **form(browser, large[:1_900_000])):
        assert type(request.files["file"].stream) is io.BytesIO, "no disk has seen it"
    app.extensions["hotline"].database.engine.dispose()


def test_what_was_taken_is_deleted_after_days_and_then_it_is_gone(world: World) -> None:
    store, token = WebChat(world.database), webchat.new_token()
    with world.transaction() as tx:
        media = webchat.upload(tx, token, b"x" * 100, "audio/ogg", "name", world.now)
    assert (media.kind, token in media.reference) == ("audio", False)
    assert store.fetch(media, 100).body == b"x" * 100
    with pytest.raises(SendError, match="too_large"):
        store.fetch(media, 99)
    with world.transaction() as tx:
        webchat.expire(tx, world.now + webchat.KEEP)
    assert store.fetch(media, 100).body == b"x" * 100
    with world.transaction() as tx:
        webchat.expire(tx, world.now + webchat.KEEP_UPLOAD + webchat.KEEP)
    for gone in (media, Media("image", f"{'0' * 32} {'0' * 64}")):
        with pytest.raises(SendError, match="gone"):
            store.fetch(gone, 100)


def test_a_flood_of_files_fills_no_disk_and_holds_up_no_words(
    world: World, reporter: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webchat, "MAX_UPLOADS", 1)
    for text in (TIP, "and one more"):
        assert sends(reporter, samples.jpeg(), text) == 200
    world.settle()
    world.collects()
    assert sorted(row.state for row in kept(world)) == ["kept", "unavailable"]
    assert world.written() == [TIP, "and one more"]
    reporter.opens("/chat")
    assert translate(texts.NOT_ARRIVED, "ur") in reporter.page.text


def test_a_store_out_of_reach_is_asked_again(world: World) -> None:
    with world.transaction() as tx:
        media = webchat.upload(tx, webchat.new_token(), b"x", "image/png", "name", world.now)
    world.database.away = True
    with pytest.raises(SendError) as caught:
        WebChat(world.database).fetch(media, 9)
    assert caught.value.retryable
