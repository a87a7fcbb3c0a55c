"""A whole hotline of real processes: web, worker and clock, real Redis, a gateway that checks; and their accidents."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from hotline.local.demo import webhook
from hotline.local.demo.gateway import Gateway
from hotline.local.demo.setup import NUMBER
from hotline.messaging.outbox import OutboxRow
from tests.journeys.phones import Phone
from tests.journeys.staff import number_of
from tests.servers import START_SECONDS, RedisServer, wait_until
from tests.support.site import SID, TOKEN, Site

WEB = "hotline.app:create_app()"
COMMANDS = {"worker": "python -m workers.jobs", "clock": "python -m workers.clock"}


class Town:
    """The processes of a story and its phones."""

    def __init__(self, url: str, redis: RedisServer, gateway: Gateway, address: str) -> None:
        self.redis, self.gateway = redis, gateway
        self.site = Site(url, redis_url=redis.url, gateway=address)
        gateway.connect(self.site.public)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.seconds = 0.0

    def start(self, *names: str) -> None:
        """Start processes, and return when the web answers. There may be several of a kind: `clock`, `clock-2`."""
        for name in names:
            self.running[name] = self.site.start(self.command(name))
        if "web" in names:
            self.site.wait()

    def command(self, name: str) -> str:
        """The command line of a process."""
        return COMMANDS.get(name.partition("-")[0]) or self.site.gunicorn(WEB)

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)  # with its children: each process has a group of its own
        process.wait()

    def stop(self) -> None:
        """End everything."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()
        self.site.database.engine.dispose()

    def forward(self, *, minutes: float) -> None:
        """Move the clock of all processes."""
        self.seconds += minutes * 60
        replacement = self.site.clock_file.with_suffix(".new")
        replacement.write_text(str(self.seconds), encoding="ascii")
        replacement.replace(self.site.clock_file)  # at once: no process reads half of it

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """A signed webhook that must be taken."""
        changed = {"MessageSid": provider_id} if provider_id else {}
        assert self.gateway.text(number, text, **changed) == 200

    def arrived(self, number: str, more_than: int, within: timedelta | None = None) -> list[str]:
        """The messages of a phone, once there are more than `more_than`, or after a while what there is.

        `within` is for stories whose clock is moved by hand: real processes take as long as the machine lets them.
        """
        del within
        if more_than < len(self.gateway.messages_to(number)) or more_than > 10**6:
            return self.gateway.messages_to(number)
        with suppress(TimeoutError):  # the phone says what it misses
            self.gateway.wait_for(lambda: len(self.gateway.messages_to(number)) > more_than, START_SECONDS)
        return self.gateway.messages_to(number)

    def buttons(self, number: str, place: int) -> Sequence[tuple[str, str]]:
        """None: this gateway has SMS only."""
        del number, place
        return ()

    def phone(self, name: str, number: str = "") -> Phone:
        """A phone of the cast; without a number, an officer's by name."""
        return Phone(self, name, number or number_of(name))

    def rows(self, *states: str) -> list[OutboxRow]:
        """Outbox rows in these states."""
        with self.site.database.reading() as tx:
            return list(tx.scalars(sa.select(OutboxRow).where(OutboxRow.state.in_(states))))

    def settled(self) -> None:
        """Return when nothing waits to leave."""
        wait_until(lambda: not self.rows("queued", "sending"), "the outbox")


@contextmanager
def town(url: str, redis: RedisServer) -> Iterator[Town]:
    """A town with a gateway in a thread of this process, which waits for the hotline longer than a provider would."""
    gateway = Gateway(account_sid=SID, auth_token=TOKEN, senders=[NUMBER])
    with mock.patch.object(webhook, "TIMEOUT", START_SECONDS), gateway.serve() as address:
        made = Town(url, redis, gateway, address)
        try:
            yield made
        finally:
            made.stop()
