"""The flow engine alone: steps a second on one core, the session read from JSON and written to it at each step."""

import time

from hotline.conversation import engine
from hotline.conversation.flow import Flows
from hotline.conversation.turn import Session
from hotline.core.settings import ROOT
from tests.bench.output import line

ANSWERS = ("1", "لاہور", "1", "ایجنٹ بشیر، سفید وین", "2", "3", "9")
SECONDS = 2.0


def run(_urls: dict[str, str], _redis_url: str) -> None:
    """Play the tip flow over and over."""
    flows = Flows.load(ROOT / "flows")
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        session = engine.start(flows, "tip", "ur").session
        for answer in ANSWERS:
            if session is None:
                break
            session = engine.resume(flows, Session.from_json(session.to_json()), answer).session
            steps += 1
    line("engine alone", steps / (time.perf_counter() - started), "steps/s", 20_000)
