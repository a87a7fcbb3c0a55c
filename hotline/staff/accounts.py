"""Tables of the way in: accounts, log-ins, and the wait after wrong tries."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hotline.core import db


class Account(db.Base):
    """An officer's way into the console."""

    __tablename__ = "accounts"
    officer_id: Mapped[str] = mapped_column(
        sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    password_hash: Mapped[str]
    totp: Mapped[bytes | None]  # the secret, sealed to the console, context `totp <officer id>`
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)  # a code of this step or before works no more
    pin_hash: Mapped[str | None]  # of the PIN that closes reports by SMS


class LoginSession(db.Base):
    """A log-in. Known by the digest of a random token that only the browser has; deleting the row ends it."""

    __tablename__ = "login_sessions"
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    officer_id: Mapped[str] = mapped_column(
        sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"), index=True
    )
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class LoginDelay(db.Base):
    """Wrong tries for one username on one device, or for the PIN of one officer."""

    __tablename__ = "login_delays"
    key: Mapped[bytes] = mapped_column(primary_key=True)  # keyed: people type passwords into the name's field
    failures: Mapped[int]
    tried_at: Mapped[datetime]
    until: Mapped[datetime | None]
