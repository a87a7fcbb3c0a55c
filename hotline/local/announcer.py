"""The words of `hotline run` to the person at the terminal: what is waited for, then where everything is."""

import http.client
import threading
import time
from pathlib import Path

POLL_SECONDS = 0.25
GIVE_UP_SECONDS = 120.0
SHOWN = 300  # characters of an answer of /readyz


class Announcer(threading.Thread):
    """Asks /readyz until it answers 200 or GIVE_UP_SECONDS have passed, and prints each change."""

    def __init__(self, welcome: Path, port: int, phones: bool) -> None:
        super().__init__(name="announcer", daemon=True)
        self._welcome, self._port, self._phones = welcome, port, phones
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Say nothing more."""
        self._stopping.set()

    def run(self) -> None:
        said, deadline = "", time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            missing = not_ready(self._port)
            if not missing:
                print(addresses(self._welcome, self._port, self._phones), flush=True)
                return
            if missing != said:
                print(f"waiting for: {missing}", flush=True)
                said = missing
            if self._stopping.wait(POLL_SECONDS):
                return
        print(f"not ready after {GIVE_UP_SECONDS:.0f} seconds; the last word was: {said}", flush=True)


def not_ready(port: int) -> str:
    """Return what /readyz on this loopback port says is missing; empty once it answers 200."""
    # http.client and not urllib: no proxy from the environment may stand between
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(SHOWN).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return "the web process"
    finally:
        connection.close()
    return "" if answer.status == http.client.OK else " ".join(body.split()) or f"/readyz ({answer.status})"


def addresses(welcome: Path, port: int, phones: bool) -> str:
    """The addresses, and what the release left in `welcome` (demo logins, a test SMS), as one text."""
    lines = [
        "",
        f"Console      http://127.0.0.1:{port}/",
        f"Web chat     http://127.0.0.1:{port}/chat",
    ]
    if phones:
        lines.append(f"Demo phones  http://127.0.0.1:{port + 1}/")
    if welcome.exists():
        lines += ["", welcome.read_text(encoding="utf-8").strip()]
    return "\n".join([*lines, "", "Ctrl-C ends everything."])
