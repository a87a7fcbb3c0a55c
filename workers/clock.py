"""The clock: moves on what is due, four times a second, and leaves a heartbeat. Any number of clocks may run."""

import logging
import threading
import time
import urllib.request
from collections.abc import Callable

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import staff
from hotline.app import Hotline
from hotline.casework import slips
from hotline.channels import webchat
from hotline.core.db import Database
from hotline.core.settings import Settings
from hotline.escalation import SWEEP_LIMIT, Escalation
from hotline.intake import ussd
from hotline.messaging import doorbell, safe_contact
from hotline.monitoring import Aside, Drill, heartbeats, in_a_thread, watchdog
from workers.process import run_until_signal

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two sweeps
BEAT = 1.0  # seconds between two heartbeats
CHORES = 60.0  # seconds between two rounds of housekeeping
PING = 10.0  # seconds between two calls of Redis
URL_TIMEOUT = 5.0  # seconds
AWAY = 30.0  # seconds: a database that was out of reach for longer is on record, and told


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
        self._guard = watchdog.ClockJumpDetector()
        self._due = {"beat": 0.0, "ping": 0.0, "chores": 0.0}
        self._lost_at: float | None = None  # when the database went out of reach

    def tick(self) -> int:
        """One sweep, and whatever else is due; returns how many reports moved on. Never raises for the database."""
        try:
            moved = self._tick()
        except SQLAlchemyError as error:
            log.warning("sweep failed", extra={"error": type(error).__name__})
            self._lost_at = self._ticks() if self._lost_at is None else self._lost_at
            return 0
        return moved

    def _tick(self) -> int:
        moved = self._escalation.sweep(self._database, self._database.now())
        if self._time_for("beat", BEAT):
            with self._database.transaction() as tx:
                self._beat(tx)
            self._lost_at = None
            slips.sweep(self._database, self._escalation, self._database.now())
        if self._time_for("ping", PING) and self._redis_url:
            self._aside(self._ping)
        self._watch.from_clock()
        if self._drills is not None:
            self._drills.look(self._database)
        if self._time_for("chores", CHORES):
            self._chores()
        return moved

    def _time_for(self, what: str, every: float) -> bool:
        ticks = self._ticks()
        if ticks < self._due[what]:
            return False
        self._due[what] = ticks + every
        return True

    def _beat(self, tx: Session) -> None:
        """Leave the heartbeat; put on record that the clock jumped, or that the database was away."""
        ran = -watchdog.turned_back(tx, self._database.now)
        now, ticks = self._database.now(), self._ticks()
        away = ticks - self._lost_at if self._lost_at is not None else 0.0
        if away > AWAY:
            watchdog.was_away(tx, away, now)
        ran = self._guard.look(self._database.wall(), ticks) or ran
        if ran:
            watchdog.jumped(tx, ran, now)
        heartbeats.beat(tx, heartbeats.CLOCK, now)

    def _chores(self) -> None:
        with self._database.transaction() as tx:
            webchat.expire(tx, self._database.now())
            ussd.expire(tx, self._database.now())
            staff.expire(tx, self._database.now())
            safe_contact.release_due(tx, self._database.now())
        # Whoever watches from outside hears nothing while messages are not handled: silence is the alarm.
        if self._heartbeat_url and not heartbeats.missing(self._database):
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
