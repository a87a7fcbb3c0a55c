"""The one result of everything that officers do; the console and the phone put it into words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """The reason why an action changed nothing, or nothing but the record."""

    CLOSED = "closed"  # the report was closed already
    TAKEN = "taken"  # somebody else has accepted it
    MOVED = "moved"  # the report went to another circle meanwhile
    OTHERS = "others"  # another officer has it, or nobody
    NOBODY = "nobody"  # the one who is named is no officer who can have the report in hand
    FUTURE = "future"  # the time that was typed has not come yet
    EARLY = "early"  # the time that was typed is before the beginning of what it is about
    TYPED = "typed"  # the receipt of this slip was typed in before
    REASON = "reason"  # a reason has to be given
    NOTE = "note"  # a note has to say first what was done
    LONG = "long"  # the question does not fit a text message
    REVEALING = "revealing"  # the question names what nobody else may read
    GONE = "gone"  # the message is not held for being late, or not any more
    ASKED = "asked"  # a request to release it stands already
    SAME = "same"  # another officer than the one who asked has to confirm
    LAPSED = "lapsed"  # no request to release it stands, or not any more
    NO_WAY_BACK = "no_way_back"  # nothing can be sent to whoever reported


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of an action: a fault or none, and the officer who has the report where that is the answer."""

    fault: Fault | None = None
    officer_id: str | None = None
    preferred: str | None = None  # name of an officer paged too, whom the victim would rather talk to
    since: datetime | None = None  # with EARLY: nothing can have been before

    @property
    def done(self) -> bool:
        """Return whether the action took place."""
        return self.fault is None


DONE = Result()
