"""A whole hotline in this process: real database, real sealing, real engine; a clock that is moved by hand."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hotline.casework.phone.duty_phone import DutyPhone
from hotline.channels.contract import Inbound
from hotline.conversation import Flows, SecondReader
from hotline.core import vault
from hotline.core.vault import Vault
from hotline.escalation import paging, policy
from hotline.escalation.engine import Escalation
from hotline.intake.exchange import Services
from hotline.intake.receive import Intake
from hotline.local.demo.setup import DIRECTORY
from hotline.messaging import outbox, receipts
from hotline.messaging.dispatcher import NO_ROOM, Dispatcher
from hotline.messaging.outbox import Outbox, OutboxRow
from hotline.messaging.queue import Capacity
from hotline.reports.attachments.collector import Collector
from hotline.reports.tables import Report
from tests.journeys.arrangement import FLOWS, PLACE_NAMES, PLACES, TRIAGE, Stage
from tests.journeys.clock import MONDAY, Clock
from tests.journeys.gateways import Air
from tests.journeys.media import Shelf
from tests.journeys.phones import PAGE, Phone
from tests.journeys.prepared import Prepared
from tests.journeys.staff import number_of

__all__ = ["MONDAY", "TRIAGE", "Air", "Clock", "World"]

LOADED, READER = Flows.load(FLOWS), SecondReader.load(FLOWS)
PREPARED: dict[str, Prepared] = {}  # by kind of database
TURN = 10  # messages that leave at once
MAX_STEPS = 20_000  # timers within one `forward`; more would be a clock that spins


def _silent(outbox_id: str, *, urgent: bool) -> None:
    """No doorbell: the story looks at the outbox itself."""
    del outbox_id, urgent


class World(Stage):
    """The hotline of a story, with its cast. Everything settles after each step: no message is under way."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database, self.folder = Clock(url), folder
        self.rules = policy.load(FLOWS / "escalation.yaml")
        self._begins()
        self.airs = {"sms": Air("sms", self.database)}
        self.box = Outbox(self.keys, _silent)
        self.engine = Escalation(self.box, self.rules)
        self.services = Services(self.keys, self.box, self.engine, LOADED, PLACES, TRIAGE, READER)
        phones = DutyPhone(self.keys, self.box, self.engine, "https://hotline.example", PLACE_NAMES)
        self.intake = Intake(self.database, self.services, phones)
        self.clock_engine = Escalation(Outbox(Vault(folder / "keys", "clock"), _silent), self.rules)
        worker = Vault(folder / "keys", "worker")
        self.post = Dispatcher(self.database, worker, self.airs, self.clock_engine.page_failed, paging.text)
        self.shelf = Shelf()  # what providers keep of pictures, voices and films
        self.collector = Collector(self.database, worker, {}, self.box)
        self.messages, self.phones = 0, dict[str, Phone]()
        self.worker_sleeps = self.clock_sleeps = False
        self.receipts = (
            False  # whether the providers' delivery reports reach the hotline; the stories' fixture says yes
        )
        self.unanswered: list[Inbound] = []  # webhooks that failed, which the provider will repeat
        self._counting = threading.Lock()

    def _begins(self) -> None:
        """Register the rules and load the demo's directory, or copy what came of that in an earlier story."""
        keys, kind = self.folder / "keys", self.database.engine.dialect.name
        begins = not keys.exists()  # some stories begin with keys that they made themselves
        if begins and kind in PREPARED:
            PREPARED[kind].put(self.database, keys)
            self.keys = Vault(keys, "all")
            return
        vault.make_keys(keys)
        self.keys = Vault(keys, "all")
        with self.transaction() as tx:
            policy.register(tx, self.rules, self.now)
        self.load(DIRECTORY)
        if begins:
            PREPARED[kind] = Prepared.taken_from(self.database, keys)

    # What the story looks at.

    @property
    def air(self) -> Air:
        """The SMS gateway."""
        return self.airs["sms"]

    @air.setter
    def air(self, gateway: Air) -> None:
        gateway.clock = self.database
        self.airs["sms"] = gateway

    def gateway(self, channel: str) -> Air:
        """The gateway of a channel; from the first time it is asked for, the channel is configured."""
        return self.airs.setdefault(channel, Air(channel, self.database))

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.database.now()

    def phone(self, name: str, number: str = "") -> Phone:
        """A phone of the cast; the same one for the same number. Without a number, an officer's by name."""
        number = number or number_of(name)
        self.gateway(_channel(number)[0])
        return self.phones.setdefault(number, Phone(self, name, number))

    # What happens.

    def send(self, number: str, text: str, provider_id: str | None = None, *files: bytes) -> None:
        """A message arrives, with pictures and the like, and all that follows from it."""
        with self._counting:
            self.messages += 1
            provider_id = provider_id or f"SM{self.messages:032d}"
        channel, peer = _channel(number)
        self._receive(Inbound(channel, provider_id, peer, text, media=self.shelf.put(provider_id, files)))

    def _receive(self, inbound: Inbound) -> None:
        try:
            self.intake.receive(inbound, self.now)
        except OperationalError:
            if not self.database.away:
                raise
            self.unanswered.append(inbound)
            return
        self.settle()

    def collects(self) -> None:
        """A worker fetches what was sent along, all that is due."""
        fetchers = dict.fromkeys(self.airs, self.shelf) | dict(self.collector.fetchers)
        collector = replace(self.collector, fetchers=fetchers)
        while collector.collect_one():
            pass
        self.settle()

    def provider_repeats(self) -> None:
        """The provider sends again what was not taken."""
        waiting, self.unanswered = self.unanswered, []
        for inbound in waiting:
            self._receive(inbound)

    def arrived(self, number: str, more_than: int, within: timedelta | None = None) -> list[str]:
        """All messages that reached `number`; with `within`, the clock goes on until there are more, or so far."""
        channel, address = _channel(number)
        heard = self.airs[channel].heard[address]
        if within is not None and len(heard) <= more_than:
            self._go_on(self.now + within, lambda: len(heard) > more_than)
        return heard

    def buttons(self, number: str, place: int) -> Sequence[tuple[str, str]]:
        """Label and answer of each button under a message of a phone."""
        channel, address = _channel(number)
        return [letter for letter in self.airs[channel].letters if letter.address == address][place].choices

    def settle(self) -> None:
        """Send everything that is due, and take the receipts."""
        if self.database.away:
            return
        while not self.worker_sleeps and (self._deliver() or self._take_receipts()):
            pass

    def _deliver(self) -> bool:
        """What a worker does in one turn; False when nothing is due."""
        turn = self.post.turn([], Capacity(TURN))
        self.post.turn([self.post.send(leaving) for leaving in turn.leaving], NO_ROOM)
        return turn.found > 0

    def _take_receipts(self) -> int:
        taken = 0
        for air in self.airs.values():
            while air.receipts:
                receipt = air.receipts.pop(0)
                if self.receipts:
                    with self.transaction() as tx:
                        receipts.delivered(tx, self.keys, receipt, self.now, self.engine.page_failed)
                    taken += 1
        return taken

    def tick(self) -> None:
        """The clock and the worker look at what is due now, unless they sleep or the database is away."""
        if self.database.away:
            return
        if not self.clock_sleeps:
            self.clock_engine.sweep(self.database, self.now)
        if not self.worker_sleeps:
            self.post.recover()
        self.settle()

    def forward(self, **delta: float) -> None:
        """Move the clock, stopping at each timer on the way as the clock process would."""
        self._go_on(self.now + timedelta(**delta), lambda: False)

    def leap(self, **delta: float) -> None:
        """Move the clock while the whole machine sleeps: nothing looks until it wakes."""
        self.database.moment += timedelta(**delta)
        self.tick()

    def _go_on(self, target: datetime, enough: Callable[[], bool]) -> None:
        for _ in range(MAX_STEPS):
            due = self._next_due()
            if due is None or due > target:
                break
            self.database.moment = max(due, self.now)
            self.tick()
            if enough():
                return
        else:
            raise AssertionError(f"more than {MAX_STEPS} timers until {target}: the clock spins")
        self.database.moment = max(target, self.now)
        self.tick()

    def _next_due(self) -> datetime | None:
        """The next moment at which a clock or worker that is awake has something to do."""
        if self.database.away:
            return None
        with self.database.reading() as tx:
            timers = tx.scalars(sa.select(sa.func.min(Report.due_at))).all()
            queued = OutboxRow.state == outbox.OutboxState.QUEUED.value
            rows = [
                tx.execute(sa.select(sa.func.min(OutboxRow.not_before)).where(queued)).scalar(),
                tx.execute(sa.select(sa.func.min(OutboxRow.receipt_by))).scalar(),
            ]
        waiting = (*(() if self.clock_sleeps else timers), *(() if self.worker_sleeps else rows))
        return min([moment for moment in waiting if moment is not None], default=None)

    def simultaneously(self, *acts: Callable[[], object]) -> None:
        """Do all of it at the same instant, each in a thread of its own; what they raise is raised here."""
        start = threading.Barrier(len(acts))

        def run(act: Callable[[], object]) -> None:
            start.wait()
            act()

        with ThreadPoolExecutor(len(acts)) as pool:
            for done in [pool.submit(run, act) for act in acts]:
                done.result()
        self.settle()

    # What the story expects of everybody.

    def nobody_else_is_paged(self) -> None:
        """No phone at all has a page that the story did not expect."""
        pages = {number: [text for text in unread if PAGE.search(text)] for number, unread in self._unread().items()}
        assert not any(pages.values()), f"unexpected: {pages}"

    def everybody_is_silent(self) -> None:
        """No phone at all has any message that the story did not expect."""
        assert not any(self._unread().values()), f"unexpected: {self._unread()}"

    def _unread(self) -> dict[str, list[str]]:
        heard = {
            (f"{channel}:" if channel != "sms" else "") + address: texts
            for channel, air in self.airs.items()
            for address, texts in air.heard.items()
        }
        return {
            number: self.phones[number].unread() if number in self.phones else texts for number, texts in heard.items()
        }


def _channel(number: str) -> tuple[str, str]:
    """Channel and address of a phone's number."""
    channel, _, address = number.rpartition(":")
    return channel or "sms", address
