"""The line when a phone of the stand-in rings: who picks up, what is heard, which keys are pressed."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["human", "machine_start", "unknown", "busy", "no-answer", "failed"]
PICKED_UP = {"human", "machine_start", "unknown"}


@dataclass(slots=True)
class Call:
    """One call from the hotline. `heard` is what was said so far, a piece per <Say>."""

    sid: str
    number: str = field(repr=False)
    sender: str
    twiml: str = field(repr=False)
    status_url: str
    detection_url: str
    heard: list[str] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class Habit:
    """The reaction of a phone that rings; `keys` are pressed one after the other, whenever one is asked for."""

    outcome: Outcome = "human"
    keys: str = ""


@dataclass(frozen=True, slots=True)
class CallStep:
    """The words of TwiML before it first waits for a key, and where it posts that key; "" if it waits for none."""

    said: tuple[str, ...]
    action: str


class PhoneLines:
    """The habits of the phones."""

    def __init__(self) -> None:
        self.habits: dict[str, Habit] = {}

    def on_ring(self, number: str, outcome: Outcome = "human", keys: str = "") -> None:
        """From now on do this when that phone rings; unless told, a person listens and presses nothing."""
        self.habits[number] = Habit(outcome, keys)

    def habit(self, number: str) -> Habit:
        """Return what a phone does when it rings."""
        return self.habits.get(number, Habit())


def first_step(twiml: str) -> CallStep:
    """Read TwiML as far as its first Gather. Raises ET.ParseError; Twilio hangs up there."""
    said: list[str] = []
    for verb in ET.fromstring(twiml):  # noqa: S314  the hotline's own
        said += _said(verb)
        if verb.tag == "Gather":
            return CallStep(tuple(said), verb.get("action", ""))
    return CallStep(tuple(said), "")


def _said(verb: ET.Element) -> Iterator[str]:
    return (say.text or "" for say in verb.iter("Say"))
