"""Kannel's two processes, and the phones behind its fake operator."""

import socket
import subprocess
import threading
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote_plus

from hotline.core.settings import ROOT
from hotline.local.redis_server import free_port
from tests.servers import wait_until

PASSWORD, SECRET, SHORT_CODE = "pass", "word-of-the-gateway", "8398"


class Kannel:
    """One gateway in a folder of its own."""

    def __init__(self, folder: Path, hotline: str) -> None:
        self.smsc_port, self.smsbox_port, self.sendsms_port, admin = (free_port() for _ in range(4))
        self.url = f"http://127.0.0.1:{self.sendsms_port}/cgi-bin/sendsms"
        named = {
            "admin_port": admin, "smsbox_port": self.smsbox_port, "smsc_port": self.smsc_port, "folder": folder,
            "sendsms_port": self.sendsms_port, "short_code": SHORT_CODE, "password": PASSWORD, "secret": SECRET,
            "retry_seconds": 1, "hotline": hotline,
        }  # fmt: skip
        text = (ROOT / "hotline" / "docs" / "kannel.conf").read_text(encoding="utf-8")
        for name, value in named.items():
            text = text.replace("{" + name + "}", str(value))
        self._file = folder / "kannel.conf"
        self._file.write_text(text, encoding="utf-8")
        self._running: list[subprocess.Popen[bytes]] = []
        self.heard: dict[str, list[str]] = defaultdict(list)  # number -> texts

    def start(self) -> None:
        """Both processes, and the operator's line."""
        self._run("/usr/sbin/bearerbox")
        wait_until(lambda: _open(self.smsc_port) and _open(self.smsbox_port), "bearerbox")
        self._run("/usr/sbin/smsbox")
        wait_until(lambda: _open(self.sendsms_port), "smsbox")
        self._line = socket.create_connection(("127.0.0.1", self.smsc_port))
        threading.Thread(target=self._listen, daemon=True).start()

    def _run(self, program: str) -> None:
        self._running.append(
            subprocess.Popen([program, str(self._file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )

    def texts(self, number: str, text: str) -> None:
        """A phone texts the short code. Raw octets: what `mo-recode` makes of an operator's UCS-2."""
        self._line.sendall(f"{number} {SHORT_CODE} text {text}\n".encode())

    def _listen(self) -> None:
        """What leaves by the operator, a line each: `from to alphabet text`; Urdu stays in the operator's spelling."""
        for line in self._line.makefile("r", encoding="ascii", errors="replace"):
            _, number, _, *text = line.rstrip("\n").split(" ", 3)
            self.heard[number].append(unquote_plus("".join(text)))

    def stop(self) -> None:
        """End both."""
        for process in reversed(self._running):
            process.kill()
            process.wait()


def _open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
