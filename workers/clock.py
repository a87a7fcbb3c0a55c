"""The clock: moves on what is due, four times a second, and leaves a heartbeat. Any number of clocks may run."""

import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from hotline import staff
from hotline.app import Hotline
from hotline.casework import slips
from hotline.channels import webchat
from hotline.core.db import Database
from hotline.core.settings import Settings
from hotline.core.timers import Timer, Timers, in_transaction
from hotline.escalation import DUE_COLUMNS as REPORT_COLUMNS
from hotline.escalation import SWEEP_LIMIT, Escalation
from hotline.intake import ussd
from hotline.messaging import doorbell, outbox, safe_contact
from hotline.monitoring import Aside, Drill, heartbeats, in_a_thread, watchdog
from hotline.reports import attachments
from workers.process import run_until_signal

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two sweeps
URL_TIMEOUT = 5.0  # seconds
AWAY = 30.0  # seconds: a database that was out of reach for longer is on record, and told
# What workers wait by: a clock that was set back is noticed here, for them too.
OF_WORKERS = (*outbox.DUE_COLUMNS, *attachments.DUE_COLUMNS)


class Clock:
    """One clock process. `ticks` is a monotonic clock in seconds; `drills` None: none are held."""

    def __init__(
        self, database: Database, escalation: Escalation, *, heartbeat_url: str = "", redis_url: str = "",
        drills: Drill | None = None, ticks: Callable[[], float] = time.monotonic, aside: Aside | None = None,
    ) -> None:  # fmt: skip
        self._database, self._escalation, self._drills, self._ticks = database, escalation, drills, ticks
        self._aside = aside or in_a_thread
        self._heartbeat_url, self._redis_url = heartbeat_url, redis_url
        self._watch = watchdog.Watchdog(database, escalation.outbox, escalation.current.tiers, ticks)
        self._jumps = watchdog.ClockJumpDetector()
        self._swept = False  # since the last heartbeat
        self._timers = Timers(database, self._all(), ticks)

    def _all(self) -> Iterator[Timer]:
        """List everything that comes due by itself here: name, seconds between two steps, step, columns."""
        database, escalation = self._database, self._escalation
        yield Timer("reports", 0.0, self._sweep, REPORT_COLUMNS)
        yield Timer("heartbeat", 1.0, self._beat)
        yield Timer("slips", 1.0, lambda now: slips.sweep(database, escalation, now), slips.DUE_COLUMNS)
        if self._redis_url:
            yield Timer("redis", 10.0, lambda _now: self._aside(self._ping))
        yield Timer("watchdog", watchdog.EVERY, self._watch.from_clock)
        if self._drills is not None:
            yield Timer("drills", 2.0, partial(self._drills.look, database))
        yield Timer("web chat", 60.0, in_transaction(database, webchat.expire))
        yield Timer("ussd", 60.0, in_transaction(database, ussd.expire))
        yield Timer("log-ins", 60.0, in_transaction(database, staff.expire))
        yield Timer("safe contact", 60.0, in_transaction(database, safe_contact.release_due))
        if self._heartbeat_url:
            yield Timer("outside", 60.0, self._call_outside)

    def tick(self) -> int:
        """Take every step that is due; returns how much they did. Never raises."""
        return self._timers.run()

    def _sweep(self, now: datetime) -> int:
        moved = self._escalation.sweep(self._database, now)
        self._swept = True
        return moved

    def _beat(self, _now: datetime) -> None:
        """Leave the heartbeat of a clock that sweeps; record that the clock jumped, or that the database was away."""
        if not self._swept:
            return
        with self._database.transaction() as tx:
            self._record(tx)
        self._swept, self._timers.trouble_since = False, None

    def _record(self, tx: Session) -> None:
        ran = -watchdog.turned_back(tx, self._database.now, [*self._timers.columns, *OF_WORKERS])
        now, ticks, since = self._database.now(), self._ticks(), self._timers.trouble_since
        if since is not None and ticks - since > AWAY:
            watchdog.was_away(tx, ticks - since, now)
        ran = self._jumps.look(self._database.wall(), ticks) or ran
        if ran:
            watchdog.jumped(tx, ran, now)
        heartbeats.beat(tx, heartbeats.CLOCK, now)

    def _call_outside(self, _now: datetime) -> None:
        """Call whoever watches from outside, who hears nothing while messages are not handled: silence is the alarm."""
        if not heartbeats.missing(self._database):
            self._aside(lambda: _call(self._heartbeat_url))

    def _ping(self) -> None:
        try:
            with doorbell.connect(self._redis_url) as client:
                client.ping()
            self._watch.redis_answers = True
        except RedisError:
            self._watch.redis_answers = False


def _call(url: str) -> None:
    try:
        urllib.request.urlopen(url, timeout=URL_TIMEOUT).close()  # noqa: S310  # the operator's own setting
    except OSError as error:
        log.warning("heartbeat address does not answer", extra={"error": type(error).__name__})


def build(settings: Settings) -> Clock:
    """The clock of the settings. It holds no keys: it composes pages, which are sealed to the worker's public half."""
    hotline = Hotline(settings, "clock")
    return Clock(
        hotline.database, hotline.escalation, heartbeat_url=settings.heartbeat_url, redis_url=settings.redis_url,
        drills=hotline.drills,
    )  # fmt: skip


def run(settings: Settings, stop: threading.Event) -> None:
    """Run until told to stop."""
    clock = build(settings)
    while not stop.is_set():
        moved = clock.tick()
        stop.wait(0 if moved >= SWEEP_LIMIT else TICK)  # after an outage there is more


if __name__ == "__main__":
    run_until_signal(run)
