"""The rule of which officer sees which report, and of who stands above whom. No other place decides it.

An officer sees a report of the own circle, one that was paged to them in its current generation, and one that they
have accepted; a tip about an official only as an integrity officer. Every other report does not exist for them, and
asking for it is put on record.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit
from hotline.escalation import Policy
from hotline.messaging import Page
from hotline.reports import Report
from hotline.staff import Member, Officer


def visible(officer: Officer | Member) -> sa.ColumnElement[bool]:
    """Return the rule for one officer, as a condition on reports."""
    paged = sa.exists().where(
        Page.report_id == Report.id, Page.officer_id == officer.id, Page.generation == Report.generation
    )
    theirs = sa.or_(Report.circle == officer.circle, Report.accepted_by == officer.id, paged)
    return theirs if officer.integrity else sa.and_(theirs, sa.not_(Report.integrity))


def sees(tx: Session, officer: Officer | Member, report_id: str) -> bool:
    """Return whether a report exists for an officer, without asking in the officer's name."""
    return tx.execute(sa.select(Report.id).where(Report.id == report_id, visible(officer))).first() is not None


def exists(tx: Session, officer: Officer | Member, report_id: str, now: datetime) -> bool:
    """Return whether a report exists for this officer; if it does not, record that it was asked for."""
    report_id = report_id if report_id.isalnum() else ""  # PostgreSQL takes no NUL
    if sees(tx, officer, report_id):
        return True
    real = tx.execute(sa.select(Report.id).where(Report.id == report_id)).scalar()  # never what was typed
    audit.record(tx, "denied", at=now, actor=officer.id, report_id=real)
    return False


def find(tx: Session, officer: Officer | Member, report_id: str, now: datetime, *, lock: bool = False) -> Report | None:
    """Load the report if it exists for this officer; see `exists`."""
    if not exists(tx, officer, report_id, now):
        return None
    report = tx.get(Report, report_id, with_for_update=lock or None)
    # Transferred between the two statements? The row that is locked now decides.
    return report if not lock or sees(tx, officer, report_id) else None


def names(tx: Session, officer_ids: Iterable[str]) -> dict[str, str]:
    """Return officers' names by id, those of officers who have left too."""
    rows = tx.execute(sa.select(Officer.id, Officer.name).where(Officer.id.in_(set(officer_ids))))
    return {row.id: row.name for row in rows}


def standing(tx: Session, rules: Policy, officer: Officer | Member) -> int:
    """Return how high an officer stands, as a tier of the policy from 0. The desk's officers stand at the top, whatever their
    rank; a rank that is no tier (Inspector, Sub-Inspector) stands at the bottom."""
    if officer.circle in staff.current_directory(tx).desks:
        return len(rules.tiers) - 1
    return rules.tiers.index(officer.rank) if officer.rank in rules.tiers else 0


def at_the_top(tx: Session, rules: Policy, officer: Officer | Member) -> bool:
    """Return whether an officer stands at HQ, which may act for every circle that it sees."""
    return standing(tx, rules, officer) == len(rules.tiers) - 1
