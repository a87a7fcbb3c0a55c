"""A gateway in memory, one per channel: keeps what arrived, gives receipts, and fails on command."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.channels.contract import Delivery, DeliveryState, Outbound, SendError
from tests.journeys.clock import Clock

DOWN = SendError("503", retryable=True)
REFUSED = SendError("21610", retryable=False)
SHUT = SendError("131047", retryable=False, closed=True)
NO_ANSWER = SendError("timeout", retryable=True, unknown=True)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it arrived. `choices`: label and answer of each button; `row`: the outbox row it came from."""

    at: datetime | None
    channel: str
    address: str
    text: str
    row: str
    choices: tuple[tuple[str, str], ...]


class Air:
    """One channel's gateway. Without a command it takes everything at once and reports it delivered."""

    def __init__(self, channel: str = "sms", clock: Clock | None = None) -> None:
        self.channel, self.clock = channel, clock
        self.heard: dict[str, list[str]] = defaultdict(list)  # address -> texts, oldest first
        self.letters: list[Letter] = []  # of all addresses
        self.failures: dict[str, list[SendError]] = defaultdict(list)  # the next sends to an address
        self.deleted: dict[str, list[str]] = defaultdict(list)  # address -> names of messages, as asked
        self.receipts: list[Delivery] = []  # on their way to the hotline
        self._down: SendError | None = None
        self._receipt: dict[str, DeliveryState | None] = {}
        self._shut: dict[str, bool] = {}  # address -> whether the gateway takes the message and says so later
        self._seconds = 0.0

    # What a story commands.

    def is_down(self, how: SendError = DOWN) -> None:
        """Every send fails from now on."""
        self._down = how

    def works(self) -> None:
        """Everything works again."""
        self._down, self._seconds = None, 0.0
        self._receipt.clear()
        self._shut.clear()
        self.failures.clear()

    def refuses(self, address: str, times: int = 10_000) -> None:
        """This address is refused for good."""
        self.failures[address] = [REFUSED] * times

    def loses_answers(self, address: str, times: int = 1) -> None:
        """The next sends to this address arrive, and the hotline hears nothing of it."""
        self.failures[address] = [NO_ANSWER] * times

    def never_reaches(self, address: str) -> None:
        """Takes what goes to this address, and reports later that it did not arrive."""
        self._receipt[address] = "failed"

    def shuts(self, address: str, *, says_so_later: bool = False) -> None:
        """WhatsApp's 24 hours are over for this address: nothing but the neutral word passes."""
        self._shut[address] = says_so_later

    def gives_no_receipt(self, address: str) -> None:
        """Takes what goes to this address, delivers it, and never says so."""
        self._receipt[address] = None

    def takes(self, seconds: float) -> None:
        """Each send takes so long, on the story's clock."""
        self._seconds = seconds

    # What the hotline's worker sees.

    def send(self, message: Outbound) -> str:
        """Deliver, or fail as commanded."""
        if self.clock is not None and self._seconds:
            self.clock.moment += timedelta(seconds=self._seconds)
        if self._down is not None:
            raise self._down
        if self.failures[message.address]:
            error = self.failures[message.address].pop(0)
            if error is NO_ANSWER:
                self._arrive(message)
            raise error
        if message.deletes:
            self.deleted[message.address] += message.deletes
            return ""
        shut = message.address in self._shut and bool(message.text)
        if shut and not self._shut[message.address]:
            raise SHUT
        receipt = "failed" if shut else self._receipt.get(message.address, "delivered")
        if receipt != "failed":
            self._arrive(message)
        if receipt is not None:
            self.receipts.append(Delivery(message.id, receipt, "30003" if receipt == "failed" else "", closed=shut))
        return f"{self.channel}-{message.id}"

    def _arrive(self, message: Outbound) -> None:
        choices = tuple((choice.label, choice.answer) for choice in getattr(message, "choices", ()))
        at = self.clock.moment if self.clock is not None else None
        self.letters.append(Letter(at, self.channel, message.address, message.text, message.id, choices))
        self.heard[message.address].append(message.text)
