"""The only place where parts meet: builds what a web process, a worker or a clock needs, and nothing more."""

import logging
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from hotline.casework import DutyPhone
from hotline.channels import registry
from hotline.channels.contract import Receiver, Sender
from hotline.channels.telegram.channel import Telegram
from hotline.channels.twilio.channel import Twilio
from hotline.conversation import Flows, places
from hotline.core import logs
from hotline.core.db import Database
from hotline.core.settings import Settings, load
from hotline.core.vault import Vault
from hotline.escalation import Escalation, paging, policy
from hotline.intake import Desk, Intake
from hotline.messaging import Dispatcher, Doorbell, Outbox, PageFailed
from hotline.monitoring import Watchdog, heartbeats
from hotline.reports import Triage, attachments
from hotline.web import chat, console, site, webhooks
from hotline.web import health as health_pages

log = logging.getLogger(__name__)

MAX_BODY = 2 * 1024 * 1024  # bytes of a request; no provider's text message comes near


@dataclass(frozen=True)
class Parts:
    """What the views of a web process may use."""

    settings: Settings
    database: Database
    vault: Vault
    escalation: Escalation
    intake: Intake | None
    receivers: dict[str, Receiver]
    policy: policy.Policy
    triage: Triage

    def sweep_age(self, now: datetime) -> float | None:
        """Seconds since the clock's last sweep."""
        with self.database.reading() as tx:
            return heartbeats.sweep_age(tx, now)


def database(settings: Settings) -> Database:
    """The database of the settings."""
    return Database(settings.database_url, settings.clock_file)


def watchman(settings: Settings) -> Watchdog:
    """The eyes of a worker: it looks at the clock."""
    engine = escalation(settings, Vault(settings.keys_dir, "clock"))
    return Watchdog(database(settings), engine.outbox, engine.current.tiers)


def escalation(settings: Settings, vault: Vault) -> Escalation:
    """The engine with the policy in force. Raises DataFileError."""
    outbox = Outbox(vault, Doorbell(settings.redis_url))
    return Escalation(outbox, policy.load(settings.flows_dir / "escalation.yaml"))


def intake(
    settings: Settings, store: Database, vault: Vault, engine: Escalation, flows: Flows, triage: Triage
) -> Intake:
    """The way in. Raises DataFileError for a table with an error."""
    desk = Desk(vault, engine.outbox, engine, places.Places.load(settings.flows_dir / "districts.tsv"), triage)
    phones = DutyPhone(vault, engine.outbox, engine, settings.public_url)
    return Intake(store, flows, desk, phones)


def post(settings: Settings) -> Dispatcher:
    """The worker's side: the only process that opens addresses and texts."""
    store = database(settings)
    engine = escalation(settings, Vault(settings.keys_dir, "clock"))
    return Dispatcher(
        store, Vault(settings.keys_dir, "worker"), registry.senders(settings, store), engine.page_failed, paging.text
    )


def collector(settings: Settings) -> attachments.Collector:
    """The worker's other side: it fetches what people send beside words."""
    store, keys = database(settings), Vault(settings.keys_dir, "worker")
    fetchers = registry.fetchers(settings, store)
    return attachments.Collector(store, keys, fetchers, Outbox(keys, Doorbell(settings.redis_url)))


@dataclass(frozen=True)
class Bound:
    """What the process that holds a bind to an SMSC may use."""

    database: Database
    vault: Vault
    intake: Intake
    page_failed: PageFailed

    def post(self, sms: Sender) -> Dispatcher:
        """Its side of the outbox: SMS alone."""
        return Dispatcher(self.database, self.vault, {"sms": sms}, self.page_failed, paging.text)


def bound(settings: Settings) -> Bound:
    """The parts of `workers.smpp`. Raises DataFileError, KeyMissing."""
    vault, store = Vault(settings.keys_dir, "smpp"), database(settings)
    engine, flows = escalation(settings, vault), Flows.load(settings.flows_dir)
    triage = Triage.load(settings.flows_dir / "triage.yaml", flows.words)
    return Bound(store, vault, intake(settings, store, vault, engine, flows, triage), engine.page_failed)


@dataclass(frozen=True)
class Pulled:
    """What the process that asks Telegram for messages may use."""

    database: Database
    intake: Intake
    telegram: Telegram


def pulled(settings: Settings) -> Pulled:
    """The parts of `workers.pull`: the keys of the intake and no others. Raises DataFileError, KeyMissing."""
    store = database(settings)
    return Pulled(store, _way_in(settings, store), registry.telegram(settings))


@dataclass(frozen=True)
class Reconciled:
    """What the process that asks Twilio for missed messages may use. `name`: of its cursor."""

    database: Database
    intake: Intake
    twilio: Twilio
    name: str


def reconciled(settings: Settings) -> Reconciled:
    """The parts of `workers.reconcile`: the keys of the intake and no others. Raises DataFileError, KeyMissing."""
    store = database(settings)
    name = f"twilio:{settings.twilio_account_sid}"
    return Reconciled(store, _way_in(settings, store), registry.twilio(settings), name)


def _way_in(settings: Settings, store: Database) -> Intake:
    vault = Vault(settings.keys_dir, "intake")
    engine, flows = escalation(settings, vault), Flows.load(settings.flows_dir)
    triage = Triage.load(settings.flows_dir / "triage.yaml", flows.words)
    return intake(settings, store, vault, engine, flows, triage)


def parts(settings: Settings) -> Parts:
    """What a web process of the settings' role needs. Raises DataFileError, KeyMissing."""
    vault = Vault(settings.keys_dir, settings.role)
    store = database(settings)
    engine = escalation(settings, vault)
    flows = Flows.load(settings.flows_dir)
    triage = Triage.load(settings.flows_dir / "triage.yaml", flows.words)
    takes_messages = settings.role in ("intake", "all")
    return Parts(
        settings=settings,
        database=store,
        vault=vault,
        escalation=engine,
        intake=intake(settings, store, vault, engine, flows, triage) if takes_messages else None,
        receivers=registry.receivers(settings) if takes_messages else {},
        policy=engine.current,
        triage=triage,
    )


def create_app(settings: Settings | None = None) -> Flask:
    """The web process. The role in the settings chooses its blueprints and its keys."""
    settings = settings or load()
    logs.quiet()
    app = Flask("hotline.web")
    built = parts(settings)
    app.extensions["hotline"] = built
    app.config.update(
        SECRET_KEY=built.vault.web_secret(),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf = CSRFProtect(app)
    site.fit(app)
    app.register_blueprint(health_pages.blueprint)
    if settings.role in ("intake", "all"):
        csrf.exempt(webhooks.blueprint)  # providers sign their calls instead
        app.register_blueprint(webhooks.blueprint)
        app.register_blueprint(chat.blueprint)
    if settings.role in ("console", "all"):
        app.register_blueprint(console.blueprint)
    return app
