"""The clock: moves on what is due, four times a second, and leaves a heartbeat. Any number of clocks may run."""

import logging
import signal
import threading
import time
import urllib.request
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from hotline import accounts, app, health, logs
from hotline.channels import webchat
from hotline.db import Database
from hotline.escalation import Escalation
from hotline.settings import load
from hotline.vault import Vault

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two sweeps
BEAT = 1.0  # seconds between two heartbeats
CHORES = 60.0  # seconds between two rounds of housekeeping
URL_TIMEOUT = 5.0  # seconds


class Clock:
    """One clock process."""

    def __init__(self, database: Database, escalation: Escalation, heartbeat_url: str) -> None:
        self._database, self._escalation, self._heartbeat_url = database, escalation, heartbeat_url
        self._next_beat = self._next_chores = 0.0

    def tick(self) -> int:
        """One sweep, and whatever else is due; returns how many reports moved on."""
        now = self._database.now()
        moved = self._escalation.sweep(self._database, now)
        ticks = time.monotonic()
        if ticks >= self._next_beat:
            self._next_beat = ticks + BEAT
            with self._database.transaction() as tx:
                health.beat(tx, health.CLOCK, now)
        if ticks >= self._next_chores:
            self._next_chores = ticks + CHORES
            self._chores()
        return moved

    def _chores(self) -> None:
        with self._database.transaction() as tx:
            webchat.expire(tx, self._database.now())
            accounts.expire(tx, self._database.now())
        if self._heartbeat_url:
            threading.Thread(target=_call, args=(self._heartbeat_url,), daemon=True).start()


def _call(url: str) -> None:
    try:
        urllib.request.urlopen(url, timeout=URL_TIMEOUT).close()  # noqa: S310  # the operator's own setting
    except OSError as error:
        log.warning("heartbeat address does not answer", extra={"error": type(error).__name__})


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    settings = load()
    logs.quiet()
    stop = threading.Event()

    def polite(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, polite)
    # The clock holds no keys: it composes pages, which are sealed to the worker's public half.
    engine = app.escalation(settings, Vault(settings.keys_dir, "clock"))
    clock = Clock(app.database(settings), engine, settings.heartbeat_url)
    while not stop.is_set():
        try:
            clock.tick()
        except SQLAlchemyError as error:
            log.warning("sweep failed", extra={"error": type(error).__name__})
        stop.wait(TICK)


if __name__ == "__main__":
    main()
