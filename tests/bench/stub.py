"""A gateway that is never what a measure waits for: a process that answers like Twilio, and keeps nothing."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hotline.core.settings import ROOT
from hotline.local.redis_server import free_port
from tests.servers import wait_until

_CREATED = json.dumps({
    "sid": "SM" + "0" * 32, "account_sid": "AC" + "0" * 32, "status": "queued", "body": "", "num_segments": "1",
    "num_media": "0", "direction": "outbound-api", "from": None, "to": None, "date_created": None, "date_sent": None,
    "date_updated": None, "price": None, "price_unit": "USD", "error_code": None, "error_message": None,
    "api_version": "2010-04-01", "messaging_service_sid": None, "uri": "", "subresource_uris": {},
}).encode()  # fmt: skip
_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_CREATED),
    _CREATED,
)


class _Line(asyncio.Protocol):
    """One kept-alive connection; each request is answered after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        self._delay, self._read = delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._write = transport.write

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n") + 4) >= 4:
            length = self._read[:end].lower().partition(b"\ncontent-length:")[2].split(b"\r")[0]
            if len(self._read) < end + int(length):
                return
            self._read = self._read[end + int(length) :]
            asyncio.get_running_loop().call_later(self._delay, self._write, _ANSWER)


@contextmanager
def stub(delay: float = 0.0) -> Iterator[str]:
    """A gateway that takes `delay` seconds a message; gives its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.stub", str(port), str(delay)], cwd=ROOT)
    try:
        wait_until(lambda: _listens(port), "the gateway")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


async def _serve(port: int, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Line(delay), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
