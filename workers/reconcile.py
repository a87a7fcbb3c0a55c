"""Asks Twilio every few minutes what came in, and takes in what no webhook brought.

Twilio does not repeat a webhook for long. What was taken in already changes nothing: `provider_id` is unique for ever. How
far was looked stands in `cursors`, moved once all of it is stored; each look begins an hour before, for what was late.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from hotline.app import Hotline
from hotline.channels.contract import Inbound, SendError
from hotline.channels.twilio.channel import Twilio
from hotline.core.settings import Settings
from hotline.intake import Intake
from hotline.messaging import inbox
from workers.process import run_until_signal

log = logging.getLogger(__name__)

EVERY = 300.0  # seconds
OVERLAP = timedelta(hours=1)
YOUNG = timedelta(minutes=10)  # the webhook of a younger message may be under way, and says more: a place, a button
FIRST = timedelta(days=1)  # looked back where nobody has looked yet


class Reconcile:
    """One look after the other. `name`: of its cursor."""

    def __init__(self, twilio: Twilio, intake: Intake, name: str) -> None:
        self._twilio, self._intake, self._database, self._name = twilio, intake, intake.database, name

    def look(self) -> int:
        """Take in what was missed; returns how many messages. Raises SendError, SQLAlchemyError."""
        now = self._database.now()
        with self._database.reading() as tx:
            known = inbox.read_offset(tx, self._name)
        since = datetime.fromisoformat(known) - OVERLAP if known else now - FIRST
        taken = [self._take(inbound, now) for inbound in self._unseen(self._twilio.missed(since, now - YOUNG))]
        if None in taken:
            log.error("not stored", extra={"channel": "twilio", "count": taken.count(None)})
        else:
            with self._database.transaction() as tx:
                inbox.store_offset(tx, self._name, now.isoformat())
        if any(taken):
            log.warning("webhooks did not come", extra={"channel": "twilio", "count": taken.count(True)})
        return taken.count(True)

    def _unseen(self, inbounds: list[Inbound]) -> Iterator[Inbound]:
        """Those that did not come: of an hour, most did."""
        vault = self._intake.services.vault
        for channel in sorted({inbound.channel for inbound in inbounds}):
            mine = {inbound.provider_id: inbound for inbound in inbounds if inbound.channel == channel}
            with self._database.reading() as tx:
                known = inbox.seen(tx, vault, channel, mine)
            yield from (inbound for name, inbound in mine.items() if name not in known)

    def _take(self, inbound: Inbound, now: datetime) -> bool | None:
        """Take one message in; tells whether it is new, None if it could not be stored: it holds up none of the others."""
        try:
            return self._intake.receive(inbound, now)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is asked for again
            log.error("message not stored", extra={"channel": inbound.channel, "error": type(error).__name__})
            return None

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except SendError as error:
                log.error("twilio fails", extra={"channel": "twilio", "error": error.code})
            except SQLAlchemyError as error:
                log.error("store out of reach", extra={"channel": "twilio", "error": type(error).__name__})
            stop.wait(EVERY)


def run(settings: Settings, stop: threading.Event) -> None:
    """Run until told to stop."""
    if not settings.twilio_reconciled:
        sys.exit("HOTLINE_TWILIO_… is not set for SMS or WhatsApp (README#sms)")
    hotline = Hotline(settings, "intake")
    Reconcile(hotline.twilio, hotline.intake, f"twilio:{settings.twilio_account_sid}").run(stop)


if __name__ == "__main__":
    run_until_signal(run)
