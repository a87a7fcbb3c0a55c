"""The thread beside the senders: it fetches by itself, and goes on after an error and an outage."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from hotline.reports.attachments.collector import Collector
from hotline.reports.attachments.tables import Attachment
from tests.journeys.world import World
from tests.reports.attachments import samples
from tests.servers import START_SECONDS, wait_until
from workers import collecting
from workers.collecting import Collecting

NUMBER, TIP = "+923000000099", "people are made to work in a kiln in Lahore"


@dataclass(frozen=True, slots=True)
class Stumbling(Collector):
    """Fails at first."""

    def collect_one(self) -> bool:
        """Until the story says otherwise."""
        if not STANDS.is_set():
            STUMBLED.set()
            raise ValueError("a bug")
        return Collector.collect_one(self)


STANDS, STUMBLED = threading.Event(), threading.Event()


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """No story waits for seconds."""
    monkeypatch.setattr(collecting, "POLL", 0.05)
    STANDS.clear()
    STUMBLED.clear()


def kept(world: World) -> bool:
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Attachment.state)).all() == ["kept"]


@contextmanager
def running(world: World, collector: Collector) -> Iterator[None]:
    """The thread, until the story is over."""
    made = Collecting(replace(collector, fetchers={"sms": world.shelf}))
    made.start()
    yield
    made.stop()
    made._thread.join(START_SECONDS)
    assert not made._thread.is_alive()


def test_what_arrives_is_fetched_by_itself(world: World) -> None:
    with running(world, world.collector):
        world.send(NUMBER, TIP, None, samples.jpeg())
        wait_until(lambda: kept(world), "the picture")


def test_an_error_stops_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    collector = world.collector
    with running(world, Stumbling(collector.database, collector.vault, {}, collector.outbox)):
        assert STUMBLED.wait(START_SECONDS)
        STANDS.set()
        wait_until(lambda: kept(world), "the picture")
    assert "attachments failed" in caplog.text


def test_an_outage_is_waited_out(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.send(NUMBER, TIP, None, samples.jpeg())
    world.database.away = True
    with running(world, world.collector):
        wait_until(lambda: "attachments out of reach" in caplog.text, "the outage")
        world.database.away = False
        wait_until(lambda: kept(world), "the picture")
