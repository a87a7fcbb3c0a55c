"""Asks Telegram for messages, where it can't call us: what it gives is committed first, and confirmed by asking for the next.

1. Telegram keeps updates (for a day) until one asks for those from a number on: all below it are confirmed, and gone.
2. Each update goes the way of a webhook's: read by the channel, taken in by the intake, in a transaction of its own.
3. When all of an answer are stored the cursor moves, and the next call confirms them. A process that is killed in between
   gets them again, and `provider_id` makes once of twice. So a second process would do no harm; Telegram refuses it (409).
4. The store is away: the cursor stays, and the same are asked for again after a pause that grows.
5. One message alone can't be stored: those behind it are, and it is tried again, until it has failed so long, and so many
   others were stored after it, that it must be at fault.
"""

import logging
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from hotline.app import Hotline
from hotline.channels.contract import Malformed, SendError
from hotline.channels.telegram.channel import Telegram
from hotline.core import db
from hotline.core.settings import Settings
from hotline.intake import Intake
from hotline.messaging import inbox
from hotline.monitoring import heartbeats
from workers.process import run_until_signal

log = logging.getLogger(__name__)

LONG_POLL = 20  # seconds that Telegram holds a call while there is nothing
FIRST_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds; doubles
RETRY = 5.0  # seconds until one that could not be stored is tried again
OTHERS = 10  # messages stored after one that can't be,
TRIED_FOR = timedelta(minutes=10)  # and how long that one was tried: then it is passed over
# Update ids begin anew after a week without any. A number from before would confirm, unseen, what is below it; and what
# is older than a day Telegram does not keep anyway.
TRUSTED = timedelta(days=1)
WORDS = {"409": "telegram refuses: a webhook is set (deleteWebhook), or another process asks (README#telegram)"}
TICK = 0.2  # seconds between two tries to end a call that waits


@dataclass
class _Failed:
    """Since when an update can't be stored, and how many others were stored after it."""

    since: datetime
    others: int = 0


class Pull:
    """The process. `wait`: seconds of a long poll."""

    def __init__(self, telegram: Telegram, intake: Intake, wait: int = LONG_POLL) -> None:
        self._telegram, self._intake, self._database = telegram, intake, intake.database
        self._wait, self._name = wait, f"telegram:{telegram.bot_id}"
        self._pause, self._said = FIRST_PAUSE, ""
        self._failed: dict[int, _Failed] = {}  # updates that can't be stored
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pull", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being stored, wait for nothing more."""
        self._stop.set()
        while self._thread.is_alive():
            self._telegram.interrupt()
            self._thread.join(TICK)
        self._telegram.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self.turn()
            except Exception:
                log.exception("turn failed")
                pause = MAX_PAUSE
            self._stop.wait(pause)

    def turn(self) -> float:
        """Ask once and take in what comes; returns the seconds to wait before the next time."""
        try:
            whole = self._take_in(self._telegram.updates(self._offset(), self._wait))
        except SendError as error:
            return 0.0 if self._stop.is_set() else self._later(WORDS.get(error.code, "telegram fails"), error)
        except SQLAlchemyError as error:
            return self._later("store out of reach", error)
        if not whole:
            return RETRY
        self._pause, self._said = FIRST_PAUSE, ""
        return 0.0

    def _later(self, words: str, error: SendError | SQLAlchemyError) -> float:
        """Say what is wrong, once, and wait longer each time."""
        code = error.code if isinstance(error, SendError) else type(error).__name__
        if words + str(code) != self._said:
            log.error(words, extra={"channel": "telegram", "error": code})
        self._said = words + str(code)
        asked = error.wait if isinstance(error, SendError) else 0.0
        pause, self._pause = self._pause, min(2 * self._pause, MAX_PAUSE)
        return max(pause, asked)

    def _offset(self) -> int | None:
        """The number to ask from; None: from the first that is not confirmed."""
        with self._database.reading() as tx:
            last, _, moved = inbox.read_offset(tx, self._name).partition(" ")
        if not last or self._database.now() - datetime.fromisoformat(moved) > TRUSTED:
            return None
        return int(last) + 1

    def _take_in(self, updates: list[dict[str, Any]]) -> bool:
        """Store what came, then move the cursor up to the first that could not be stored; whether all were."""
        last, failed, now = None, dict[int, _Failed](), self._database.now()
        for update in updates:
            number = update.get("update_id")
            if type(number) is not int:
                self._pass_over("no number")
                continue
            taken = self._take(update)
            for one in failed.values():
                one.others += bool(taken)
            if taken is None and not self._given_up(number, now):
                failed[number] = self._failed.get(number) or _Failed(now)
            elif not failed:
                last = number
        self._failed = failed
        with self._database.transaction() as tx:
            heartbeats.beat(tx, heartbeats.PULL, now)
            if last is not None:
                inbox.store_offset(tx, self._name, f"{last} {now.isoformat()}")
        return not failed

    def _take(self, update: dict[str, Any]) -> bool | None:
        """Take one message in; tells whether it was new, None if it could not be stored. Raises SQLAlchemyError if nothing can be."""
        try:
            inbounds = self._telegram.read(update)
            new = [self._intake.receive(inbound, self._database.now()) for inbound in inbounds]
        except Malformed:
            self._pass_over("malformed")
            return False
        except Exception as error:
            log.error("not stored", extra={"channel": "telegram", "error": type(error).__name__})
            if isinstance(error, SQLAlchemyError) and not db.reachable(self._database):
                raise
            return None
        self._answer(update)
        return any(new)

    def _given_up(self, number: int, now: datetime) -> bool:
        known = self._failed.get(number)
        over = known is not None and known.others >= OTHERS and now - known.since >= TRIED_FOR
        if over:
            self._pass_over("not stored")
        return over

    def _pass_over(self, why: str) -> None:
        log.warning("update passed over", extra={"channel": "telegram", "error": why})

    def _answer(self, update: dict[str, Any]) -> None:
        try:
            self._telegram.taken(update)
        except SendError as error:  # it turns for a minute, and what it said is stored
            log.info("button not answered", extra={"channel": "telegram", "error": error.code})


def run(settings: Settings, stop: threading.Event) -> None:
    """Run until told to stop."""
    if not settings.telegram_pulled:
        sys.exit("HOTLINE_TELEGRAM_TOKEN and HOTLINE_TELEGRAM_POLL are not both set (README#telegram)")
    hotline = Hotline(settings, "intake")
    process = Pull(hotline.telegram, hotline.intake)
    process.start()
    stop.wait()
    process.stop()


if __name__ == "__main__":
    run_until_signal(run)
