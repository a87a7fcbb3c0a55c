"""By hand, where power or the network is out: acceptance on behalf of an officer, printed slips and their receipts.

Whoever types is on record beside whom it was typed for. On behalf: a superior, or HQ for everybody; never a peer, who
could silence a report in somebody else's name. A receipt needs the serial of the slip, so anybody who sees the report
may type it.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from hotline import staff
from hotline.casework import access, slips, texts
from hotline.casework.slips import Fault, Slip, SlipResult
from hotline.core import audit
from hotline.escalation import Escalation, paging
from hotline.messaging import officer_text
from hotline.reports import Report, Status
from hotline.staff import Member, Officer


class AcceptedBy(StrEnum):
    """How an officer said that he takes the report, if not by the hotline itself."""

    PHONED = "phoned"
    RADIO = "radio"
    IN_PERSON = "in_person"


def bearers(tx: Session, engine: Escalation, report: Report, now: datetime) -> list[Member]:
    """Who can have a report in hand: those on duty for its circle, first, and the others of the circle."""
    tiers, members = engine.policy_of(tx, report).tiers, staff.current_directory(tx).members
    on_duty = {duty.officer_id for tier in tiers for duty in engine.holders(tx, report, tier, now)}
    found = [member for member in members.values() if member.circle == report.circle or member.id in on_duty]
    cleared = [member for member in found if member.integrity or not report.integrity]
    return sorted(cleared, key=lambda member: (member.id not in on_duty, member.name))


def answerable(tx: Session, engine: Escalation, officer: Officer, report: Report, now: datetime) -> list[Member]:
    """For whom this officer may accept an open report; empty for all but superiors and HQ."""
    if report.status != Status.OPEN:
        return []
    rules = engine.policy_of(tx, report)
    mine, top = access.standing(tx, rules, officer), access.at_the_top(tx, rules, officer)
    return [
        member
        for member in bearers(tx, engine, report, now)
        if member.id != officer.id and (top or access.standing(tx, rules, member) < mine)
    ]


def accept_for(
    tx: Session,
    engine: Escalation,
    officer: Officer,
    report_id: str,
    named: str,
    way: AcceptedBy,
    at: datetime,
    now: datetime,
) -> SlipResult | None:
    """Accept in the name of `named` (an id), who said so at `at`. None if the report does not exist for this officer."""
    report = access.find(tx, officer, report_id, now, lock=True)
    if report is None:
        return None
    if report.status != Status.OPEN:
        closed = report.status == Status.CLOSED
        return SlipResult(Fault.CLOSED if closed else Fault.TAKEN, report.accepted_by)
    if named not in {member.id for member in answerable(tx, engine, officer, report, now)}:
        audit.record(tx, "denied", at=now, actor=officer.id, report_id=report.id)
        return SlipResult(Fault.NOBODY, None)
    if at > now or at < slips.whole_minute(report.opened_at):
        return SlipResult(Fault.FUTURE if at > now else Fault.EARLY, None)
    at = max(at, report.opened_at)
    accepted = engine.accept(tx, report.id, named, now, via=way, actor=officer.id, at=at)
    if accepted.won:
        _tell(tx, engine, report, staff.current_directory(tx).members[named], now)
    return SlipResult(None if accepted.won else Fault.TAKEN, accepted.officer_id)


def _tell(tx: Session, engine: Escalation, report: Report, holder: Member, now: datetime) -> None:
    """Tell the officer who was paged, as if the answer had come from there: should it not be true, it shows."""
    page = paging.paged(tx, report).get(holder.id)
    if page is None:
        return
    engine.outbox.tell(
        tx, holder, officer_text.say(texts.YOURS, holder.wish, token=page.token),
        f"{report.id}:{report.generation}:yours", now=now, priority=report.priority, report_id=report.id,
    )  # fmt: skip


def print_slip(
    tx: Session, engine: Escalation, officer: Officer, report_id: str, bearer: str, now: datetime
) -> Slip | SlipResult | None:
    """A slip to carry to `bearer` (an id), or why there is none; None if the report does not exist for this officer."""
    report = access.find(tx, officer, report_id, now, lock=True)
    if report is None:
        return None
    if report.status != Status.OPEN:
        closed = report.status == Status.CLOSED
        return SlipResult(Fault.CLOSED if closed else Fault.TAKEN, report.accepted_by)
    named = {member.id: member for member in bearers(tx, engine, report, now)}.get(bearer)
    if named is None:
        return SlipResult(Fault.NOBODY, None)
    level = access.standing(tx, engine.policy_of(tx, report), named)
    return slips.issue(tx, engine, report, printed_by=officer.id, for_officer=named.id, level=level, now=now)


def find_slip(tx: Session, officer: Officer, serial: str, now: datetime) -> tuple[Slip, Report] | None:
    """A slip and its report, by the serial as it was typed; None if there is none for this officer."""
    slip = slips.by_serial(tx, serial)
    report = access.find(tx, officer, slip.report_id, now) if slip is not None else None
    return (slip, report) if slip is not None and report is not None else None


def receive(
    tx: Session, engine: Escalation, officer: Officer, serial: str, named: str, at: datetime, now: datetime
) -> SlipResult | None:
    """Type in the receipt of a slip that `named` (an id) had in hand at `at`; None if there is no such slip."""
    found = find_slip(tx, officer, serial, now)
    if found is None:
        return None
    slip, report = found
    if named not in {slip.for_officer, *(member.id for member in bearers(tx, engine, report, now))}:
        return SlipResult(Fault.NOBODY, None)
    return slips.receive(tx, engine, slip, named, at, typed_by=officer.id, now=now)
