"""The process that holds the bind, in this process, on the database of a story and against a message centre."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from hotline import app
from hotline.channels.contract import Inbound, Screen
from hotline.core.settings import Settings
from hotline.core.vault import Vault
from tests.journeys.world import World
from tests.servers import wait_until
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc
from workers.smpp import Smpp
from workers.smpp_door import Way

POISON = "poison"  # the text that brings `Held` down


def settings(port: int, rate: float = 1000, password: str = PASSWORD) -> Settings:
    """Those of a bind to a message centre on this port."""
    return Settings(
        smpp_host="127.0.0.1", smpp_port=port, smpp_system_id=SYSTEM_ID, smpp_password=password, smpp_sender=CODE,
        smpp_rate=rate,
    )  # fmt: skip


def made(world: World, port: int, way: Way | None = None, *, enquire: float = 30.0, rate: float = 1000) -> Smpp:
    """The process with the keys of its role and no others, not started yet."""
    keys = Vault(world.folder / "keys", "smpp")
    parts = app.Bound(world.database, keys, world.intake, world.clock_engine.page_failed)
    return Smpp(parts, settings(port, rate), way, enquire)


@contextmanager
def bound(
    world: World, centre: Smsc, way: Way | None = None, *, enquire: float = 30.0, rate: float = 1000
) -> Iterator[Smpp]:
    """The process, bound, until the block ends."""
    process = made(world, centre.port, way, enquire=enquire, rate=rate)
    process.start()
    try:
        wait_until(lambda: process.bind.bound, "the bind")
        yield process
    finally:
        process.stop()


class Held:
    """The way in, behind a door that a test opens."""

    def __init__(self, world: World) -> None:
        self.world, self.open, self.came = world, threading.Event(), threading.Semaphore(0)
        self.together: list[list[str]] = []  # texts that shared a transaction

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """As the intake does, once the door is open; one text brings it down."""
        self.came.release()
        assert self.open.wait(30)
        if inbound.text == POISON:
            raise RuntimeError("a bug")
        return self.world.intake.receive(inbound, now)

    def receive_all(self, inbounds: Sequence[Inbound], now: datetime) -> list[bool]:
        """As the intake does."""
        self.together.append([inbound.text for inbound in inbounds])
        if POISON in self.together[-1]:
            raise RuntimeError("a bug")
        return self.world.intake.receive_all(inbounds, now)

    def show(self, inbound: Inbound, now: datetime) -> Screen:
        """No USSD."""
        raise NotImplementedError
