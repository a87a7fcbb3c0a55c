"""Pages to officers: the token, the text, and what officers answer by SMS."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, db
from hotline.channels.sms_encoding import GSM_BASIC
from hotline.conversation.words import normalise
from hotline.outbox import Outbox
from hotline.prepared import Prepared
from hotline.reports import Report
from hotline.roster import Duty, Member

TOKEN_REST = timedelta(days=30)  # a token is not used again for the same officer within this time
CANDIDATES = 4  # tokens drawn at once; all taken means that four digits no longer do
MAX_NAME = 40  # characters of a circle's name in a page
YES = {"1", "ok", "okay", "yes", "han", "haan", "ha", "ji", "jee", *map(normalise, ("جی", "ہاں", "ها", "هائو"))}
PASS = {"2", "no", "nahi", *map(normalise, ("نہیں", "نه"))}


class PageState(StrEnum):
    """What became of a page."""

    OPEN = "open"
    ACCEPTED = "accepted"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"  # no address of the officer could be reached


class Page(db.Base):
    """An offer of a report to one officer; the token is what the officer answers with."""

    __tablename__ = "pages"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "generation", "level", "officer_id"),
        sa.Index("ix_pages_token", "officer_id", "token"),
        sa.Index("uq_pages_open_token", "officer_id", "token", unique=True, sqlite_where=sa.text("state = 'open'"),
                 postgresql_where=sa.text("state = 'open'")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"))
    officer_id: Mapped[str] = mapped_column(sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"))
    generation: Mapped[int]
    level: Mapped[int]
    tier: Mapped[str]
    token: Mapped[str]
    overdue: Mapped[bool] = mapped_column(default=False)  # not an offer to accept first, but to take over
    state: Mapped[str] = mapped_column(default=PageState.OPEN.value)
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Verb(StrEnum):
    """What an officer can answer."""

    ACCEPT = "accept"
    PASS = "pass"  # noqa: S105  # not a password


@dataclass(frozen=True, slots=True)
class Command:
    """An officer's answer; without a token it counts only if exactly one page is open."""

    verb: Verb
    token: str | None


def parse(text: str) -> Command | None:
    """Read `1 4821`, `4821 1`, `"1 4821"`, Urdu digits, `jee 4821`, a bare `ok`; None for anything else."""
    words = normalise(text).split()
    tokens = [word for word in words if re.fullmatch(r"\d{4,6}", word)]
    verbs = [word for word in words if word in YES or word in PASS]
    if len(verbs) != 1 or len(tokens) > 1 or len(words) != len(verbs) + len(tokens):
        return None
    return Command(Verb.ACCEPT if verbs[0] in YES else Verb.PASS, tokens[0] if tokens else None)


def text(page: Page, priority: int, circle_name: str) -> str:
    """One GSM-7 part: priority, token, circle; nothing that harms if a stranger reads it."""
    circle_name = _short(circle_name)
    if page.overdue:
        return f"P{priority} report {page.token} {circle_name}: no action yet. Reply 1 {page.token} to take it over."
    return f"P{priority} report {page.token} {circle_name}. Reply 1 {page.token} to accept, 2 {page.token} to pass."


def _short(name: str) -> str:
    """A name that keeps the page within one part, whatever it holds."""
    known = "".join(letter if letter in GSM_BASIC else " " for letter in name)
    return " ".join(known.split())[:MAX_NAME]


def send(
    tx: Session, outbox: Outbox, report: Report, tier: str, officers: Sequence[Duty], circle: str, now: datetime,
    *, overdue: bool, not_before: datetime,
) -> None:  # fmt: skip
    """Page officers of the report's current tier on every address they have; `circle` as the page names it."""
    for officer, page in zip(officers, _pages(tx, report, tier, officers, now, overdue=overdue), strict=True):
        for address in officer.addresses:
            outbox.page(
                tx, address, text(page, report.priority, circle), now=now, priority=report.priority,
                dedupe=f"{report.id}:{report.generation}:{tier}:{report.round}:{page.officer_id}:{address[0]}",
                page_id=page.id, report_id=report.id, not_before=not_before,
            )  # fmt: skip
        audit.record(
            tx, "paged", at=now, actor="engine", report_id=report.id,
            officer=officer.officer_id, tier=tier, round=report.round, generation=report.generation,
        )  # fmt: skip


def warn(tx: Session, outbox: Outbox, report: Report, holder: Member, circle: str, now: datetime) -> None:
    """Tell the officer who has the report that it became more urgent."""
    mine = sa.select(Page.token).where(Page.report_id == report.id, Page.officer_id == holder.id)
    token = tx.execute(mine.order_by(Page.created_at.desc()).limit(1)).scalar()
    name = f"report {token}" if token else "your report"
    for address in holder.addresses:
        outbox.page(
            tx, address, f"P{report.priority} {name} {_short(circle)}: more urgent now. Read it at once.", now=now,
            priority=report.priority, report_id=report.id,
            dedupe=f"{report.id}:{report.generation}:urgent:{report.priority}:{address[0]}",
        )  # fmt: skip


def _pages(
    tx: Session, report: Report, tier: str, officers: Sequence[Duty], now: datetime, *, overdue: bool
) -> list[Page]:
    """The page of each officer: the one already open when a tier is paged again, else a new one."""
    first = report.round == 0 and report.generation == 1 and report.level == 0
    known = {} if first else _known(tx, report)
    new = [officer.officer_id for officer in officers if officer.officer_id not in known]
    drawn = tokens(tx, new, now) if new else {}
    for officer_id in new:
        known[officer_id] = Page(
            id=db.new_id(), report_id=report.id, officer_id=officer_id, generation=report.generation,
            level=report.level, tier=tier, token=drawn[officer_id], overdue=overdue, created_at=now,
        )  # fmt: skip
        db.insert(tx, known[officer_id])
    for officer in officers:
        page = known[officer.officer_id]
        page.state, page.overdue = PageState.OPEN.value, overdue
    return [known[officer.officer_id] for officer in officers]


def _known(tx: Session, report: Report) -> dict[str, Page]:
    mine = sa.select(Page).where(
        Page.report_id == report.id, Page.generation == report.generation, Page.level == report.level
    )
    return {page.officer_id: page for page in tx.scalars(mine)}


def tokens(tx: Session, officers: Sequence[str], now: datetime) -> dict[str, str]:
    """A token for each officer that this officer has not had for TOKEN_REST."""
    return {officer: _token(tx, officer, now) for officer in officers}


def _token(tx: Session, officer: str, now: datetime) -> str:
    drawn = {name: _draw(4) for name in _DRAWN}
    taken = {row["token"] for row in _TAKEN.rows(tx, {"officer": officer, "since": now - TOKEN_REST, **drawn})}
    return next((token for token in drawn.values() if token not in taken), None) or _draw(6)


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
    """The officer's page with this token (the newest, open or not); without a token the only open one, else None."""
    mine = sa.select(Page).where(Page.officer_id == officer_id).order_by(Page.created_at.desc())
    if token is not None:
        return tx.scalars(mine.where(Page.token == token).limit(1)).first()
    found = tx.scalars(mine.where(Page.state == PageState.OPEN.value).limit(2)).all()
    return found[0] if len(found) == 1 else None


def is_open(tx: Session, page_id: str) -> bool:
    """Whether a page still waits for an answer; asked before each send."""
    return tx.execute(sa.select(Page.state).where(Page.id == page_id)).scalar() == PageState.OPEN
