"""A burst over a real Kannel, in a network of its own, while the web process is killed and started again. SQLite only."""

import json
import os
import subprocess
import sys

from hotline.core.settings import ROOT
from tests.bench.output import line
from tests.kannel.test_kannel import LINES

BURST = 2000
OTHERS = 5  # messages of the story beside the burst, of which two are reports


def run(urls: dict[str, str], redis_url: str) -> None:
    """The story of tests/kannel with a longer burst."""
    del urls, redis_url
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    command = [*apart, "sh", "-c", f"{LINES} {BURST}", sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    line(f"burst of {BURST} by Kannel, lost", max(0, OTHERS + BURST - seen["messages"]), "", 0, at_most=True)
    line(f"burst of {BURST} by Kannel, doubled", max(0, seen["reports"] - 2 - BURST), "", 0, at_most=True)
