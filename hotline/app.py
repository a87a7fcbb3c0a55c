"""The composition root: the only place where the parts of the hotline meet. Flask is loaded for the web process alone."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from hotline.casework import DutyPhone
from hotline.channels import registry
from hotline.channels.contract import Receiver, Sender
from hotline.channels.telegram.channel import Telegram
from hotline.channels.twilio.channel import Twilio
from hotline.conversation import Flows, Place, Places, SecondReader, placenames
from hotline.core import logs
from hotline.core.db import Database
from hotline.core.settings import Settings, load
from hotline.core.vault import Vault
from hotline.escalation import Escalation, Policy, paging, policy
from hotline.intake import Intake, Services
from hotline.messaging import Dispatcher, Doorbell, Outbox
from hotline.monitoring import Drill, Watchdog, drill
from hotline.reports import Collector, Triage

if TYPE_CHECKING:
    from flask import Flask


class Hotline:
    """The parts of one process, each built when it is first asked for: so a role opens its own keys and no others.

    What is wrong with a key or a table is raised then: KeyMissing, DataFileError.
    """

    def __init__(self, settings: Settings, role: str) -> None:
        """`role`: whose keys the process has (see `vault.ROLE_KEYS`)."""
        self.settings, self.role = settings, role

    def build(self, *parts: str) -> None:
        """Build these now, by their names: what is wrong shows when the process starts, not with the first message."""
        for part in parts:
            getattr(self, part)

    @cached_property
    def database(self) -> Database:
        """The database, with the clock that timers go by."""
        return Database(self.settings.database_url, self.settings.clock_file)

    @cached_property
    def vault(self) -> Vault:
        """The keys of the role."""
        return Vault(self.settings.keys_dir, self.role)

    @cached_property
    def flows(self) -> Flows:
        """The flows: what is asked and said."""
        return Flows.load(self.settings.flows_dir, free=self.settings.free)

    @cached_property
    def places(self) -> Places:
        """Districts and their circles."""
        return Places.load(self.settings.flows_dir / "districts.tsv")

    @cached_property
    def place_names(self) -> Mapping[str, Place]:
        """Districts and countries by the code that stands in the record."""
        return placenames.load(self.settings.flows_dir / "districts.tsv")

    @cached_property
    def triage(self) -> Triage:
        """The rules by which facts are named."""
        return Triage.load(self.settings.flows_dir / "triage.yaml", self.flows.words)

    @cached_property
    def policy(self) -> Policy:
        """Tiers and waits, as in force today."""
        wishes = self.triage.reasons | self.flows.values("category")
        return policy.load(self.settings.flows_dir / "escalation.yaml", wishes)

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox, where messages are put to leave."""
        return Outbox(self.vault, Doorbell(self.settings.redis_url))

    @cached_property
    def escalation(self) -> Escalation:
        """The timer of each report."""
        return Escalation(self.outbox, self.policy)

    @cached_property
    def intake(self) -> Intake:
        """The way in for what the public and officers' phones send."""
        services = Services(
            self.vault, self.outbox, self.escalation, self.flows, self.places, self.triage,
            SecondReader.load(self.settings.flows_dir),
        )  # fmt: skip
        phones = DutyPhone(self.vault, self.outbox, self.escalation, self.settings.public_url, self.place_names)
        return Intake(self.database, services, phones)

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """Provider's name in `/in/<provider>` -> who reads its calls."""
        return registry.receivers(self.settings)

    @cached_property
    def senders(self) -> Mapping[str, Sender]:
        """Channel -> who sends on it, without channels that have a process of their own."""
        return registry.senders(self.settings, self.database)

    def dispatcher(self, senders: Mapping[str, Sender]) -> Dispatcher:
        """The sending side of the outbox: the only part that opens addresses and texts."""
        return Dispatcher(self.database, self.vault, senders, self.escalation.page_failed, paging.text)

    @cached_property
    def collector(self) -> Collector:
        """The collector, which fetches what people send beside words."""
        return Collector(self.database, self.vault, registry.fetchers(self.settings, self.database), self.outbox)

    @cached_property
    def watchdog(self) -> Watchdog:
        """The eyes of the worker, which look at the clock."""
        return Watchdog(self.database, self.outbox, self.policy.tiers)

    @cached_property
    def drills(self) -> Drill | None:
        """The drills, None where none are held."""
        return drill.of(self.settings, self.escalation)

    @cached_property
    def telegram(self) -> Telegram:
        """The bot."""
        return registry.telegram(self.settings)

    @cached_property
    def twilio(self) -> Twilio:
        """The account."""
        return registry.twilio(self.settings)


def create_app(settings: Settings | None = None) -> "Flask":
    """The web process, as gunicorn starts it. The role in the settings chooses its pages and its keys."""
    from hotline.web import app  # noqa: PLC0415  # 180 modules and 8 MB that no worker needs

    settings = settings or load()
    logs.quiet()
    return app.create_app(Hotline(settings, settings.role))
