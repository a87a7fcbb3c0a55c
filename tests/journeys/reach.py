"""A whole hotline that is reached by one channel: its doors, its settings, its senders and fetchers.

Officers are paged by SMS: by the same gateway where that is what is tried, else by Twilio.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

from flask import Flask

from hotline.channels import registry
from hotline.core.settings import Settings
from hotline.reports.attachments.collector import Collector
from tests.journeys.phones import Phone
from tests.journeys.ways import WAYS, TwilioSms, Way
from tests.journeys.world import World
from tests.support.handsets import Network
from tests.web.test_webhooks import PUBLIC, application

HOME = ("sms by Kannel's smsbox", "sms by an aggregator", "sms by Twilio")


class Reach:
    """A whole hotline that is reached by one channel; the network of the phones of a story."""

    def __init__(self, world: World, app: Flask, settings: Settings, ways: Sequence[Way]) -> None:
        self.air = Network(world, app, settings.clock_file or Path())  # whose clock goes by the story's
        self.world = world
        self.reporters, self.officers = ways
        for way in ways:
            way.client = app.test_client()
        world.post = replace(world.post, senders=registry.senders(settings, world.database))
        fetchers = registry.fetchers(settings, world.database)
        self.collector = Collector(world.database, world.collector.vault, fetchers, world.box)

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """A message arrives, and all that follows from it."""
        del provider_id
        self.air.wait(seconds=3)  # nobody types faster
        way, address = self._way(number)
        way.says(address, text)
        self.settle()

    def shows(self, phone: Phone, text: str) -> None:
        """The same with a picture or a pin."""
        self.reporters.shows(phone.address, text)
        self.settle()

    def settle(self) -> None:
        """Workers fetch what was sent along, and send what is due; the application's clock ran on a little meanwhile."""
        self.air.wait(seconds=1)
        while self.collector.collect_one() or self.world.post.deliver_one():
            pass

    def arrived(self, number: str, more_than: int, within: timedelta | None = None) -> list[str]:
        """What a phone has heard."""
        del more_than, within
        way, address = self._way(number)
        return way.heard(address)

    def buttons(self, number: str, place: int) -> Sequence[tuple[str, str]]:
        """Looked at elsewhere."""
        del number, place
        return ()

    def at_once(self, times: int, text: str, address: str) -> list[int]:
        """One and the same message so many times at once: the statuses of the answers."""
        twins = [copy(self.reporters) for _ in range(times)]
        for twin in twins:
            twin.client, twin.numbers, twin.answers = self.air.app.test_client(), repeat(7), []
        threads = [threading.Thread(target=twin.says, args=(address, text)) for twin in twins]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [status for twin in twins for status in twin.answers]

    def _way(self, number: str) -> tuple[Way, str]:
        reporter, _, address = number.rpartition(":")
        return (self.reporters if reporter else self.officers), address


@contextmanager
def reached(world: World, tmp_path: Path, by: str) -> Iterator[Reach]:
    """The hotline with this one channel for the public; officers by the same one if it is SMS, else by Twilio."""
    reporters = WAYS[by]()
    with ExitStack() as running:
        values: dict[str, Any] = {"twilio_sms_from": ""}
        values |= running.enter_context(reporters.serve())
        officers = reporters
        if isinstance(reporters, TwilioSms):
            officers = reporters.by_sms()
        elif by not in HOME:
            officers = TwilioSms()
            values |= running.enter_context(officers.serve())
        app = application(world, tmp_path, clock_file=tmp_path / "clock", **values)
        settings: Settings = app.extensions["hotline"].settings
        assert settings.public_url == PUBLIC
        yield Reach(world, app, settings, (reporters, officers))
        app.extensions["hotline"].database.engine.dispose()
