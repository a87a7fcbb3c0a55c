"""The values that go in and out of the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

EffectName = Literal["answer", "remark", "issue_code", "clear_chat", "erase", "language", "help", "leave", "end"]


@dataclass(frozen=True, slots=True)
class Effect:
    """A thing that the caller has to do, in the order given and in the transaction of the message.

    - `answer` {field, value, text, kind}: keep an answer. `value` is the choice's value, or None when the person used
      own words; `text` is what they typed; `kind` is "choice", "text" or "place" (the caller resolves the place).
    - `remark` {text}: keep words that answered nothing. They may be the most important ones.
    - `issue_code` {}: give this report a reference code; a text of the same turn shows it as {code}.
    - `clear_chat` {}: delete on both sides what was written here, where the channel can.
    - `erase` {}: forget how this person can be reached, and this conversation.
    - `language` {language}: the person chose a language.
    - `help` {}: the help flow begins; from here on the person is treated as somebody at risk.
    - `leave` {}: X, 00 or STOP: nothing is said, and nothing is sent afterwards.
    - `end` {}: the flow came to its end.
    """

    name: EffectName
    data: Mapping[str, str | None] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Say:
    """A message by its English texts; `render` translates it.

    `choices` are (number, text) pairs; `params` names what the caller must fill in, such as "code"; `before` is a line
    put in front, such as the hint after a slip; `known` stands for {known}, in the person's own language already. What
    holds in Pakistan only is marked `home`.
    """

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    params: tuple[str, ...] = ()
    before: str = ""
    known: str = ""
    home: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """The place of a person in a flow. `report` and `carry` belong to the caller: the engine hands them on untouched."""

    flow: str
    revision: str
    step: str
    language: str
    misses: int = 0
    report: str | None = None
    carry: str | None = field(default=None, repr=False)
    trail: tuple[str, ...] = ()  # questions before this one, "flow/step", for the way back
    facts: Mapping[str, str] = field(default_factory=dict)  # field -> value of the choices made
    known: Mapping[str, str] = field(default_factory=dict, repr=False)  # field -> what own words said of it already
    confirming: bool = False  # what is known of this question was shown, to be confirmed

    def to_json(self) -> str:
        """A JSON object as text. Fields may be added later; old texts stay readable."""
        return json.dumps({name: getattr(self, name) for name in _FIELDS})

    @classmethod
    def from_json(cls, text: str) -> "Session":
        """Raises ValueError if the text was not written by to_json."""
        try:
            data = json.loads(text)
            given = {name: data[name] for name in _FIELDS if name in data}
            return cls(**{**given, "trail": tuple(given.get("trail", ()))})
        except (TypeError, ValueError) as error:
            raise ValueError("not a session") from error


_FIELDS = tuple(one.name for one in fields(Session))


@dataclass(frozen=True, slots=True)
class Turn:
    """The engine's answer to one message: the session to keep (None: it is over), what to say, what to do."""

    session: Session | None
    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
