"""Work by hand, where power or the network is out: acceptance on behalf of an officer, printed slips and their receipts.

Whoever types is on record beside whom it was typed for. On behalf: a superior, or HQ for everybody; never a peer, who
could silence a report in somebody else's name. A receipt needs the serial of the slip, so anybody who sees the report
may type it.
"""

from datetime import datetime
from enum import StrEnum

from hotline import staff
from hotline.casework import access, actions, slips, texts
from hotline.casework.actions import Actor
from hotline.casework.results import Fault, Result
from hotline.casework.slips import Slip
from hotline.core import audit
from hotline.escalation import paging
from hotline.messaging import officer_text
from hotline.reports import Report, Status
from hotline.staff import Member


class AcceptedBy(StrEnum):
    """The way by which an officer said that he takes a report, if not by the hotline itself."""

    PHONED = "phoned"
    RADIO = "radio"
    IN_PERSON = "in_person"


def bearers(who: Actor, report: Report) -> list[Member]:
    """List the officers who can have a report in hand: those on duty for its circle, first, and the others of the circle."""
    tiers, members = who.escalation.policy_of(who.tx, report).tiers, staff.current_directory(who.tx).members
    on_duty = {duty.officer_id for tier in tiers for duty in who.escalation.holders(who.tx, report, tier, who.now)}
    found = [member for member in members.values() if member.circle == report.circle or member.id in on_duty]
    cleared = [member for member in found if member.integrity or not report.integrity]
    return sorted(cleared, key=lambda member: (member.id not in on_duty, member.name))


def answerable(who: Actor, report: Report) -> list[Member]:
    """List those for whom this officer may accept an open report; nobody for all but superiors and HQ."""
    if report.status != Status.OPEN:
        return []
    tx, rules = who.tx, who.escalation.policy_of(who.tx, report)
    mine, top = access.standing(tx, rules, who.officer), access.at_the_top(tx, rules, who.officer)
    return [
        member
        for member in bearers(who, report)
        if member.id != who.officer.id and (top or access.standing(tx, rules, member) < mine)
    ]


def accept_for(who: Actor, report: Report, named: str, way: AcceptedBy, at: datetime) -> Result:
    """Accept in the name of `named` (an id), who said so at `at`."""
    over = actions.settled(report)
    if over is not None:
        return over
    if named not in {member.id for member in answerable(who, report)}:
        audit.record(who.tx, "denied", at=who.now, actor=who.officer.id, report_id=report.id)
        return Result(Fault.NOBODY)
    if at > who.now:
        return Result(Fault.FUTURE)
    if at < slips.whole_minute(report.opened_at):
        return Result(Fault.EARLY, since=report.opened_at)
    result = actions.accept(who, report, holder=named, via=way, at=max(at, report.opened_at))
    if result.done:
        _tell(who, report, staff.current_directory(who.tx).members[named])
    return result


def _tell(who: Actor, report: Report, holder: Member) -> None:
    """Tell the officer who was paged, as if the answer had come from there: should it not be true, it shows."""
    page = paging.paged(who.tx, report).get(holder.id)
    if page is None:
        return
    who.escalation.outbox.tell(
        who.tx, holder, officer_text.say(texts.YOURS, holder.wish, token=page.token),
        f"{report.id}:{report.generation}:yours", now=who.now, priority=report.priority, report_id=report.id,
    )  # fmt: skip


def print_slip(who: Actor, report: Report, bearer: str) -> Slip | Result:
    """Print a slip to carry to `bearer` (an id), or return why there is none."""
    over = actions.settled(report)
    if over is not None:
        return over
    named = {member.id: member for member in bearers(who, report)}.get(bearer)
    if named is None:
        return Result(Fault.NOBODY)
    level = access.standing(who.tx, who.escalation.policy_of(who.tx, report), named)
    return slips.issue(
        who.tx, who.escalation, report, printed_by=who.officer.id, for_officer=named.id, level=level, now=who.now
    )


def find_slip(who: Actor, serial: str) -> tuple[Slip, Report] | None:
    """Find a slip and its report, by the serial as it was typed; None if there is none for this officer."""
    slip = slips.by_serial(who.tx, serial)
    report = access.find(who.tx, who.officer, slip.report_id, who.now) if slip is not None else None
    return (slip, report) if slip is not None and report is not None else None


def receive(who: Actor, serial: str, named: str, at: datetime) -> Result | None:
    """Type in the receipt of a slip that `named` (an id) had in hand at `at`; None if there is no such slip."""
    found = find_slip(who, serial)
    if found is None:
        return None
    slip, report = found
    if named not in {slip.for_officer, *(member.id for member in bearers(who, report))}:
        return Result(Fault.NOBODY)
    return slips.receive(who, slip, named, at)
