"""The process that holds the bind, in this process, on the database of a story and against a message centre."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Self

from hotline.app import Hotline
from hotline.channels.contract import Inbound
from hotline.core.settings import Settings
from hotline.core.vault import Vault
from hotline.intake.receive import Intake
from tests.journeys.world import World
from tests.servers import START_SECONDS, wait_until
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc
from workers.smpp import Smpp

POISON = "poison"  # the text that brings `Held` down


def settings(port: int, rate: float = 1000, password: str = PASSWORD) -> Settings:
    """Those of a bind to a message centre on this port."""
    return Settings(
        smpp_host="127.0.0.1", smpp_port=port, smpp_system_id=SYSTEM_ID, smpp_password=password, smpp_sender=CODE,
        smpp_rate=rate,
    )  # fmt: skip


def made(world: World, port: int, intake: Intake | None = None, *, enquire: float = 30.0, rate: float = 1000) -> Smpp:
    """The process with the keys of its role and no others, not started yet."""
    hotline = Hotline(settings(port, rate), "smpp")
    hotline.vault = Vault(world.folder / "keys", "smpp")
    hotline.database, hotline.intake, hotline.escalation = world.database, intake or world.intake, world.clock_engine
    return Smpp(hotline, enquire)


@contextmanager
def bound(
    world: World, centre: Smsc, intake: Intake | None = None, *, enquire: float = 30.0, rate: float = 1000
) -> Iterator[Smpp]:
    """The process, bound, until the block ends."""
    process = made(world, centre.port, intake, enquire=enquire, rate=rate)
    process.start()
    try:
        wait_until(lambda: process.bind.bound, "the bind")
        yield process
    finally:
        process.stop()


@dataclass(frozen=True)
class Held(Intake):
    """The way in, behind a door that a test opens."""

    open: threading.Event = field(default_factory=threading.Event)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    together: list[list[str]] = field(default_factory=list)  # texts that shared a transaction

    @classmethod
    def of(cls, intake: Intake) -> Self:
        """That of a story."""
        return cls(**{one.name: getattr(intake, one.name) for one in fields(intake)})

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """As the intake does, once the door is open; one text brings it down."""
        self.came.release()
        assert self.open.wait(START_SECONDS)
        if inbound.text == POISON:
            raise RuntimeError("a bug")
        return super().receive(inbound, now)

    def receive_all(self, inbounds: Sequence[Inbound], now: datetime) -> list[bool]:
        """As the intake does."""
        self.together.append([inbound.text for inbound in inbounds])
        if POISON in self.together[-1]:
            raise RuntimeError("a bug")
        return super().receive_all(inbounds, now)
