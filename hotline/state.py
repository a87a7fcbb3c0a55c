"""What is kept of a conversation from one message to the next, sealed in between."""

import json
from dataclasses import dataclass

from hotline.conversation.turn import Session


@dataclass(frozen=True, slots=True)
class State:
    """Where a person stands with us. All empty: nothing is under way."""

    session: Session | None = None  # a flow is under way; its `carry` is the pen of the report
    pen: str | None = None  # the flow is over, its report still open for more
    asked: bool = False  # the check word was asked for, and the rest waits for it
    report: str | None = None  # whose status is shown once the word was given
    campaign: str = ""  # the code of the link that led here, until there is a report
    question: str | None = None  # the mark of the message whose buttons count; None: none has any

    def dump(self) -> str | None:
        """As text; None if there is nothing to keep."""
        if self == State():
            return None
        return json.dumps(
            [self.session and self.session.to_json(), self.pen, self.asked, self.report, self.campaign, self.question]
        )

    @classmethod
    def load(cls, text: str | None) -> "State":
        """From `dump`; empty if it cannot be read: what people say now is taken all the same."""
        if text is None:
            return cls()
        try:
            session, *others = json.loads(text)
            return cls(Session.from_json(session) if session else None, *others)
        except (ValueError, TypeError):
            return cls()
