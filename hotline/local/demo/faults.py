"""The faults of a gateway, on request."""

import threading


class Faults:
    """The mishaps a gateway was asked for: counts of API calls still to come, and numbers that have bad luck."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        self.refused_numbers: dict[str, int] = {}  # number -> Twilio's error code
        self.undelivered_numbers: dict[str, int] = {}
        self._left = {"fail": 0, "drop": 0, "delay": 0, "lose": 0}
        self._fault_lock = threading.Lock()
        self.fail_status, self.fail_json, self.delay_seconds = 500, True, 0.0

    def fail_next(self, count: int = 1, status: int = 500, *, twilio_json: bool = True) -> None:
        """Answer the next calls with this status and take nothing; without `twilio_json` as a proxy would."""
        self.fail_status, self.fail_json, self._left["fail"] = status, twilio_json, count

    def drop_next(self, count: int = 1) -> None:
        """Take the next messages, then close the connection without an answer."""
        self._left["drop"] = count

    def delay_next(self, seconds: float, count: int = 1) -> None:
        """Take the next messages and answer so many seconds later."""
        self.delay_seconds, self._left["delay"] = seconds, count

    def lose_next(self, count: int = 1) -> None:
        """Keep the next messages from phones, and never call the hotline for them."""
        self._left["lose"] = count

    def refuse(self, number: str, code: int) -> None:
        """From now on refuse messages to this number with one of Twilio's codes."""
        self.refused_numbers[number] = code

    def undelivered(self, number: str, code: int = 30003) -> None:
        """From now on take messages to this number and report them undelivered."""
        self.undelivered_numbers[number] = code

    def due(self, fault: str) -> bool:
        """Tell whether this call is to suffer the fault ("fail", "drop", "delay", "lose"); it is one less from here."""
        with self._fault_lock:
            due = self._left[fault] > 0
            self._left[fault] -= due
            return due

    def hold(self) -> None:
        """Wait as long as a delayed answer takes, but not longer than the gateway lives."""
        self.closing.wait(self.delay_seconds)
