"""`hotline doctor REPORT`: where a report stands, who was told what, and in one sentence why it stands there.

Ids, enums, names of officers and times; never what somebody wrote, nor an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit
from hotline.core.localtime import LOCAL
from hotline.escalation import Policy, policy
from hotline.messaging import OutboxRow, OutboxState, Page, outbox
from hotline.monitoring import alarms, heartbeats
from hotline.reports import Report, Status
from hotline.staff import Directory

DEAD = 30.0  # seconds without a heartbeat
LATE = timedelta(seconds=30)  # a timer that passed longer ago was not just missed by this look


@dataclass(frozen=True, slots=True)
class Case:
    """A report, with everything that is known about its way."""

    report: Report
    rules: Policy
    pages: list[tuple[Page, list[OutboxRow]]]  # of this generation, oldest first
    people: Directory
    silent: dict[str, float | None]  # process -> seconds since its heartbeat, those that live left out
    trouble: dict[str, datetime]  # channel -> since when its gateway takes nothing
    failed_steps: int
    now: datetime

    @property
    def tier(self) -> str:
        """Name the tier that is offered it, or has it."""
        return self.rules.tiers[min(self.report.level, len(self.rules.tiers) - 1)]

    def name(self, officer_id: str | None) -> str:
        """Name an officer, by id if not active any more."""
        member = self.people.members.get(officer_id or "")
        return member.name if member is not None else officer_id or "-"

    def on_duty(self, tier: str) -> list[str]:
        """Name those who hold a tier for it now."""
        return [duty.name for duty in self.rules.holders(self.people, self.report.circle, tier, self.now)]


def explain(tx: Session, wanted: str, now: datetime) -> list[str]:
    """Explain the report of this id, or of this page's token, in lines. Raises LookupError."""
    case = _case(tx, _find(tx, wanted), now)
    report = case.report
    lines = [
        f"report {report.id}: {report.status}, P{report.priority}, {report.circle}, {case.tier}, {_at(report.opened_at)}",
        f"timer: {_timer(case)}",
        *_ways(case),
        *(f"on duty now: {tier}: {', '.join(case.on_duty(tier)) or 'nobody'}" for tier in case.rules.tiers),
        *(f"process: {name}: {_life(case, name)}" for name in (heartbeats.CLOCK, heartbeats.WORKER)),
        *(f"alarm: {alarm.kind} {alarm.subject} since {_at(alarm.raised_at)}" for alarm in alarms.current(tx)),
    ]
    return [*lines, f"diagnosis: {' '.join(_diagnosis(case))}"]


def _find(tx: Session, wanted: str) -> Report:
    found = tx.get(Report, wanted)
    if found is None:
        newest = sa.select(Page.report_id).where(Page.token == wanted).order_by(Page.created_at.desc()).limit(1)
        found = tx.get(Report, tx.execute(newest).scalar() or "")
    if found is None:
        raise LookupError("no report of this id, and no page of this token")
    return found


def _case(tx: Session, report: Report, now: datetime) -> Case:
    mine = sa.select(Page).where(Page.report_id == report.id, Page.generation == report.generation)
    pages = [(page, _rows(tx, page)) for page in tx.scalars(mine.order_by(Page.created_at, Page.level))]
    ages = {name: heartbeats.age(tx, name, now) for name in (heartbeats.CLOCK, heartbeats.WORKER)}
    return Case(
        report=report,
        rules=policy.registered(tx, report.policy),
        pages=pages,
        people=staff.current_directory(tx),
        silent={name: age for name, age in ages.items() if age is None or age > DEAD},
        trouble=outbox.gateway_trouble(tx),
        failed_steps=sum(row.event == "step_failed" for row in audit.history(tx, report.id)),
        now=now,
    )


def _rows(tx: Session, page: Page) -> list[OutboxRow]:
    return list(tx.scalars(sa.select(OutboxRow).where(OutboxRow.page_id == page.id).order_by(OutboxRow.created_at)))


def _timer(case: Case) -> str:
    due = case.report.due_at
    if due is None:
        return "none"
    minutes = abs(case.now - due) / timedelta(minutes=1)
    return f"{case.report.timer}, due {_at(due)}, {f'{minutes:.0f} min late' if due < case.now else f'in {minutes:.0f} min'}"


def _ways(case: Case) -> Iterator[str]:
    for page, rows in case.pages:
        yield f"page {page.token}: {case.name(page.officer_id)}, {page.tier}, {_at(page.created_at)}: {page.state}"
        for row in rows:
            times = {"rings": row.not_before, "sent": row.sent_at, "delivered": row.delivered_at}
            said = ", ".join(f"{name} {_at(moment)}" for name, moment in times.items() if moment is not None)
            tried = f", tried {row.attempts} times" if row.attempts > 1 else ""
            yield f"  by {row.channel}: {row.state}{f' ({row.reason})' if row.reason else ''}, {said}{tried}"


def _life(case: Case, name: str) -> str:
    if name not in case.silent:
        return "lives"
    age = case.silent[name]
    return "never lived" if age is None else f"silent for {age:.0f} s"


def _diagnosis(case: Case) -> Iterator[str]:
    """Say in one or two sentences who is missing, and what it waits for."""
    report = case.report
    if report.status == Status.CLOSED:
        yield f"It is closed ({report.outcome}); nothing waits."
        return
    late = report.due_at is not None and report.due_at < case.now - LATE
    if report.due_at is None:
        yield "It has no timer, which must not be: transfer it, and it gets one."
    elif late and heartbeats.CLOCK in case.silent:
        yield f"It does not move on because no clock lives ({_life(case, heartbeats.CLOCK)})."
    elif late and case.failed_steps:
        yield f"Its step failed (times: {case.failed_steps}); the clock's log says why."
    elif report.status == Status.ACCEPTED:
        yield f"{case.name(report.accepted_by)} has it and is asked for the next step by {_at(report.deadline)}."
    else:
        yield from _waiting(case)


def _waiting(case: Case) -> Iterator[str]:
    empty = [tier for tier in case.rules.tiers[: case.report.level + 1] if not case.on_duty(tier)]
    if empty:
        yield f"Nobody of tier {', '.join(empty)} is on duty."
    current = [(page, row) for page, rows in case.pages if page.level == case.report.level for row in rows]
    queued = [(page, row) for page, row in current if row.state in {OutboxState.QUEUED, OutboxState.SENDING}]
    names = ", ".join(dict.fromkeys(case.name(page.officer_id) for page, _ in current)) or "nobody"
    if any(row.sent_at is not None for _, row in current):
        yield f"It waits for {names} to answer, until {_at(case.report.deadline)}."
    elif queued:
        yield f"The page to {names} waits in the outbox {_why(case, [row for _, row in queued])}."
    elif current:
        yield f"No page to {names} could be delivered; it goes up at {_at(case.report.deadline)}."
    else:
        yield f"Nobody was paged on this tier; it goes up at {_at(case.report.deadline)}."


def _why(case: Case, rows: list[OutboxRow]) -> str:
    if heartbeats.WORKER in case.silent:
        return f"because no worker lives ({_life(case, heartbeats.WORKER)})"
    failing = sorted({row.channel for row in rows} & case.trouble.keys())
    if failing:
        return f"because the gateway of {', '.join(failing)} fails since {_at(min(case.trouble[name] for name in failing))}"
    rings = min(row.not_before for row in rows)
    return f"until {_at(rings)}" if rings > case.now else "and is about to leave"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(LOCAL):%d-%m %H:%M}" if moment is not None else "-"
