"""What the engine's state machine draws from, and the gateway that watches what leaves."""

from collections import Counter
from collections.abc import Callable

from hypothesis import strategies as st

from hotline.channels.contract import Outbound, SendError
from tests.journeys.gateways import Air

REPORTERS = [f"+9230000000{last}" for last in ("97", "98", "99")]
OFFICERS = {"amna": "01", "bilal": "02", "dania": "03", "ehsan": "04", "fatima": "05", "gulnaz": "11", "hamid": "12"}
NAMES = st.sampled_from(sorted(OFFICERS))
TEXTS = (
    "لاہور میں اینٹوں کے بھٹے پر کام", "Karachi factory, they lock them in", "مدد", "salam", "1", "2", "3", "9", "Lahore",
    "وہ اسے آج رات مار دیں گے خطرہ ہے", "STOP", "X", "0000000000", "they took my passport",
)  # fmt: skip
WAYS_TO_FAIL = {
    "refused": SendError("21610", retryable=False),
    "down": SendError("503", retryable=True),
    "nobody knows": SendError("timeout", retryable=True, unknown=True),
}
POLICIES = (
    "version: 1",
    "priorities: {P1: {repeat: PT2M, together: {duty_officer: [assistant_director]}}, P2: {repeat: PT7M}}",
    "priorities: {P2: {silence: {duty_officer: zonal_director}, channels: [{channel: call}, {channel: sms, after: PT1M}]}}",
    "kinds: {help: {P1: {accept: [PT1M, PT1M, PT1M, PT1M, PT1M]}}}\nintegrity: {P2: {accept: [PT3M], repeat: PT1M}}",
)


class Watched(Air):
    """A gateway that remembers which row it was given, and asks whether that row may leave at all."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()
        self.allowed = allowed

    def send(self, message: Outbound) -> str:
        """Deliver or fail; where nobody knows, the message did arrive."""
        assert self.allowed(message.id), "a page that was answered has left"
        failing = self.failures[message.address]
        if not failing or failing[0].unknown:
            self.taken[message.id] += 1
        return super().send(message)
