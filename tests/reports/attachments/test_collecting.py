"""The worker and what was sent along: fetched once, sealed, copied, tried again, given up, and asked for again."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Fetched, Inbound, Media, SendError
from hotline.core import vault
from hotline.intake import live_report
from hotline.intake.exchange import Exchange
from hotline.intake.state import ConversationState
from hotline.messaging.contacts import Contact
from hotline.reports import attachments
from hotline.reports.attachments import collector, copies, enclosing
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment, AttachmentBody
from tests.journeys.media import DOWN, GONE
from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.reports.attachments import samples

NUMBER, TIP = "+923000000099", "people are made to work in a kiln in Lahore"


@pytest.fixture
def reporter(world: World) -> Phone:
    """Somebody with a camera."""
    return world.phone("reporter", NUMBER)


def rows(world: World) -> list[Attachment]:
    with world.database.reading() as tx:
        return list(tx.scalars(sa.select(Attachment).order_by(Attachment.at, Attachment.number)))


def states(world: World) -> list[str]:
    return [row.state for row in rows(world)]


def opened(world: World, part: str, place: int = 0) -> attachments.Opened | None:
    with world.database.transaction() as tx:
        return attachments.open_part(tx, world.keys, world.report(), rows(world)[place].id, part)


def bodies(world: World) -> list[AttachmentBody]:
    with world.database.reading() as tx:
        return list(tx.scalars(sa.select(AttachmentBody)))


def test_the_original_is_sealed_as_it_came_and_the_copy_tells_no_place(world: World) -> None:
    original = samples.jpeg()
    world.send(NUMBER, TIP, None, original)
    waiting = rows(world)[0]
    assert (waiting.state, waiting.reference is not None) == ("waiting", True)
    world.collects()
    kept = rows(world)[0]
    assert (kept.state, kept.reference, kept.contact_id, kept.channel) == ("kept", None, None, None)
    assert (kept.original_type, kept.copy_type, kept.kib) == ("image/jpeg", "image/jpeg", -(-len(original) // 1024))
    found = opened(world, ORIGINAL)
    assert found is not None
    assert found.body == original
    copy = opened(world, COPY)
    assert copy is not None
    stored = [body.body for body in bodies(world)]
    assert not [word for word in samples.HIDDEN if word in copy.body or any(word in body for body in stored)]
    assert all(len(body) % vault.PAD == 12 + 16 for body in stored), "lengths tell no more than a multiple"


def test_the_same_webhook_again_makes_no_second_attachment(world: World) -> None:
    for _ in range(2):
        world.send(NUMBER, TIP, "SM1", samples.jpeg())
    assert states(world) == ["waiting"]


def test_a_message_without_pictures_asks_nothing_of_the_new_tables(world: World) -> None:
    world.send(NUMBER, TIP)
    seen: list[str] = []
    sa.event.listen(world.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    world.send(NUMBER, "one more word about the kiln")
    assert [statement for statement in seen if "attachment" in statement] == []


@pytest.mark.parametrize(
    ("name", "body", "state", "told"),
    [
        ("too large", b"\xff\xd8\xff" + b"x" * 40_000, "too_large", "too large"),
        ("a page", b"<html>" + b"x" * 20, "refused", None),
        ("nothing", b"", "refused", None),
    ],
)
def test_what_is_not_kept_is_marked_and_asked_for_again(
    world: World, reporter: Phone, name: str, body: bytes, state: str, told: str | None
) -> None:
    world.collector = collector.Collector(world.database, world.collector.vault, {}, world.box, limit=30_000)
    world.send(NUMBER, TIP, None, body)
    reporter.reads_all()
    world.collects()
    assert states(world) == [state], name
    assert bodies(world) == []
    if told is None:
        reporter.is_silent()
    else:
        reporter.expects(told)
    assert [data["state"] for _, data in world.record("fetched")] == [state]


def test_what_is_gone_is_asked_for_again_once_in_words_that_say_nothing(world: World, reporter: Phone) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    reporter.reads_all()
    world.shelf.failures = [GONE]
    world.collects()
    world.collects()
    assert reporter.expects("That did not arrive.") == "That did not arrive. Please send it again."
    reporter.is_silent()
    assert states(world) == ["unavailable"]


@pytest.mark.parametrize("together", [False, True], ids=["afterwards", "with the picture"])
def test_who_left_is_not_asked_again(world: World, reporter: Phone, together: bool) -> None:
    world.send(NUMBER, TIP)
    world.send(NUMBER, "X" if together else "", None, samples.jpeg())
    if not together:
        world.send(NUMBER, "X")
    reporter.reads_all()
    world.shelf.failures = [GONE]
    world.collects()
    reporter.is_silent()
    assert states(world) == ["unavailable"]


def test_who_must_hear_nothing_is_not_asked_again(world: World, reporter: Phone) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    reporter.reads_all()
    world.shelf.failures = [GONE]
    world.forward(minutes=20)
    world.collects()
    reporter.is_silent()
    assert [row.reason for row in world.rows("held")] == ["late"]


def test_a_provider_that_is_down_is_tried_again_ever_more_slowly_for_a_day(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    world.shelf.failures = [DOWN] * 100
    begun = world.now
    while states(world) == ["waiting"]:
        world.database.moment = max(rows(world)[0].not_before, world.now)
        before = rows(world)[0].attempts
        world.collects()
        assert rows(world)[0].attempts == before + 1
    assert states(world) == ["unavailable"]
    assert sum(world.shelf.fetched.values()) == collector.MAX_ATTEMPTS
    assert timedelta(hours=18) < world.now - begun < timedelta(hours=30)


def test_a_provider_that_comes_back_gives_what_it_has(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    world.shelf.failures = [DOWN, SendError("http_500", retryable=True)]
    for _ in range(3):
        world.collects()
        world.forward(seconds=30)
    assert states(world) == ["kept"]


def test_a_channel_that_breaks_holds_up_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg(), samples.png())
    first = f"{'SM' + '1'.zfill(32)}-0"
    monkeypatch.setitem(world.shelf.files, first, None)  # len(None) is a bug
    world.collects()
    assert states(world) == ["waiting", "kept"]


def test_many_workers_fetch_each_once(world: World) -> None:
    pages = [samples.saved(samples.picture(8, 8 + number), "PNG") for number in range(8)]
    world.send(NUMBER, TIP, None, *pages)
    world.simultaneously(*[world.collects] * 4)
    assert states(world) == ["kept"] * 8
    assert set(world.shelf.fetched.values()) == {1}
    assert len(bodies(world)) == 16


def test_what_a_killed_worker_had_is_taken_up_by_another(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    url = world.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.reports.attachments.dying", url, str(world.folder / "keys")]
    assert subprocess.run(command, check=False).returncode == -9
    world.collects()
    assert states(world) == ["waiting"], "the dead one's time is not over"
    world.leap(seconds=collector.LEASE.total_seconds() + 1)
    world.collects()
    assert (states(world), rows(world)[0].attempts) == (["kept"], 2)


def test_who_comes_too_late_changes_nothing(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())

    def slow(*_: object) -> None:
        world.database.moment += collector.LEASE + timedelta(seconds=1)
        monkey.undo()
        world.collects()

    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(copies, "copy_of", slow)
        world.collects()
    kept = rows(world)[0]
    assert (kept.state, kept.attempts, kept.copy_type) == ("kept", 2, "image/jpeg")
    assert len(bodies(world)) == 2


@pytest.mark.parametrize(("late", "state"), [(None, "kept"), (GONE, "waiting")], ids=["arrived", "gone"])
def test_of_two_tries_at_one_time_only_a_success_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, late: SendError | None, state: str
) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    fetch = world.shelf.fetch

    def slow(media: Media, limit: int) -> Fetched:
        monkeypatch.setattr(world.shelf, "fetch", fetch)
        world.leap(seconds=collector.LEASE.total_seconds() + 1)
        world.shelf.failures = [DOWN]
        world.collects()
        world.shelf.failures = [late] if late else []
        return fetch(media, limit)

    monkeypatch.setattr(world.shelf, "fetch", slow)
    assert replace(world.collector, fetchers={"sms": world.shelf}).collect_one()
    assert (states(world), rows(world)[0].attempts) == ([state], 2)


def test_what_ends_workers_again_and_again_is_given_up(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    with world.transaction() as tx:
        tx.execute(sa.update(Attachment).values(attempts=collector.MAX_ATTEMPTS))
    world.collects()
    assert states(world) == ["unavailable"]
    assert world.shelf.fetched.total() == 0


def test_a_flood_of_pictures_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosing, "MAX_OF_REPORT", 3)
    for _ in range(3):
        world.send(NUMBER, TIP, None, samples.png(), samples.png())
    assert sorted(states(world)) == ["refused"] * 3 + ["waiting"] * 3


def test_who_asks_to_be_forgotten_is_not_written_to(world: World, reporter: Phone) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    with world.transaction() as tx:
        asks = Inbound("sms", "asks to be forgotten", NUMBER, "")
        contact = tx.scalars(sa.select(Contact)).one()
        live_report.forget(Exchange(tx, world.services, contact, asks, world.now, ConversationState()))
    assert rows(world)[0].contact_id is None
    world.shelf.failures = [GONE]
    reporter.reads_all()
    world.collects()
    reporter.is_silent()
    assert states(world) == ["unavailable"]


def test_a_row_that_was_changed_does_not_open(world: World) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg(), samples.png())
    world.collects()
    first, second = (row.id for row in rows(world))
    with world.transaction() as tx:
        one, other = (tx.get_one(AttachmentBody, (row_id, COPY)) for row_id in (first, second))
        one.body, other.body = other.body, one.body
    with pytest.raises(vault.Unopenable):
        opened(world, COPY)
    with world.transaction() as tx:
        tx.execute(sa.update(Attachment).values(wrapped_key=None))
    with pytest.raises(vault.Unopenable):
        opened(world, ORIGINAL)
