"""A message centre of an operator that does what a test says: npm's `smpp` as a server."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests import needs
from tests.servers import wait_until

HERE = Path(__file__).parent
SYSTEM_ID, PASSWORD, CODE = "hotline", "s3cret", "8398"
SENDER = "923000000078"
RECEIPT = 0x04


class Smsc:
    """A running message centre. `events` is all that it told."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process, self.events, self._tags = process, list[dict[str, Any]](), count(1)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.port: int = self.expect("listening")["port"]

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(json.loads(line))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()

    def tell(self, what: str, **fields: Any) -> None:
        """Give it a command, and wait until it is obeyed."""
        obeyed = len(self.of("obeyed"))
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **fields}).encode() + b"\n")
        self._process.stdin.flush()
        self.expect("obeyed", times=obeyed + 1)

    def of(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """What it told of an event."""
        return [each for each in list(self.events) if each["event"] == event and fields.items() <= each.items()]

    def expect(self, event: str, times: int = 1, **fields: Any) -> dict[str, Any]:
        """Wait until it has told so often of an event; the last of them."""
        wait_until(lambda: len(self.of(event, **fields)) >= times, f"{event} {fields} of {self.events[-3:]}")
        return self.of(event, **fields)[times - 1]

    def hands_over(self, octets: bytes, coding: int = 0, **fields: Any) -> int:
        """Write a deliver_sm; the tag under which its answer is told."""
        tag = next(self._tags)
        pdu = {
            "source_addr": SENDER, "source_addr_ton": 1, "source_addr_npi": 1, "destination_addr": CODE,
            "data_coding": coding, "short_message": octets.hex(), **fields,
        }  # fmt: skip
        self.tell("deliver", tag=tag, pdu=pdu)
        return tag

    def delivers(self, octets: bytes, coding: int = 0, **fields: Any) -> int:
        """Write a deliver_sm and wait for its answer: the status."""
        status: int = self.expect("answered", tag=self.hands_over(octets, coding, **fields))["status"]
        return status

    def texts(self, text: str, **fields: Any) -> int:
        """A person writes, in UCS-2."""
        return self.delivers(text.encode("utf-16-be", "surrogatepass"), 8, **fields)

    def reports(self, message_id: str, state: str, **fields: Any) -> int:
        """A receipt, in the words of SMPP's appendix B."""
        text = (
            f"id:{message_id} sub:001 dlvrd:001 submit date:2611271200 done date:2611271201 stat:{state} err:000 text:"
        )
        return self.delivers(text.encode(), esm_class=RECEIPT, **fields)


@contextmanager
def smsc() -> Iterator[Smsc]:
    """A message centre, until the block ends."""
    command = [needs.NODE.found(), str(HERE / "server.js"), SYSTEM_ID, PASSWORD]
    process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    running = Smsc(process)
    try:
        yield running
    finally:
        running.close()
