"""The PIN with which an officer closes a report by SMS: a phone's number can be forged, and phones are lent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import sqlalchemy as sa
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from hotline.core import audit
from hotline.staff import throttle
from hotline.staff.accounts import Account, LoginDelay
from hotline.staff.throttle import HASHER, Patience

MIN_PIN, MAX_PIN = 6, 8  # digits
PATIENCE = Patience(free=4, first=timedelta(minutes=15), longest=timedelta(hours=12))  # the console is open meanwhile
EASY = "01234567890123456789"  # runs of it, forwards and backwards, are what is tried first


class Pin(StrEnum):
    """The result of a look at a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    NONE = "none"  # the officer has not set one
    WAITS = "waits"  # too many wrong ones: not looked at


@dataclass(frozen=True, slots=True)
class PinCheck:
    """The result for a PIN that was typed, and until when none is looked at."""

    result: Pin
    until: datetime | None = None


def set_pin(tx: Session, officer_id: str, pin: str, now: datetime) -> None:
    """Give an officer a PIN, and forget the wrong ones.

    Raises LookupError (no account), ValueError (not 6 to 8 digits, or easily guessed: one digit, 123456).
    """
    account = tx.get(Account, officer_id)
    if account is None:
        raise LookupError("no account")
    pin = _digits(pin)
    if not MIN_PIN <= len(pin) <= MAX_PIN or not pin.isdigit():
        raise ValueError(f"a PIN has {MIN_PIN} to {MAX_PIN} digits")
    if len(set(pin)) == 1 or pin in EASY or pin in EASY[::-1]:
        raise ValueError("this PIN is easily guessed")
    account.pin_hash = HASHER.hash(pin)
    tx.execute(sa.delete(LoginDelay).where(LoginDelay.key == _key(officer_id)))
    audit.record(tx, "pin_set", at=now, actor=officer_id)


def has_pin(tx: Session, officer_id: str) -> bool:
    """Tell whether an officer has a PIN."""
    return tx.execute(sa.select(Account.pin_hash).where(Account.officer_id == officer_id)).scalar() is not None


def check_pin(tx: Session, officer_id: str, pin: str, now: datetime) -> PinCheck:
    """Check a PIN within the transaction that it allows something in; each wrong one counts.

    Some 30 ms under SQLite's one write lock: rare enough, and a right PIN must not be used twice side by side.
    """
    account = tx.get(Account, officer_id)
    if account is None or account.pin_hash is None:
        return PinCheck(Pin.NONE)
    until = throttle.count(tx, _key(officer_id), now, PATIENCE)
    if until is not None:
        return PinCheck(Pin.WAITS, until)
    try:
        HASHER.verify(account.pin_hash, _digits(pin))
    except VerificationError:
        audit.record(tx, "pin_wrong", at=now, actor=officer_id)
        return PinCheck(Pin.WRONG)
    tx.flush()
    tx.execute(sa.delete(LoginDelay).where(LoginDelay.key == _key(officer_id)))
    return PinCheck(Pin.RIGHT)


def _digits(pin: str) -> str:
    """Write digits in ASCII: people type Urdu digits too."""
    return "".join(str(int(digit)) if digit.isdecimal() else digit for digit in pin.strip())


def _key(officer_id: str) -> bytes:
    return sha256(f"pin {officer_id}".encode()).digest()  # an id is no secret; a username's key is another
