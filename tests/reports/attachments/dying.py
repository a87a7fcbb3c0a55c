"""A worker that is killed while it fetches: `python -m tests.attachments.dying URL KEYS`."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from hotline.channels.contract import Fetched, Media
from hotline.core.db import Database
from hotline.core.vault import Vault
from hotline.messaging.outbox import Outbox
from hotline.reports.attachments.collector import Collector
from tests.journeys.clock import MONDAY


class Deadly:
    """A Fetcher that ends its process."""

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Nobody hears of it again."""
        del media, limit
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class Then(Database):
    """On the story's clock."""

    def now(self) -> datetime:
        """The story's time."""
        return MONDAY


def _silent(outbox_id: str, *, urgent: bool) -> None:
    del outbox_id, urgent


if __name__ == "__main__":
    keys = Vault(Path(sys.argv[2]), "worker")
    Collector(Then(sys.argv[1]), keys, {"sms": Deadly()}, Outbox(keys, _silent)).collect_one()
