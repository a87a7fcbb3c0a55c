"""The bind to an operator's SMSC: takes in what it delivers, sends what waits on the channel "sms", and comes back by itself.

One process a bind: `smpp_repeats` remembers what it answered. It holds the keys of intake and worker and no others.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from hotline import app
from hotline.channels import registry
from hotline.channels.smpp.bind import Bind
from hotline.channels.smpp.link import ENQUIRE, BindAccount
from hotline.channels.smpp.receipts import Awaited
from hotline.core import logs
from hotline.core.settings import Settings, load
from hotline.monitoring import heartbeats
from workers.jobs import Senders
from workers.smpp_door import Door, Way

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between two looks at long texts whose parts are missing
BEAT = 5  # ticks between two heartbeats


class Smpp:
    """The process: a thread that holds the bind, the lane of what comes in, the senders of what goes out."""

    def __init__(self, parts: app.Bound, settings: Settings, way: Way | None = None, enquire: float = ENQUIRE) -> None:
        """`way`: for tests, the way in."""
        awaited = Awaited()
        way = way or parts.intake
        self.door = Door(way, parts.database, parts.vault, parts.page_failed, awaited)
        self.bind = Bind(account(settings), self.door.heard, awaited, enquire)
        self._database, self._stop, self._ticks = parts.database, threading.Event(), 0
        others = registry.CHANNELS - {"sms"}
        self._senders = Senders(parts.post(self.bind), settings.senders, elsewhere=others)
        self._thread = threading.Thread(target=self.bind.run, args=(self._stop,), name="bind", daemon=True)

    def start(self) -> None:
        """Connect, and begin to send."""
        self._thread.start()
        self._senders.start()

    def tick(self) -> None:
        """Every second: long texts that waited long enough, and the heartbeat while the bind stands. Never raises."""
        self._ticks += 1
        self._tried(self.door.sweep)
        self._tried(self._beat)

    def _tried(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001  # whatever it is: one step must not end the process
            log.warning("sweep failed", extra={"error": type(error).__name__})

    def _beat(self) -> None:
        if self.bind.bound and self._ticks % BEAT == 1:
            with self._database.transaction() as tx:
                heartbeats.beat(tx, heartbeats.SMPP, self._database.now())

    def stop(self) -> None:
        """Finish what is under way both ways, then unbind."""
        self._senders.stop()
        self.door.close()
        self._stop.set()
        self.bind.leave()
        self._thread.join()


def account(settings: Settings) -> BindAccount:
    """What the operator of the SMSC gave us."""
    return BindAccount(
        host=settings.smpp_host,
        port=settings.smpp_port,
        system_id=settings.smpp_system_id,
        password=settings.smpp_password.get_secret_value(),
        system_type=settings.smpp_system_type,
        sender=settings.smpp_sender,
        window=settings.smpp_window,
        rate=settings.smpp_rate,
    )


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    settings = load()
    logs.quiet()
    if not settings.smpp:
        sys.exit("HOTLINE_SMPP_HOST, _SYSTEM_ID, _PASSWORD and _SENDER are not all set (README#channels)")
    stop = threading.Event()

    def polite(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, polite)
    process = Smpp(app.bound(settings), settings)
    process.start()
    while not stop.wait(TICK):
        process.tick()
    process.stop()


if __name__ == "__main__":
    main()
