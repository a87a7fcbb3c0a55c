"""Pages to officers: their tokens, and the moments at which they ring; their words are `texts`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit, db
from hotline.escalation import texts
from hotline.escalation.policy import Waits
from hotline.messaging import TOKEN_REST, Outbox, OutboxRow, OutboxState, Page, PageState, tokens
from hotline.reports import Report
from hotline.staff import Duty, Member

SECOND_IN_MICROSECONDS = 1_000_000  # each second of a report's age puts its page a microsecond ahead


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody to page, and the tier that makes them one to page."""

    officer: Duty
    tier: str


@dataclass(frozen=True, slots=True)
class KnownPages:
    """The pages that a report has already, of its present generation."""

    by_officer: Mapping[str, Page]
    waiting: Collection[tuple[str, str]]  # (page, address) that has not rung yet; of other reports too


NO_PAGES = KnownPages({}, ())


def send(
    tx: Session, outbox: Outbox, report: Report, offers: Sequence[Offer], known: KnownPages, waits: Waits,
    now: datetime, *, overdue: bool = False,
) -> None:  # fmt: skip
    """Page officers on every address they have, each when its channel's turn comes; `known`: the report's pages so far.

    Who comes first in `offers` rings first, by microseconds, and so does the older of two reports that one sweep moves
    on: an order that delays nobody. An address that still waits to ring for this page is left alone.
    """
    opens = waits.opens(now)
    if opens <= now:
        opens -= max(now - report.opened_at, timedelta(0)) / SECOND_IN_MICROSECONDS
    circle = staff.current_directory(tx).circles[report.circle]
    pages = _pages(tx, report, offers, known, now, overdue=overdue)
    for place, (offer, page) in enumerate(zip(offers, pages, strict=True)):
        officer = offer.officer
        rings = opens - timedelta(microseconds=len(offers) - 1 - place)
        delays = waits.delays(channel for _, channel in officer.addresses)
        text = texts.page(page.token, report.priority, circle, officer.wish, overdue=overdue)
        ringing = [address for address in officer.addresses if (page.id, address[0]) not in known.waiting]
        for address in ringing:
            outbox.page(
                tx, address, text, now=now, priority=report.priority,
                dedupe=f"{report.id}:{report.generation}:{offer.tier}:{report.round}:{page.officer_id}:{address[0]}",
                page_id=page.id, report_id=report.id, not_before=rings + delays[address[1]],
                choices=texts.choices(page.token, officer.wish, overdue=overdue),
            )  # fmt: skip
        audit.record(
            tx, "paged" if ringing else "page_waits", at=now, actor="engine", report_id=report.id,
            officer=officer.officer_id, tier=offer.tier, round=report.round, generation=report.generation,
        )  # fmt: skip


def warn(tx: Session, outbox: Outbox, report: Report, holder: Member, circle: Mapping[str, str], now: datetime) -> None:
    """Tell the officer who has the report that it became more urgent."""
    mine = sa.select(Page.token).where(Page.report_id == report.id, Page.officer_id == holder.id)
    token = tx.execute(mine.order_by(Page.created_at.desc()).limit(1)).scalar()
    outbox.tell(
        tx, holder, texts.more_urgent(token, report.priority, circle, holder.wish),
        f"{report.id}:{report.generation}:urgent:{report.priority}", now=now, priority=report.priority,
        report_id=report.id,
    )  # fmt: skip


def _pages(
    tx: Session, report: Report, offers: Sequence[Offer], known: KnownPages, now: datetime, *, overdue: bool
) -> list[Page]:
    """Bring each officer's page up to date: the one that the officer has of this report already, else a new one."""
    pages = {**known.by_officer}
    officers = [offer.officer.officer_id for offer in offers]
    fresh = [officer for officer in officers if officer not in pages or _needs_new_token(pages[officer], now)]
    drawn = tokens(tx, fresh, now) if fresh else {}
    for offer in offers:
        officer = offer.officer.officer_id
        page = pages.get(officer)
        if page is None:
            page = pages[officer] = Page.made(
                id=db.new_id(), report_id=report.id, officer_id=officer, generation=report.generation,
                created_at=now, token=drawn[officer],
            )  # fmt: skip
            db.add(tx, page)
        elif officer in drawn:
            page.token, page.created_at = drawn[officer], now
        page.level, page.tier, page.overdue, page.state = report.level, offer.tier, overdue, PageState.OPEN
    return [pages[officer] for officer in officers]


def _needs_new_token(page: Page, now: datetime) -> bool:
    """Tell whether this page's token may be another report's by now."""
    return page.state != PageState.OPEN and page.created_at <= now - TOKEN_REST


def read_pages(tx: Session, reports: Sequence[Report]) -> dict[str, KnownPages]:
    """Read the pages of all these reports at once, by report."""
    generations = {report.id: report.generation for report in reports}
    pages: dict[str, dict[str, Page]] = {report_id: {} for report_id in generations}
    for page in tx.scalars(sa.select(Page).where(Page.report_id.in_(generations))):
        if page.generation == generations[page.report_id]:
            pages[page.report_id][page.officer_id] = page
    waiting = _waiting_to_ring(tx, list(generations))
    return {report_id: KnownPages(by_officer, waiting) for report_id, by_officer in pages.items()}


def paged(tx: Session, report: Report) -> dict[str, Page]:
    """Read the pages of a report's present generation, by officer."""
    mine = sa.select(Page).where(Page.report_id == report.id, Page.generation == report.generation)
    return {page.officer_id: page for page in tx.scalars(mine)}


def _waiting_to_ring(tx: Session, reports: Sequence[str]) -> set[tuple[str, str]]:
    under_way = OutboxRow.state.in_((OutboxState.QUEUED, OutboxState.SENDING))
    rows = sa.select(OutboxRow.page_id, OutboxRow.address_id).where(OutboxRow.report_id.in_(reports), under_way)
    return {(row.page_id, row.address_id) for row in tx.execute(rows) if row.page_id and row.address_id}


def text(tx: Session, page_id: str, more: int) -> str:
    """Compose what the page says that speaks for others, in its officer's wish."""
    page = tx.get_one(Page, page_id)
    report = tx.get_one(Report, page.report_id)
    people = staff.current_directory(tx)
    member = people.members.get(page.officer_id)
    names = people.circles[report.circle]
    return texts.bundle(page.token, report.priority, names, more, member.wish if member else "en")
