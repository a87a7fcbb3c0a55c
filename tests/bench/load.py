"""A bounded load: signed first messages over kept-alive connections, prepared before the clock starts."""

import secrets
import socket
import threading
import time
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from hotline.local.demo.setup import NUMBER, TEST_TEXT
from tests.support.site import TOKEN


def prepare(public: str, count: int, text: str = TEST_TEXT) -> list[bytes]:
    """Whole HTTP requests: each a first message of somebody new."""
    validator = RequestValidator(TOKEN)
    url = f"{public}/in/twilio"
    made = []
    for _ in range(count):
        fields = {
            "MessageSid": "SM" + secrets.token_hex(16), "From": f"+92300{secrets.randbelow(10**7):07d}", "To": NUMBER,
            "Body": text,
        }  # fmt: skip
        body = urlencode(fields).encode()
        head = (
            f"POST /in/twilio HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {validator.compute_signature(url, fields)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def rate(port: int, requests: list[bytes], connections: int = 4) -> float:
    """Answers a second, all of which must be 200."""
    shares = [requests[start::connections] for start in range(connections)]
    failures: list[str] = []
    threads = [threading.Thread(target=_send, args=(port, share, failures)) for share in shares]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if failures:
        raise RuntimeError(f"{len(failures)} answers were not 200, the first: {failures[0]}")
    return len(requests) / seconds


def _send(port: int, requests: list[bytes], failures: list[str]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = line.makefile("rb")
        for request in requests:
            line.sendall(request)
            status = reader.readline()
            if b" 200 " not in status:
                failures.append(status.decode("latin-1"))
            length = 0
            while (header := reader.readline()) not in (b"\r\n", b""):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            reader.read(length)
