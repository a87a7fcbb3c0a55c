"""A whole hotline in this process: real database, real sealing, real engine; a clock that is moved by hand."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import audit, db, directory, outbox, paging, policy, reports, vault
from hotline.casefile import Desk
from hotline.channels.contract import Inbound, Outbound, SendError
from hotline.conversation.flow import Flows
from hotline.demo.setup import DIRECTORY
from hotline.duty_phone import DutyPhone
from hotline.escalation import Escalation
from hotline.intake import Intake
from hotline.outbox import Outbox, OutboxRow
from hotline.places import Places
from hotline.post import Post
from hotline.reports import Report
from hotline.settings import ROOT
from hotline.triage import Triage
from hotline.vault import Vault
from tests.journeys.phones import PAGE, Phone

FLOWS = ROOT / "flows"
MONDAY = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # ten in the morning in Karachi
LOADED = Flows.load(FLOWS)
PLACES = Places.load(FLOWS / "districts.tsv")
TRIAGE = Triage.load(FLOWS / "triage.yaml", LOADED.words)


class Clock(db.Database):
    """The database, on a clock that stands still until it is moved."""

    moment = MONDAY

    def now(self) -> datetime:
        """The story's time."""
        return self.moment


class Air:
    """A gateway in memory: keeps what arrived per number, and fails on command."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.failures: dict[str, list[SendError]] = defaultdict(list)

    def send(self, message: Outbound) -> str:
        """Deliver, or fail as commanded for that number."""
        if self.failures[message.address]:
            raise self.failures[message.address].pop(0)
        self.heard[message.address].append(message.text)
        return f"air-{sum(map(len, self.heard.values()))}"


def _silent(outbox_id: str, *, urgent: bool) -> None:
    """No doorbell: the story looks at the outbox itself."""
    del outbox_id, urgent


class World:
    """The hotline of a story, with its cast. Everything settles after each step: no message is under way."""

    def __init__(
        self, url: str, folder: Path, *, staff: Path = DIRECTORY, rules: Path = FLOWS / "escalation.yaml"
    ) -> None:
        vault.make_keys(folder / "keys")
        self.database = Clock(url)
        self.air = Air()
        self.keys = Vault(folder / "keys", "all")
        self.rules = policy.load(rules)
        self.box = Outbox(self.keys, _silent)
        self.engine = Escalation(self.box, self.rules)
        self.desk = Desk(self.keys, self.box, self.engine, PLACES, TRIAGE)
        phones = DutyPhone(self.keys, self.box, self.engine, "https://hotline.example")
        self.intake = Intake(self.database, LOADED, self.desk, phones)
        clock_engine = Escalation(Outbox(Vault(folder / "keys", "clock"), _silent), self.rules)
        self.clock_engine = clock_engine
        worker = Vault(folder / "keys", "worker")
        self.post = Post(self.database, worker, {"sms": self.air}, paging.is_open, clock_engine.page_failed)
        self.messages = 0
        self.worker_sleeps = False
        with self.transaction() as tx:
            policy.register(tx, self.rules, self.now)
        self.load(staff)
        self.phones: dict[str, Phone] = {}

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.database.now()

    @property
    def transaction(self) -> Callable[[], AbstractContextManager[Session]]:
        """A transaction of the story's database."""
        return self.database.transaction

    def load(self, staff: Path) -> None:
        """Load a directory file."""
        with self.transaction() as tx:
            directory.load(tx, self.keys, PLACES, self.rules.tiers, staff, self.now)

    def phone(self, name: str, number: str) -> Phone:
        """A phone of the cast; the same one for the same number."""
        return self.phones.setdefault(number, Phone(self, name, number))

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """A text arrives, and all that follows from it."""
        self.messages += 1
        self.intake.receive(Inbound("sms", provider_id or f"SM{self.messages:032d}", number, text), self.now)
        self.settle()

    def arrived(self, number: str, more_than: int) -> list[str]:
        """All messages that reached `number`: in this world nothing is ever still under way."""
        del more_than
        return self.air.heard[number]

    def settle(self) -> None:
        """Send everything that is due."""
        while not self.worker_sleeps and self.post.deliver_one():
            pass

    def forward(self, **delta: float) -> None:
        """Move the clock, stopping at each timer on the way as the clock process would."""
        target = self.now + timedelta(**delta)
        while (due := self._next_due()) is not None and due <= target:
            self.database.moment = max(due, self.now)
            self.clock_engine.sweep(self.database, self.now)
            self.settle()
        self.database.moment = target
        self.post.recover()
        self.settle()

    def _next_due(self) -> datetime | None:
        with self.database.reading() as tx:
            timers = tx.scalars(sa.select(Report.due_at).where(Report.due_at.is_not(None))).all()
            rows = tx.scalars(sa.select(OutboxRow.not_before).where(OutboxRow.state == outbox.State.QUEUED.value)).all()
        waiting = () if self.worker_sleeps else rows
        return min([moment for moment in (*timers, *waiting) if moment is not None], default=None)

    def report(self) -> Report:
        """The one report of the story."""
        with self.database.reading() as tx:
            return tx.scalars(sa.select(Report)).one()

    def written(self) -> list[str]:
        """What stands on the one report, opened as the console would."""
        with self.transaction() as tx:
            report = tx.scalars(sa.select(Report)).one()
            return [entry.text for entry in reports.entries(tx, reports.pick_up(tx, self.keys, report))]

    def events(self, *names: str) -> list[str]:
        """The names of the events on record, those of `names` only if given."""
        with self.database.reading() as tx:
            found = tx.scalars(sa.select(audit.AuditRow.event).order_by(audit.AuditRow.seq)).all()
        return [event for event in found if not names or event in names]

    def nobody_else_is_paged(self) -> None:
        """No phone at all has a page that the story did not expect."""
        pages = {number: [text for text in unread if PAGE.search(text)] for number, unread in self._unread().items()}
        assert not any(pages.values()), f"unexpected: {pages}"

    def everybody_is_silent(self) -> None:
        """No phone at all has any message that the story did not expect."""
        assert not any(self._unread().values()), f"unexpected: {self._unread()}"

    def _unread(self) -> dict[str, list[str]]:
        return {
            number: self.phones[number].unread() if number in self.phones else texts
            for number, texts in self.air.heard.items()
        }
