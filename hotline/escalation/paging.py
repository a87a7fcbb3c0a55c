"""Pages to officers: the token, the text, and who has which."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, db, officer_texts
from hotline.outbox import Outbox, OutboxRow, State
from hotline.policy import Waits
from hotline.prepared import Prepared
from hotline.reports import Report
from hotline.roster import Duty, Member

SECOND_IN_MICROSECONDS = 1_000_000  # each second of a report's age puts its page a microsecond ahead
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
        sa.Index("uq_pages_open_token", "officer_id", "token", unique=True, sqlite_where=sa.text("state = 'open'"),
                 postgresql_where=sa.text("state = 'open'")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    officer_id: Mapped[str] = mapped_column(sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"))
    generation: Mapped[int]
    level: Mapped[int]  # that the report had when it was offered last
    tier: Mapped[str]  # that makes the officer one to page: the level's, or one paged beside it
    token: Mapped[str]
    overdue: Mapped[bool] = mapped_column(default=False)  # not an offer to accept first, but to take over
    state: Mapped[str] = mapped_column(default=PageState.OPEN.value)
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody to page, and the tier that makes them one to page."""

    officer: Duty
    tier: str


def send(
    tx: Session, outbox: Outbox, report: Report, offers: Sequence[Offer], circle: Mapping[str, str], waits: Waits,
    now: datetime, *, overdue: bool = False,
) -> None:  # fmt: skip
    """Page officers on every address they have, each when its channel's turn comes; `circle`: its names by language.

    Who comes first in `offers` rings first, by microseconds, and so does the older of two reports that one sweep moves
    on: an order that delays nobody. An address that still waits to ring for this page is left alone.
    """
    opens = waits.opens(now)
    if opens <= now:
        opens -= max(now - report.opened_at, timedelta(0)) / SECOND_IN_MICROSECONDS
    waiting = _waiting(tx, report)
    pages = _pages(tx, report, offers, now, overdue=overdue)
    for place, (offer, page) in enumerate(zip(offers, pages, strict=True)):
        officer = offer.officer
        rings = opens - timedelta(microseconds=len(offers) - 1 - place)
        delays = waits.delays(channel for _, channel in officer.addresses)
        text = officer_texts.page(page.token, report.priority, circle, officer.wish, overdue=overdue)
        ringing = [address for address in officer.addresses if (page.id, address[0]) not in waiting]
        for address in ringing:
            outbox.page(
                tx, address, text, now=now, priority=report.priority,
                dedupe=f"{report.id}:{report.generation}:{offer.tier}:{report.round}:{page.officer_id}:{address[0]}",
                page_id=page.id, report_id=report.id, not_before=rings + delays[address[1]],
                choices=officer_texts.choices(page.token, officer.wish, overdue=overdue),
            )  # fmt: skip
        audit.record(
            tx, "paged" if ringing else "page_waits", at=now, actor="engine", report_id=report.id,
            officer=officer.officer_id, tier=offer.tier, round=report.round, generation=report.generation,
        )  # fmt: skip


def warn(tx: Session, outbox: Outbox, report: Report, holder: Member, circle: Mapping[str, str], now: datetime) -> None:
    """Tell the officer who has the report that it became more urgent."""
    mine = sa.select(Page.token).where(Page.report_id == report.id, Page.officer_id == holder.id)
    token = tx.execute(mine.order_by(Page.created_at.desc()).limit(1)).scalar()
    for address in holder.addresses:
        outbox.page(
            tx, address, officer_texts.more_urgent(token, report.priority, circle, holder.wish), now=now,
            priority=report.priority, report_id=report.id,
            dedupe=f"{report.id}:{report.generation}:urgent:{report.priority}:{address[0]}",
        )  # fmt: skip


def _pages(tx: Session, report: Report, offers: Sequence[Offer], now: datetime, *, overdue: bool) -> list[Page]:
    """The page of each officer: the one that the officer has of this report already, else a new one."""
    known = dict(paged(tx, report)) if report.round else {}  # the first time there is nothing to be known
    officers = [offer.officer.officer_id for offer in offers]
    fresh = [officer for officer in officers if officer not in known or _rested(known[officer], now)]
    drawn = tokens(tx, fresh, now) if fresh else {}
    for offer in offers:
        officer = offer.officer.officer_id
        page = known.get(officer)
        if page is None:
            page = known[officer] = Page.made(
                id=db.new_id(), report_id=report.id, officer_id=officer, generation=report.generation,
                created_at=now, token=drawn[officer],
            )  # fmt: skip
            db.insert(tx, page)
        elif officer in drawn:
            page.token, page.created_at = drawn[officer], now
        page.level, page.tier, page.overdue, page.state = report.level, offer.tier, overdue, PageState.OPEN.value
    return [known[officer] for officer in officers]


def _rested(page: Page, now: datetime) -> bool:
    """Whether the officer may have another report by this page's token meanwhile."""
    return page.state != PageState.OPEN and page.created_at <= now - TOKEN_REST


def paged(tx: Session, report: Report) -> Mapping[str, Page]:
    """The pages of a report's present generation, by officer."""
    ahead: Ahead | None = tx.info.get("pages_ahead")
    if ahead is not None:
        return ahead.pages.get(report.id, {})
    mine = sa.select(Page).where(Page.report_id == report.id, Page.generation == report.generation)
    return {page.officer_id: page for page in tx.scalars(mine)}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of the pages of several reports, read in one go."""

    pages: dict[str, dict[str, Page]]  # report -> officer -> page
    waiting: set[tuple[str, str]]  # (page, address) that has not rung yet


def read_ahead(tx: Session, reports: Sequence[Report]) -> None:
    """Read the pages of all these reports at once, for a transaction that pages for each of them a single time."""
    ahead = Ahead({}, set())
    generations = {report.id: report.generation for report in reports}
    for page in tx.scalars(sa.select(Page).where(Page.report_id.in_(generations))):
        if page.generation == generations[page.report_id]:
            ahead.pages.setdefault(page.report_id, {})[page.officer_id] = page
    ahead.waiting.update(_not_rung(tx, list(generations)))
    tx.info["pages_ahead"] = ahead


def _waiting(tx: Session, report: Report) -> Collection[tuple[str, str]]:
    """(page, address) of this report that has not rung yet."""
    if report.round == 0:
        return ()
    ahead: Ahead | None = tx.info.get("pages_ahead")
    return ahead.waiting if ahead is not None else _not_rung(tx, [report.id])


def _not_rung(tx: Session, reports: Sequence[str]) -> set[tuple[str, str]]:
    under_way = OutboxRow.state.in_((State.QUEUED.value, State.SENDING.value))
    rows = sa.select(OutboxRow.page_id, OutboxRow.address_id).where(OutboxRow.report_id.in_(reports), under_way)
    return {(row.page_id, row.address_id) for row in tx.execute(rows) if row.page_id and row.address_id}


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
_TAKEN = Prepared(
    sa.select(Page.token).where(
        Page.officer_id == sa.bindparam("officer"),
        Page.token.in_([sa.bindparam(name, type_=sa.String()) for name in _DRAWN]),
        sa.or_(Page.created_at > sa.bindparam("since"), Page.state == PageState.OPEN.value),
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
    found = tx.scalars(mine.where(Page.state == PageState.OPEN.value, rang).limit(2)).all()
    return found[0] if len(found) == 1 else None


def is_open(tx: Session, page_id: str) -> bool:
    """Whether a page still waits for an answer; asked before each send."""
    return tx.execute(sa.select(Page.state).where(Page.id == page_id)).scalar() == PageState.OPEN
