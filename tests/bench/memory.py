"""The memory of all processes of `make run` together, each page counted once (PSS)."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from hotline.core.settings import ROOT
from hotline.local.redis_server import free_port
from tests.bench.output import line
from tests.servers import wait_until
from tests.support.site import answers


def run(_urls: dict[str, str], _redis_url: str) -> None:
    """Start everything in a folder of its own, use it a little, add up."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-memory-"))
    shutil.copy(ROOT / "Procfile", folder)
    port = free_port()
    given = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    command = [str(Path(sys.executable).parent / "hotline"), "run"]
    process = subprocess.Popen(command, env={**given, "PORT": str(port)}, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(_tree(process.pid)) >= 8, "all processes", 60)
        wait_until(lambda: answers(port, "/readyz"), "the hotline", 60)
        total = sum(_pss(pid) for pid in _tree(process.pid))
        line(f"memory of make run ({len(_tree(process.pid))} processes)", total, "MB", 500, at_most=True)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(child) for child in children.read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []
    return [pid, *(one for child in found for one in _tree(child))]


def _pss(pid: int) -> float:
    """Megabytes."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next(int(row.split()[1]) for row in text.splitlines() if row.startswith("Pss:")) / 1024
