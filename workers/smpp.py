"""The bind to an operator's SMSC: takes in what it delivers, sends what waits on the channel "sms", and comes back by itself.

One process a bind: `smpp_repeats` remembers what it answered. It holds the keys of intake and worker and no others.
"""

import logging
import sys
import threading
from collections.abc import Callable

from hotline.app import Hotline
from hotline.channels.smpp.bind import Bind
from hotline.channels.smpp.link import ENQUIRE, BindAccount
from hotline.channels.smpp.receipts import Awaited
from hotline.channels.traits import TRAITS
from hotline.core.settings import Settings
from hotline.monitoring import heartbeats
from workers.jobs import Senders
from workers.process import run_until_signal
from workers.smpp_door import Door

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between two looks at long texts whose parts are missing
BEAT = 5  # ticks between two heartbeats


class Smpp:
    """The process: a thread that holds the bind, the lane of what comes in, the senders of what goes out."""

    def __init__(self, hotline: Hotline, enquire: float = ENQUIRE) -> None:
        """`enquire`: seconds of silence on the bind before it is asked whether it stands."""
        settings, awaited = hotline.settings, Awaited()
        self.door = Door(hotline.intake, hotline.vault, hotline.escalation.page_failed, awaited)
        self.bind = Bind(account(settings), self.door.heard, awaited, enquire)
        self._database, self._stop, self._ticks = hotline.database, threading.Event(), 0
        others = frozenset(TRAITS.keys() - {"sms"})
        self._senders = Senders(hotline.dispatcher({"sms": self.bind}), settings.senders, elsewhere=others)
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
    """Return the account that the operator of the SMSC gave us."""
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


def run(settings: Settings, stop: threading.Event) -> None:
    """Run until told to stop."""
    if not settings.smpp:
        sys.exit("HOTLINE_SMPP_HOST, _SYSTEM_ID, _PASSWORD and _SENDER are not all set (README#channels)")
    process = Smpp(Hotline(settings, "smpp"))
    process.start()
    while not stop.wait(TICK):
        process.tick()
    process.stop()


if __name__ == "__main__":
    run_until_signal(run)
