"""Pages to officers as rows: an offer of a report, the token that answers it, and whether it still waits."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from secrets import randbelow
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import db
from hotline.core.statements import CompiledStatement
from hotline.messaging.outbox import OutboxRow

TOKEN_REST = timedelta(days=30)  # a token is not used again for the same officer within this time
CANDIDATES = 16  # tokens drawn at once; all taken means that four digits no longer do
SPARES_LAST = timedelta(minutes=1)  # then they are drawn anew: another process may have given them away
Spares = dict[str, tuple[datetime, deque[str]]]  # officer -> when they were looked up, what is left
_SPARES: WeakKeyDictionary[sa.Engine, Spares] = WeakKeyDictionary()


class PageState(StrEnum):
    """The life of a page."""

    OPEN = "open"
    ACCEPTED = "accepted"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"  # no address of the officer could be reached


class Page(db.Base):
    """An offer of a report to one officer; the token is what the officer answers with, however often it is repeated."""

    __tablename__ = "pages"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "generation", "officer_id"),
        sa.Index("ix_pages_token", "officer_id", "token"),
        db.index_where("uq_pages_open_token", "officer_id", "token", where="state = 'open'", unique=True),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    officer_id: Mapped[str] = mapped_column(sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"))
    generation: Mapped[int]
    level: Mapped[int]  # that the report had when it was offered last
    tier: Mapped[str]  # that makes the officer one to page: the level's, or one paged beside it
    token: Mapped[str]
    overdue: Mapped[bool] = mapped_column(default=False)  # not an offer to accept first, but to take over
    state: Mapped[PageState] = mapped_column(db.OneOf(PageState), default=PageState.OPEN)
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


def tokens(tx: Session, officers: Sequence[str], now: datetime) -> dict[str, str]:
    """Give each officer a token that this officer has not had for TOKEN_REST; at most one statement for all of them.

    Several are drawn for each and looked up at once. What is left over is for the officer's next pages, within
    SPARES_LAST: most messages bring a page, and a look-up would be a third of their ways to the database and back.
    Two processes that draw the same one at the same moment meet at the index of open tokens, and one of them tries again.
    """
    spares = _SPARES.setdefault(tx.connection().engine, {})
    given: set[tuple[str, str]] = tx.info.setdefault("tokens", set())  # not in the table yet
    lacking = [officer for officer in officers if not _left(spares, officer, now)]
    if lacking:
        drawn = {officer: [_draw(4) for _ in range(CANDIDATES)] for officer in lacking}
        taken = given | _taken(tx, drawn, now - TOKEN_REST)
        for officer, candidates in drawn.items():
            free = dict.fromkeys(token for token in candidates if (officer, token) not in taken)
            spares[officer] = now, deque(free)
    found = {officer: _next(spares[officer][1]) for officer in officers}
    given.update(found.items())
    return found


def _left(spares: Spares, officer: str, now: datetime) -> bool:
    at, tokens_left = spares.get(officer, (now, ()))
    return len(tokens_left) > 0 and timedelta(0) <= now - at < SPARES_LAST


def _next(spare: deque[str]) -> str:
    try:
        return spare.popleft()
    except IndexError:  # all were taken, or another thread was faster
        return _draw(6)


def _taken(tx: Session, drawn: Mapping[str, Sequence[str]], since: datetime) -> set[tuple[str, str]]:
    """Find which of these tokens are taken, as (officer, token): by a page that is open, or younger than `since`."""
    officers = {f"officer{number}": officer for number, officer in enumerate(drawn)}
    every = (token for candidates in drawn.values() for token in candidates)
    values = {"since": since, **officers, **{f"token{number}": token for number, token in enumerate(every)}}
    return {(row["officer_id"], row["token"]) for row in _search(len(drawn)).rows(tx, values)}


@lru_cache(maxsize=64)
def _search(officers: int) -> CompiledStatement:
    """Compose the statement of `_taken` for so many officers."""
    names = [sa.bindparam(f"officer{number}", type_=sa.String()) for number in range(officers)]
    candidates = [sa.bindparam(f"token{number}", type_=sa.String()) for number in range(officers * CANDIDATES)]
    return CompiledStatement(
        sa.select(Page.officer_id, Page.token).where(
            Page.officer_id.in_(names),
            Page.token.in_(candidates),
            sa.or_(Page.created_at > sa.bindparam("since"), Page.state == PageState.OPEN),
        )
    )


def _draw(digits: int) -> str:
    return str(randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def open_page(tx: Session, officer_id: str, token: str | None) -> Page | None:
    """Find the officer's page with this token (the newest, open or not); without a token the only open one, else None.

    Without a token only pages that rang count: nobody means one that waits for the morning.
    """
    mine = sa.select(Page).where(Page.officer_id == officer_id).order_by(Page.created_at.desc())
    if token is not None:
        return tx.scalars(mine.where(Page.token == token).limit(1)).first()
    rang = sa.exists().where(
        OutboxRow.page_id == Page.id, sa.or_(OutboxRow.attempts > 0, OutboxRow.sent_at.is_not(None))
    )
    found = tx.scalars(mine.where(Page.state == PageState.OPEN, rang).limit(2)).all()
    return found[0] if len(found) == 1 else None
