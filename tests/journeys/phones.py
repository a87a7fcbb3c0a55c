"""Phones of a story: they text, they expect messages, and they notice what they did not expect."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from tests.journeys.clock import span

PAGE = re.compile(r"P(?P<priority>\d) report (?P<token>\d{4,6}) (?P<circle>[^.:]+)")
CODE = re.compile(r"\b\d{10}\b")
TOKEN = re.compile(r"(?<!\d)\d{4,6}(?!\d)")
ALL = 10**9  # messages: more than there ever are


class Network(Protocol):
    """What carries the messages: parts in this process, or real processes behind a gateway."""

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """Text the hotline as `number`."""
        ...

    def arrived(self, number: str, more_than: int, within: timedelta | None = None) -> list[str]:
        """All messages that ever reached `number`, once there are more than `more_than` (or none more will come).

        `within`: how long the story waits for that, on its own clock; without it, only for what is under way.
        """
        ...

    def buttons(self, number: str, place: int) -> Sequence[tuple[str, str]]:
        """Label and answer of each button under a message."""
        ...


class Phone:
    """One phone. What was expected once is not there to be expected again.

    `number` names the channel too, where it is not SMS: `telegram:7001`, `whatsapp:+923000000001`, `call:…`.
    """

    def __init__(self, network: Network, name: str, number: str) -> None:
        self.network, self.name, self.number = network, name, number
        self.read = 0
        self.token = ""  # of the last page
        self.code = ""  # the last reference code

    @property
    def channel(self) -> str:
        """SMS where the number names none."""
        return self.number.rpartition(":")[0] or "sms"

    @property
    def address(self) -> str:
        """The number without the channel."""
        return self.number.rpartition(":")[2]

    def texts(self, text: str, provider_id: str | None = None) -> None:
        """Send a message to the hotline."""
        self.network.send(self.number, text, provider_id)

    def expects(self, *parts: str, within: str = "") -> str:
        """The next message, which must contain all `parts` and come `within` a time ("5s"), or at once."""
        messages = self.network.arrived(self.number, self.read, span(within) if within else None)
        assert len(messages) > self.read, f"{self.name} got nothing; expected {parts}"
        message = messages[self.read]
        self.read += 1
        missing = [part for part in parts if part not in message]
        assert not missing, f"{self.name} got {message!r}, which lacks {missing}"
        found = CODE.search(message)
        self.code = found[0] if found else self.code
        return message

    def expects_page(self, priority: str = "", circle: str = "", *, same_token: bool = False, within: str = "") -> str:
        """The next message, which must be a page; returns its token."""
        message = self.expects("report", within=within)
        page = PAGE.search(message)
        assert page is not None, f"{self.name} got {message!r}, which is no page"
        assert not priority or f"P{page['priority']}" == priority, f"{self.name} got {message!r}, not {priority}"
        assert page["circle"].startswith(circle), f"{self.name} got {message!r}, not of {circle}"
        assert not same_token or page["token"] == self.token, f"{self.name} got {message!r}, not {self.token} again"
        self.token = page["token"]
        return self.token

    def accepts(self) -> None:
        """Answer the last page with a yes."""
        self.texts(f"1 {self.token}")

    def passes(self) -> None:
        """Pass the last page on."""
        self.texts(f"2 {self.token}")

    def presses(self, digit: str) -> None:
        """Press the button, or the key, of the last message expected whose answer begins with `digit`."""
        buttons = self.network.buttons(self.number, self.read - 1)
        answers = [answer for _, answer in buttons if answer.startswith(digit)]
        assert len(answers) == 1, f"{self.name} sees the buttons {list(buttons)}, no {digit}"
        self.texts(answers[0])

    def unread(self) -> list[str]:
        """What arrived and nobody expected."""
        return self.network.arrived(self.number, ALL)[self.read :]

    def reads_all(self) -> list[str]:
        """Expect whatever came; returns it."""
        found = self.unread()
        self.read += len(found)
        return found

    def is_silent(self) -> None:
        """Nothing arrived that was not expected."""
        assert self.unread() == [], f"{self.name} got {self.unread()}"
