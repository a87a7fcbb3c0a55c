"""The common parts of all workers: each runs until a signal ends it."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

from hotline.core import logs
from hotline.core.settings import Settings, load


def run_until_signal(run: Callable[[Settings, threading.Event], None]) -> None:
    """Give `run` the settings and an event that SIGTERM or Ctrl-C sets; it finishes what is under way, and returns."""
    settings, stop = load(), threading.Event()
    logs.quiet()
    set_by_signal(stop)
    run(settings, stop)


def set_by_signal(stop: threading.Event) -> None:
    """Let SIGTERM and Ctrl-C set the event, and do nothing else."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
