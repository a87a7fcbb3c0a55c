"""WhatsApp's webhook under 50 calls a second: how long each waits for its answer. Calls leave on time, answered or not."""

import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from statistics import median

from hotline.local.demo.setup import TEST_TEXT
from tests.bench.output import line, percentile
from tests.support.site import Site

RATE, SECONDS, CONNECTIONS = 50, 20, 16
APP_SECRET, PHONE_ID = "secret-of-the-app", "1055"


def run(urls: dict[str, str], redis_url: str) -> None:
    """A web process and a worker on each database; every call is the first message of somebody new."""
    for name, url in urls.items():
        site = Site(url, redis_url=redis_url, gateway="http://127.0.0.1:9")
        site.environment |= {
            "HOTLINE_WHATSAPP_TOKEN": "token", "HOTLINE_WHATSAPP_APP_SECRET": APP_SECRET,
            "HOTLINE_WHATSAPP_VERIFY_TOKEN": "word", "HOTLINE_WHATSAPP_PHONE_ID": PHONE_ID,
            "HOTLINE_WHATSAPP_API_URL": "http://127.0.0.1:9",
        }  # fmt: skip
        del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each message: for tests only
        with site.processes(site.gunicorn("hotline.app:create_app()"), "python -m workers.jobs"):
            site.wait()
            _calls(site.port, RATE * 2)
            waited = _calls(site.port, RATE * SECONDS)
        line(f"WhatsApp's webhook at {RATE}/s, median, {name}", 1000 * median(waited), "ms", 50, at_most=True)
        line(f"WhatsApp's webhook at {RATE}/s, p99, {name}", 1000 * percentile(waited, 0.99), "ms", 250, at_most=True)


def _calls(port: int, count: int) -> list[float]:
    """Seconds from the moment that a call was due until its answer, which must be 200."""
    calls = [_webhook() for _ in range(count)]
    waited: list[float] = []
    begins = time.perf_counter() + 0.1

    def caller(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for number in range(first, count, CONNECTIONS):
            due = begins + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            body, headers = calls[number]
            connection.request("POST", "/in/whatsapp", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"answered {answer.status}")
            waited.append(time.perf_counter() - due)
        connection.close()

    threads = [threading.Thread(target=caller, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(waited) != count:
        raise RuntimeError(f"{count - len(waited)} of {count} calls were not answered well")
    return waited


def _webhook() -> tuple[bytes, dict[str, str]]:
    message = {"from": f"92300{secrets.randbelow(10**7):07d}", "id": f"wamid.{secrets.token_hex(16)}", "timestamp": str(int(time.time())),
               "type": "text", "text": {"body": TEST_TEXT}}  # fmt: skip
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE_ID}, "messages": [message]}
    data = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "0", "changes": [{"field": "messages", "value": value}]}],
    }
    body = json.dumps(data).encode()
    signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
