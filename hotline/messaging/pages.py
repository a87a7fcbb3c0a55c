"""Pages to officers as rows: an offer of a report, the token that answers it, and whether it still waits."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import db
from hotline.core.statements import CompiledStatement
from hotline.messaging.outbox import OutboxRow

TOKEN_REST = timedelta(days=30)  # a token is not used again for the same officer within this time
CANDIDATES = 16  # tokens drawn at once; all taken means that four digits no longer do
CANDIDATES_LAST = timedelta(minutes=1)  # then they are looked up again: another process may have given them away


class PageState(StrEnum):
    """What became of a page."""

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
    """A token for each officer that this officer has not had for TOKEN_REST."""
    return {officer: _token(tx, officer, now) for officer in officers}


def _token(tx: Session, officer: str, now: datetime) -> str:
    """One of several drawn and looked up at once; those left over are for the officer's next pages.

    Two processes that draw the same one at the same moment meet at the index of open tokens, and one of them tries again.
    """
    given: set[str] = tx.info.setdefault("tokens", {}).setdefault(officer, set())
    with _candidates_lock:
        drawn_at, free = _candidates.get(officer, (now, []))
        if not free or not timedelta(0) <= now - drawn_at < CANDIDATES_LAST:
            drawn = {name: _draw(4) for name in _DRAWN}
            taken = {row["token"] for row in _TAKEN.rows(tx, {"officer": officer, "since": now - TOKEN_REST, **drawn})}
            free = list(set(drawn.values()) - taken - given)
            _candidates[officer] = (now, free)
        token = free.pop() if free else _draw(6)
    given.add(token)
    return token


_candidates: dict[str, tuple[datetime, list[str]]] = {}  # officer -> when drawn, what is left
_candidates_lock = threading.Lock()
_DRAWN = [f"token{number}" for number in range(CANDIDATES)]
_TAKEN = CompiledStatement(
    sa.select(Page.token).where(
        Page.officer_id == sa.bindparam("officer"),
        Page.token.in_([sa.bindparam(name, type_=sa.String()) for name in _DRAWN]),
        sa.or_(Page.created_at > sa.bindparam("since"), Page.state == PageState.OPEN),
    )
)


def _draw(digits: int) -> str:
    return str(randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def open_page(tx: Session, officer_id: str, token: str | None) -> Page | None:
    """The officer's page with this token (the newest, open or not); without a token the only open one, else None.

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
