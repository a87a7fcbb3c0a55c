"""Logging in to the console: passwords, one-time codes, and devices that are known."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import pyotp
import sqlalchemy as sa
from argon2.exceptions import VerificationError
from sqlalchemy.orm import Session

from hotline.core import audit, vault
from hotline.core.db import Database
from hotline.core.vault import Vault
from hotline.staff import throttle
from hotline.staff.accounts import Account, LoginDelay, LoginSession
from hotline.staff.tables import Officer
from hotline.staff.throttle import FORGET, HASHER, Patience

# What an unknown username is checked against, so that it takes as long as a known one: the hash of 32 thrown-away bytes.
NOBODY = "$argon2id$v=19$m=19456,t=3,p=1$hDmEvCBMKsTm9xPT39lovg$rsy2urIx5gt7/8/Tys/bqsP1qmHuaRre2EM4PKhvPOA"
MIN_PASSWORD, MAX_PASSWORD, MAX_USERNAME = 12, 128, 64  # characters
IDLE = timedelta(minutes=20)
LIFE = timedelta(hours=12)  # one shift
TOUCH = timedelta(minutes=1)  # how exactly we know when somebody was last active
PATIENCE = Patience(free=5, first=timedelta(seconds=2), longest=timedelta(minutes=15))
STEP = 30  # seconds that a one-time code is for
ISSUER = "Duty console"  # what the authenticator app shows: says nothing about us


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to log in, as it was typed. `device`: what an earlier log-in on this device left there, or ""."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    device: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Two secrets for the browser: the log-in's token, and the mark of a device that has logged in before."""

    token: str = field(repr=False)
    device: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused log-in; nothing more is checked until that moment."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in that was found. `stale`: it is time to `touch`."""

    officer: Officer
    stale: bool


def set_password(tx: Session, username: str, password: str) -> None:
    """Give an officer a password; ends all log-ins. Raises LookupError (no such officer), ValueError (length)."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    officer = _officer(tx, username)
    account = tx.get(Account, officer.id)
    if account is None:
        account = Account(officer_id=officer.id)
        tx.add(account)
    account.password_hash = HASHER.hash(password)
    log_out_everywhere(tx, officer.id)


def enrol_totp(tx: Session, keys: Vault, username: str) -> str:
    """Ask this officer for one-time codes from now on; returns the otpauth URI for the app. Raises LookupError."""
    officer = _officer(tx, username)
    account = tx.get(Account, officer.id)
    if account is None:
        raise LookupError(f"{username} has no password yet")
    secret = pyotp.random_base32()
    account.totp, account.totp_last_step = keys.seal_for("console", secret.encode(), _totp_context(officer.id)), None
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def log_in(
    database: Database, keys: Vault, attempt: Attempt, now: datetime, *, require_totp: bool = False
) -> LoggedIn | Refused:
    """Let an officer in, or not.

    1. The try is counted before anything is checked, so that tries side by side count too. While the wait lasts, no
       password is checked at all. A log-in that succeeds clears the count.
    2. The password is checked outside of any transaction: it takes a while, and SQLite has one writer, whom the intake
       needs. An unknown username takes as long and gets the same answer.
    3. The code is checked and its step kept in one transaction with the log-in, so that it works once.
    """
    username = _clean(attempt.username)
    key = _delay_key(keys, username, attempt.device)
    until = _count(database, key, now)
    if until is not None:
        return Refused(until)
    right = _right_password(database, username, attempt.password)
    with database.transaction() as tx:
        officer = _officer_or_none(tx, username)
        if officer is not None and right and _right_code(tx, keys, officer.id, attempt.code, now, require_totp):
            tx.execute(sa.delete(LoginDelay).where(LoginDelay.key == key))
            audit.record(tx, "logged_in", at=now, actor=officer.id)
            return LoggedIn(_open(tx, officer.id, now), new_device(keys, username))
        audit.record(tx, "login_refused", at=now, actor=officer.id if officer else "console")
        delay = tx.get(LoginDelay, key)
    return Refused(delay.until if delay else None)


def find(tx: Session, token: str, now: datetime) -> Login | None:
    """Find who is logged in with this token; None if it is unknown, too old or idle, or its officer not active."""
    row = tx.execute(
        sa.select(Officer, LoginSession.last_seen_at)
        .join(LoginSession, LoginSession.officer_id == Officer.id)
        .where(LoginSession.digest == _digest(token), *_alive(now), Officer.active)
    ).first()
    return Login(row[0], stale=now - row[1] >= TOUCH) if row else None


def touch(tx: Session, token: str, now: datetime) -> None:
    """Start the idle time anew, as the officer did something."""
    tx.execute(sa.update(LoginSession).where(LoginSession.digest == _digest(token)).values(last_seen_at=now))


def log_out(tx: Session, token: str, now: datetime) -> None:
    """End one log-in."""
    officer_id = tx.execute(sa.select(LoginSession.officer_id).where(LoginSession.digest == _digest(token))).scalar()
    if officer_id is not None:
        tx.execute(sa.delete(LoginSession).where(LoginSession.digest == _digest(token)))
        audit.record(tx, "logged_out", at=now, actor=officer_id)


def log_out_everywhere(tx: Session, officer_id: str) -> None:
    """End all log-ins of an officer."""
    tx.execute(sa.delete(LoginSession).where(LoginSession.officer_id == officer_id))


def expire(tx: Session, now: datetime) -> None:
    """Forget log-ins that are over and wrong tries that no longer count."""
    tx.execute(sa.delete(LoginSession).where(sa.not_(sa.and_(*_alive(now)))))
    tx.execute(sa.delete(LoginDelay).where(LoginDelay.tried_at < now - FORGET))


def new_device(keys: Vault, username: str) -> str:
    """Make the mark of a device that `username` has logged in on; it proves itself, so nothing is stored."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_mac(keys, 'device', username, nonce)}"


def _clean(username: str) -> str:
    return username.replace("\0", "").strip().lower()[:MAX_USERNAME]


def _officer_or_none(tx: Session, username: str) -> Officer | None:
    return tx.scalars(sa.select(Officer).where(Officer.username == username, Officer.active)).first()


def _officer(tx: Session, username: str) -> Officer:
    officer = _officer_or_none(tx, _clean(username))
    if officer is None:
        raise LookupError(f"no active officer {username}")
    return officer


def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return LoginSession.created_at > now - LIFE, LoginSession.last_seen_at > now - IDLE


def _open(tx: Session, officer_id: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    tx.add(LoginSession(digest=_digest(token), officer_id=officer_id, created_at=now, last_seen_at=now))
    return token


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()  # 32 random bytes need no slow hash


def _mac(keys: Vault, purpose: str, *values: str) -> str:
    key = vault.derive(keys.web_secret(), f"login {purpose}")
    return hmac.digest(key, "\0".join(values).encode(), "sha256").hex()[:32]


def _delay_key(keys: Vault, username: str, device: str) -> bytes:
    # Outsiders share one count per username, so they can hold up nobody who has logged in on this device before.
    nonce, _, mac = device.partition(".")
    known = hmac.compare_digest(mac.encode(), _mac(keys, "device", username, nonce).encode())
    return bytes.fromhex(_mac(keys, "delay", username, nonce if known else ""))


def _count(database: Database, key: bytes, now: datetime) -> datetime | None:
    """Count a try; or, while the wait lasts, say until when."""
    with database.reading() as tx:
        seen = tx.get(LoginDelay, key)
        if seen is not None and seen.until is not None and seen.until > now:
            return seen.until
    with database.transaction() as tx:
        return throttle.count(tx, key, now, PATIENCE)


def _right_password(database: Database, username: str, password: str) -> bool:
    with database.reading() as tx:
        statement = sa.select(Account.password_hash).join(Officer, Officer.id == Account.officer_id)
        known = tx.execute(statement.where(Officer.username == username, Officer.active)).scalar()
    try:
        HASHER.verify(known or NOBODY, password[:MAX_PASSWORD])
    except VerificationError:
        return False
    return known is not None


def _right_code(tx: Session, keys: Vault, officer_id: str, code: str, now: datetime, require: bool) -> bool:
    """Check that the code is right and new, and keep its step. Without enrolment: that none is required."""
    account = tx.get_one(Account, officer_id, with_for_update=True)
    if account.totp is None:
        return not require
    secret = keys.open_as("console", account.totp, _totp_context(officer_id)).decode()
    digits = "".join(str(int(digit)) for digit in code if digit.isdecimal())  # Urdu digits too
    current = int(now.timestamp()) // STEP
    for step in (current - 1, current, current + 1):  # clocks of phones differ
        matches = hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), digits)
        if matches and step > (account.totp_last_step or 0):
            account.totp_last_step = step
            return True
    return False


def _totp_context(officer_id: str) -> str:
    return f"totp {officer_id}"
