"""`hotline doctor`: what is missing or wrong, each with the section of the README that explains it."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from hotline import staff
from hotline.channels.aggregator import mapping
from hotline.channels.registry import PROVIDERS
from hotline.conversation import Flows, SecondReader, places
from hotline.core import localtime
from hotline.core.datafile import DataFileError
from hotline.core.db import Database
from hotline.core.settings import Settings, SettingsError, load
from hotline.core.vault import ROLE_KEYS, KeyMissing, Vault
from hotline.escalation import policy
from hotline.messaging import doorbell
from hotline.monitoring import heartbeats
from hotline.reports import Triage


def findings(environment: Mapping[str, str]) -> list[str]:
    """List findings, a line each: `error: …`, `warning: …` or `ok: …`; `(README#section)` tells what to do."""
    try:
        settings = load()
    except SettingsError as error:
        return [f"error: {line}" for line in str(error).splitlines()]
    lines = [
        *_settings(settings, environment),
        *_keys(settings),
        *_drills(settings),
        *_files(settings),
        *_redis(settings),
    ]
    return [*lines, *_store(settings)]


def _settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    for provider in PROVIDERS:
        full = [f"HOTLINE_{name}" for name in provider.needs]
        missing = [name for name in full if not (environment.get(name) or environment.get(f"{name}_FILE"))]
        if missing and not provider.spared(settings):
            yield f"warning: {provider.label} is off: {', '.join(missing)} not set (README#channels)"
    if settings.public_url.startswith("http://127.0.0.1") and not settings.demo:
        yield "warning: HOTLINE_PUBLIC_URL is this machine's own address; providers sign the public one (README#settings)"
    if settings.role == "all" and shutil.which("ffmpeg") is None:  # a worker has no role of its own
        yield "warning: ffmpeg is not installed: of sounds and films officers get originals only (README#channels)"
    if settings.kannel and settings.http:
        yield "error: HOTLINE_KANNEL_… and HOTLINE_HTTP_… are both set: SMS leave by Kannel alone (README#sms)"
    if settings.demo:
        yield "warning: HOTLINE_DEMO is on: demo logins, local phones (README#demo)"


def _keys(settings: Settings) -> Iterator[str]:
    # A machine of one role is not meant to have the keys of the others.
    roles = tuple(ROLE_KEYS) if settings.role == "all" else (settings.role,)
    missing: dict[str, list[str]] = {}
    for role in roles:
        try:
            Vault(settings.keys_dir, role)
        except KeyMissing as error:
            missing.setdefault(str(error), []).append(role)
    yield from (f"error: keys for {', '.join(roles)}: {error}" for error, roles in missing.items())
    for path in sorted(settings.keys_dir.glob("*.key")):
        if path.stat().st_mode & 0o077:
            yield f"error: {path.name} can be read by others; `chmod 600` it (README#keys)"


def _drills(settings: Settings) -> Iterator[str]:
    """Check that drills have their key wherever they pass."""
    if settings.drills and not (settings.keys_dir / "drill.key").exists():
        yield "warning: no drills are held: drill.key is missing; `hotline keys new` makes it (README#keys)"


def _files(settings: Settings) -> Iterator[str]:
    try:
        read_files(settings.flows_dir)
        yield "ok: flows, triage, places and policy"
    except DataFileError as error:
        yield from (f"error: {line} (README#flows)" for line in error.problems)
    try:
        if settings.http:
            mapping.load(settings.http_mapping)
    except DataFileError as error:
        yield from (f"error: {line} (README#sms)" for line in error.problems)


def read_files(folder: Path) -> policy.Policy:
    """Read every file of the flows folder, so that a fault stops the start; returns the policy. Raises DataFileError."""
    flows = Flows.load(folder)
    triage = Triage.load(folder / "triage.yaml", flows.words)
    places.Places.load(folder / "districts.tsv")
    SecondReader.load(folder)
    return policy.load(folder / "escalation.yaml", triage.reasons | flows.values("category"))


def _redis(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        yield "warning: HOTLINE_REDIS_URL not set: the worker looks every few seconds instead (README#settings)"
        return
    try:
        with doorbell.connect(settings.redis_url) as client:
            client.ping()
        yield "ok: Redis"
    except RedisError as error:
        yield f"error: Redis does not answer: {type(error).__name__} (README#settings)"


def _store(settings: Settings) -> Iterator[str]:
    store = Database(settings.database_url, settings.clock_file)
    try:
        yield from (f"error: not ready, missing: {what} (README#running)" for what in heartbeats.missing(store))
        yield from _roster(settings, store)
    except LookupError as error:
        yield f"error: {error.args[0]}"
    except (SQLAlchemyError, DataFileError) as error:
        yield f"error: the roster can't be read: {type(error).__name__} (README#settings)"
    finally:
        store.engine.dispose()


def _roster(settings: Settings, store: Database) -> Iterator[str]:
    rules = policy.load(settings.flows_dir / "escalation.yaml")
    with store.reading() as tx:
        _ = staff.current_directory(tx).desk
        gaps = staff.gaps(tx, rules.tiers, store.now())
    for gap in gaps:
        start, end = (moment.astimezone(localtime.LOCAL).strftime("%d %b %H:%M") for moment in (gap.start, gap.end))
        yield f"warning: nobody is {gap.tier} of {gap.circle} from {start} to {end} (README#directory)"
