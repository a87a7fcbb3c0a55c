"""The alarms of the hotline itself, in words, loudest first: the engine, the roster, messages held back."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core.i18n import N_
from hotline.messaging import OutboxRow, OutboxState
from hotline.monitoring import MAX_SWEEP_AGE, AlarmKind, heartbeats
from hotline.monitoring import alarms as standing
from hotline.staff import Gap, Officer
from hotline.web.console import labels
from hotline.web.language import current, moment, say
from hotline.web.parts import parts

AHEAD = 1  # days of the roster that are looked at on every page
EVERYBODYS = frozenset(
    {AlarmKind.WORKER_SILENT, AlarmKind.GATEWAY_FAILING, AlarmKind.OUTBOX_LATE}
)  # pages may not arrive
SAID_ELSEWHERE = frozenset({AlarmKind.CLOCK_SILENT, AlarmKind.NOBODY_ON_DUTY, AlarmKind.GAP_AHEAD})
SHOWN = 6  # gaps; a circle without any roster must not fill the page


STOPPED = N_("Pages to officers are late: the clock of the hotline stands still. Tell the operator at once.")
NOBODY = N_("{circle}: nobody is on duty now. Its reports go up at once.")
GAP = N_("{circle}: no {tier} from {start} to {end}.")
HELD = N_("{count} messages to the public are held back until somebody decides.")


def alarms(tx: Session, officer: Officer, now: datetime) -> list[str]:
    """The lines to show this officer: about the own circle and the desk; at the desk, about all circles."""
    return [*_engine(tx, now), *_standing(tx, officer), *_roster(tx, officer, now), *_held(tx, officer)]


def _engine(tx: Session, now: datetime) -> Iterator[str]:
    age = heartbeats.sweep_age(tx, now)
    if age is None or age > MAX_SWEEP_AGE:
        yield say(STOPPED)


def _standing(tx: Session, officer: Officer) -> Iterator[str]:
    """Return what the phones of HQ and of the circle's head were told too, as far as nothing else on this page says it."""
    people = staff.current_directory(tx)
    for alarm in standing.current(tx):
        concerns = alarm.kind in EVERYBODYS or officer.circle in {*people.desks, standing.circle_of(people, alarm)}
        if alarm.kind not in SAID_ELSEWHERE and concerns:
            yield standing.text(alarm, people, current())


def _roster(tx: Session, officer: Officer, now: datetime) -> Iterator[str]:
    tiers = parts().escalation.current.tiers
    desks = staff.current_directory(tx).desks
    gaps = staff.gaps(tx, tiers, now, AHEAD)
    concerned = [gap for gap in gaps if officer.circle in desks or gap.circle in {officer.circle, *desks}]
    names = labels.circles(tx)
    empty = {
        code
        for code in {gap.circle for gap in concerned}
        if _nobody(code, concerned, now, 1 if code in desks else len(tiers) - 1)
    }
    for circle in sorted(empty):
        yield say(NOBODY, circle=names[circle])
    rest = [gap for gap in concerned if gap.circle not in empty]
    for gap in sorted(rest, key=lambda gap: (gap.start, gap.circle))[:SHOWN]:
        tier = labels.name(labels.TIERS, gap.tier)
        yield say(GAP, circle=names[gap.circle], tier=tier, start=moment(gap.start), end=moment(gap.end))


def _nobody(circle: str, gaps: list[Gap], now: datetime, tiers: int) -> bool:
    return len({gap.tier for gap in gaps if gap.circle == circle and gap.start <= now}) == tiers


def _held(tx: Session, officer: Officer) -> Iterator[str]:
    # A count over all circles: the desk's to see, and the desk's to act upon.
    if officer.circle in staff.current_directory(tx).desks:
        held = sa.select(sa.func.count()).where(OutboxRow.state == OutboxState.HELD, OutboxRow.contact_id.is_not(None))
        count = tx.execute(held).scalar_one()
        if count:
            yield say(HELD, count=count)
