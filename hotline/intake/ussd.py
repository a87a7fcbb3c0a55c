"""Sessions of USSD: what each shows, how much of its typing was taken, and which hop is a repeat.

A session's row is locked for as long as a hop is handled, so that one that comes twice at a time is handled once. Nothing
that was typed stands in it: only the length and a keyed digest. Rows live for an hour; that a message was taken is kept
for ever, as on every channel.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.channels.contract import Hop, Inbound, Screen, clip
from hotline.conversation import MORE, START, discretion, normalise, pages, texts, tongue_of
from hotline.conversation import Session as Conversation
from hotline.core import db
from hotline.core.i18n import DEFAULT_LANGUAGE, translate
from hotline.core.vault import Unopenable, Vault
from hotline.intake.exchange import Exchange
from hotline.messaging import SAFE_WINDOW

KEEP = timedelta(hours=1)  # a network ends a session after three minutes, and tells of it soon after
MOMENT = timedelta(seconds=2)  # no person reads a screen and types the same again so fast; a gateway that repeats does
ANEW = frozenset({START, "info", "code", "status"})  # nothing is being told there; a status is for who sends the code
_DIALLED = re.compile(r"[0-9*#]*")


class UssdSession(db.Base):
    """A session, by the keyed digest of the provider's id."""

    __tablename__ = "ussd_sessions"

    id: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)  # of its last hop
    body: Mapped[bytes | None]  # sealed; None until its first hop is answered


@dataclass(frozen=True, slots=True)
class _Kept:
    """The state of a session after a hop."""

    screens: Sequence[str] = ()  # the one shown, and those behind it
    waits: bool = False  # after the last of them the conversation goes on
    taken: int = 0  # characters typed so far, where they come joined
    trace: str = ""  # keyed digest of what the last hop brought


class Dialogue:
    """One session within one transaction, locked."""

    def __init__(self, tx: Session, vault: Vault, hop: Hop, now: datetime) -> None:
        self._tx, self._vault, self._hop, self._now = tx, vault, hop, now
        self._id = vault.digest("provider", f"ussd session\0{hop.session}")
        db.add_if_new(tx, UssdSession, {"id": self._id, "at": now, "body": None})
        self._row = tx.get_one(UssdSession, self._id, with_for_update=True)
        self._kept = self._open()

    @property
    def screen(self) -> Screen:
        """Return the screen that the session shows now."""
        if not self._kept.screens:
            tongue = tongue_of(DEFAULT_LANGUAGE, "ussd")
            return Screen(translate(texts.NEUTRAL, tongue), goes_on=False)
        return Screen(self._kept.screens[0], goes_on=self._kept.waits or len(self._kept.screens) > 1)

    def news(self, inbound: Inbound) -> Inbound | None:
        """The hop with nothing but what it adds; None if that is nothing: a repeat, or the end of the session.

        A repeat with the same provider id is not noticed here.
        """
        fresh, kind = self._row.body is None, self._hop.kind
        typed = self._beyond(inbound.text) if self._hop.joined else inbound.text
        if typed is None or (kind == "end" and not (self._hop.joined and typed)):
            return None
        trace = self._digest(inbound.text)
        if not self._hop.numbered and trace == self._kept.trace and self._now - self._row.at <= MOMENT:
            return None
        self._kept = replace(self._kept, trace=trace, taken=len(inbound.text))
        if kind == "begin" and _DIALLED.fullmatch(typed):
            typed = ""  # the code that was dialled
        text, cut = clip(typed)
        hop = replace(self._hop, kind="begin") if fresh else self._hop
        return replace(inbound, text=text, truncated=inbound.truncated or cut, hop=hop)

    def turns(self, text: str) -> bool:
        """Tell whether this only asks for the next page, which is shown from now on."""
        if normalise(text) != MORE or len(self._kept.screens) < 2:
            return False
        self._kept = replace(self._kept, screens=self._kept.screens[1:])
        return True

    def show(self, screen: Screen, tongue: str) -> None:
        """Show a screen of any length, page by page."""
        self._kept = replace(self._kept, screens=pages(screen.text, tongue, self._hop.room), waits=screen.goes_on)

    def save(self) -> None:
        """Keep what is shown for a repeat of this hop."""
        kept = self._kept
        plain = json.dumps([[*kept.screens], kept.waits, kept.taken, kept.trace], ensure_ascii=False)
        self._row.at, self._row.body = self._now, self._vault.seal_session(plain, self._context)

    def _beyond(self, typed: str) -> str | None:
        """Return what was typed beyond what was taken; all of it where it does not go on from there, unless the session ends."""
        before, after = typed[: self._kept.taken], typed[self._kept.taken :]
        if not self._kept.taken or (after[:1] == "*" and self._digest(before) == self._kept.trace):
            return after[1:] if self._kept.taken else after
        return None if self._hop.kind == "end" else typed

    def _digest(self, typed: str) -> str:
        return self._vault.digest("provider", f"ussd typed\0{self._hop.session}\0{typed}").hex()

    @property
    def _context(self) -> str:
        return f"ussd {self._id.hex()}"

    def _open(self) -> _Kept:
        if self._row.body is None:
            return _Kept()
        try:
            return _Kept(*json.loads(self._vault.open_session(self._row.body, self._context)))
        except Unopenable:  # tampered with, or another key's: what they type now is kept all the same
            return _Kept()


def expire(tx: Session, now: datetime) -> None:
    """Delete what is older than KEEP."""
    db.run(tx, sa.delete(UssdSession).where(UssdSession.at < now - KEEP))


def redialled(ex: Exchange) -> bool:
    """Tell whether a session begins. Digits dialled behind the code answer no question: none has been seen."""
    hop = ex.inbound.hop
    return hop is not None and hop.kind == "begin" and not ex.words.substance(ex.inbound.text)


def begins_anew(ex: Exchange, conversation: Conversation) -> bool:
    """Tell whether a new session begins anew: the network broke off, or somebody else has the phone.

    The questions to somebody at risk are not shown to whoever dials later than it is safe.
    """
    late = conversation.flow in discretion.AT_RISK and ex.rested > SAFE_WINDOW
    return late or conversation.flow in ANEW
