"""The part of a conversation that is kept from one message to the next, sealed in between."""

import json
from dataclasses import dataclass, replace

from hotline.conversation import Session
from hotline.reports import Pen

Written = tuple[tuple[str, int], ...]  # name of a message, when it came (seconds since 1970)


@dataclass(frozen=True, slots=True)
class ConversationState:
    """The state of a conversation. All empty: nothing is under way."""

    session: Session | None = None  # a flow is under way; its `carry` is the pen of the report
    pen: str | None = None  # the flow is over, its report still open for more
    asked: bool = False  # the check word was asked for, and the rest waits for it
    report: str | None = None  # whose status is shown once the word was given
    campaign: str = ""  # the code of the link that led here, until there is a report
    question: str | None = None  # the mark of the message whose buttons count; None: none has any
    written: Written = ()  # what the person wrote lately, on channels that can delete it
    drift: str = ""  # the language of the last message, if it was another than that of the conversation
    chosen: bool = False  # the person chose the language

    @property
    def followed(self) -> str | None:
        """The report whose status the conversation is about."""
        return self.session.report if self.session is not None else None

    def with_pen(self, pen: Pen | None) -> "ConversationState":
        """The same with what the next message needs to go on with a report."""
        carry = pen.dump() if pen is not None else None
        return replace(self, session=replace(self.session, carry=carry)) if self.session else replace(self, pen=carry)

    def dump(self) -> str | None:
        """Write it as text; None if there is nothing to keep."""
        if self == ConversationState():
            return None
        session = self.session and self.session.to_json()
        followed = [self.pen, self.asked, self.report, self.campaign]
        return json.dumps([session, *followed, self.question, self.written, self.drift, self.chosen])

    @classmethod
    def load(cls, text: str | None) -> "ConversationState":
        """From `dump`; empty if it cannot be read: what people say now is taken all the same."""
        if text is None:
            return cls()
        try:
            session, *others = json.loads(text)
            state = cls(Session.from_json(session) if session else None, *others)
            return replace(state, written=tuple((name, at) for name, at in state.written))
        except (ValueError, TypeError):
            return cls()
