"""A count of what a phone got wrong lately, in one row per phone: it slows guessing, and keeps two machines from talking for ever."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, mapped_column

from hotline.casework import texts
from hotline.casework.phone.exchange import OfficerExchange
from hotline.core import audit, db

HELP_REST = timedelta(minutes=10)  # one help line per phone within this time
FREE_MISSES = 5  # unknown numbers that are answered; the last one with the help line
MISS_WINDOW = timedelta(minutes=15)  # after so long without one, they are forgotten


class PhoneMisses(db.Base):
    """An officer's address that sent something wrong."""

    __tablename__ = "phone_misses"

    address_id: Mapped[str] = mapped_column(primary_key=True)
    misses: Mapped[int] = mapped_column(default=0)  # unknown numbers in a row
    missed_at: Mapped[datetime | None]
    helped_at: Mapped[datetime | None]


class UnknownToken(Exception):
    """A number that is none of this officer's reports."""

    def __init__(self, token: str) -> None:
        super().__init__("unknown token")
        self.token = token


def unknown_token(line: OfficerExchange, token: str) -> str:
    """Answer a wrong number: that it is wrong; the fifth time with the help line; then with nothing for a while.

    A right number is never held up, and whoever guesses is told nothing by the silence.
    """
    audit.record(line.tx, "token_unknown", at=line.now, actor=line.officer.id)
    row = _row(line)
    recent = row.missed_at is not None and line.now - row.missed_at < MISS_WINDOW
    row.misses, row.missed_at = row.misses + 1 if recent else 1, line.now
    if row.misses < FREE_MISSES:
        return line.say(texts.UNKNOWN, token=token)
    return line.say(texts.HELP) if row.misses == FREE_MISSES else ""


def not_understood(line: OfficerExchange) -> str:
    """Answer with the help line, or with nothing if this phone has had it within HELP_REST."""
    audit.record(line.tx, "phone_not_understood", at=line.now, actor=line.officer.id)
    return line.say(texts.HELP) if rested(line) else ""


def rested(line: OfficerExchange) -> bool:
    """Return True at most once in HELP_REST for each phone, and note that it did."""
    row = _row(line)
    if row.helped_at is not None and timedelta() <= line.now - row.helped_at < HELP_REST:
        return False
    row.helped_at = line.now
    return True


def _row(line: OfficerExchange) -> PhoneMisses:
    """Load this phone's row, locked: messages side by side must not each count as the first."""
    db.add_if_new(line.tx, PhoneMisses, {"address_id": line.address[0], "misses": 0})
    return line.tx.get_one(PhoneMisses, line.address[0], with_for_update=True)
