"""A tip by a real Kannel, and what becomes of texts while nobody answers it."""

import json
import os
import subprocess
import sys

import pytest

from hotline.core.settings import ROOT
from tests.kannel.story import BURST

LINES = 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$0" -m tests.kannel.story'


@pytest.mark.long
def test_a_tip_by_kannel_reaches_the_officer_and_nothing_is_lost_or_doubled() -> None:
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    done = subprocess.run(
        [*apart, "sh", "-c", LINES, sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert seen["page"].startswith("P1 report # Lahore")
    assert seen["answered"]
    assert seen["accepted"]
    assert seen["asked"]
    assert (seen["reports"], seen["messages"]) == (2 + BURST, 5 + BURST)
