"""Phones of a story: they text, they expect messages, and they notice what they did not expect."""

import re
from typing import Protocol

PAGE = re.compile(r"P(?P<priority>\d) report (?P<token>\d{4,6}) (?P<circle>[^.:]+)")
CODE = re.compile(r"\b\d{10}\b")


class Network(Protocol):
    """What carries the messages: parts in this process, or real processes behind a gateway."""

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """Text the hotline as `number`."""
        ...

    def arrived(self, number: str, more_than: int) -> list[str]:
        """All messages that ever reached `number`, once there are more than `more_than` (or none more will come)."""
        ...


class Phone:
    """One phone. What was expected once is not there to be expected again."""

    def __init__(self, network: Network, name: str, number: str) -> None:
        self.network, self.name, self.number = network, name, number
        self.read = 0
        self.token = ""  # of the last page
        self.code = ""  # the last reference code

    def texts(self, text: str, provider_id: str | None = None) -> None:
        """Send an SMS to the hotline."""
        self.network.send(self.number, text, provider_id)

    def expects(self, *parts: str) -> str:
        """The next message, which must contain all `parts`."""
        messages = self.network.arrived(self.number, self.read)
        assert len(messages) > self.read, f"{self.name} got nothing; expected {parts}"
        message = messages[self.read]
        self.read += 1
        missing = [part for part in parts if part not in message]
        assert not missing, f"{self.name} got {message!r}, which lacks {missing}"
        found = CODE.search(message)
        self.code = found[0] if found else self.code
        return message

    def expects_page(self, priority: str = "", circle: str = "", *, same_token: bool = False) -> str:
        """The next message, which must be a page; returns its token."""
        message = self.expects("report")
        page = PAGE.search(message)
        assert page is not None, f"{self.name} got {message!r}, which is no page"
        assert not priority or f"P{page['priority']}" == priority, f"{self.name} got {message!r}, not {priority}"
        assert page["circle"].startswith(circle), f"{self.name} got {message!r}, not of {circle}"
        assert not same_token or page["token"] == self.token
        self.token = page["token"]
        return self.token

    def accepts(self) -> None:
        """Answer the last page with a yes."""
        self.texts(f"1 {self.token}")

    def passes(self) -> None:
        """Pass the last page on."""
        self.texts(f"2 {self.token}")

    def unread(self) -> list[str]:
        """What arrived and nobody expected."""
        return self.network.arrived(self.number, 10**9)[self.read :]
