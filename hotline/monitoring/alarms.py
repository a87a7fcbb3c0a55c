"""Alarms about the hotline itself: raised once, told to those who can mend it, hourly again while they last.

`watchdog` sees that something is wrong; docs/when-things-fail.md says what to do about each kind.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import staff
from hotline.core import audit, db
from hotline.core.i18n import N_, has_text, translate
from hotline.core.localtime import LOCAL
from hotline.core.priority import Priority
from hotline.messaging import Outbox, OutboxRow, OutboxState, officer_text
from hotline.staff import Directory, Duty

AGAIN = timedelta(hours=1)  # between two tellings of what lasts
FLAPPING = timedelta(minutes=10)  # what comes back within this time is the old alarm, and not told anew
PAST = timedelta(hours=1)  # what happened and is over stands for this long
LAST_CALL = timedelta(hours=24)  # a gap is told once more this long before it begins
LONGEST = audit.MAX_VALUE  # of a subject on record


class AlarmKind(StrEnum):
    """The kinds of alarm; beside each, what its subject is."""

    CLOCK_SILENT = "clock_silent"
    WORKER_SILENT = "worker_silent"
    GATEWAY_FAILING = "gateway_failing"  # a channel
    NOBODY_ON_DUTY = "nobody_on_duty"  # a circle
    REDIS_GONE = "redis_gone"
    CLOCK_JUMPED = "clock_jumped"
    DATABASE_WAS_AWAY = "database_was_away"
    GAP_AHEAD = "gap_ahead"  # circle/tier/when it begins (UTC)
    ADDRESS_BROKEN = "address_broken"  # the id of an officer's address
    DRILL_FAILED = "drill_failed"
    OUTBOX_LATE = "outbox_late"


OVER = frozenset({AlarmKind.CLOCK_JUMPED, AlarmKind.DATABASE_WAS_AWAY})  # told once, and gone after PAST
ONCE = OVER | {AlarmKind.ADDRESS_BROKEN}  # told once; shown for as long as it lasts
HEADS_ONLY = frozenset({AlarmKind.GAP_AHEAD, AlarmKind.ADDRESS_BROKEN})  # the circle's own business


class Alarm(db.Base):
    """An alarm: one thing that is, or was, wrong."""

    __tablename__ = "alarms"
    __table_args__ = (db.index_where("uq_alarms_standing", "kind", "subject", where="cleared_at IS NULL", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    kind: Mapped[AlarmKind] = mapped_column(db.OneOf(AlarmKind))
    subject: Mapped[str]  # "" where there is only one
    minutes: Mapped[int | None]  # how long the gap or the absence is, how far the clock jumped
    raised_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


# Each is one SMS in every wish (`name` is a circle or an officer), and says nothing that a stranger could use.
TEXTS = {
    AlarmKind.CLOCK_SILENT: N_("Hotline: the timer has stood still since {since}. Reports are not escalated."),
    AlarmKind.WORKER_SILENT: N_("Hotline: no message has left since {since}."),
    AlarmKind.GATEWAY_FAILING: N_("Hotline: no {channel} has left since {since}. Look at the console."),
    AlarmKind.NOBODY_ON_DUTY: N_("Hotline: nobody has been on duty in {name} since {since}."),
    AlarmKind.REDIS_GONE: N_("Hotline: Redis has been down since {since}. Messages leave a little later."),
    AlarmKind.CLOCK_JUMPED: N_("Hotline: at {since} the clock jumped by {minutes} min."),
    AlarmKind.DATABASE_WAS_AWAY: N_("Hotline: the database was away for {minutes} min until {since}."),
    AlarmKind.GAP_AHEAD: N_("Hotline: {name} has no {tier} from {start} to {end}."),
    AlarmKind.ADDRESS_BROKEN: N_("Hotline: {name} cannot be reached by {channel}. Correct the address."),
    AlarmKind.DRILL_FAILED: N_("Hotline: the drill failed at {since}. Look at the console."),
    AlarmKind.OUTBOX_LATE: N_("Hotline: messages have been waiting since {since}."),
}


def raise_alarm(tx: Session, kind: AlarmKind, subject: str, now: datetime, *, minutes: int | None = None) -> bool:
    """Put what is wrong on record; False, and nothing changes, while it lasts already."""
    row = {"id": db.new_id(), "kind": kind, "subject": subject, "minutes": minutes, "raised_at": now}
    if not _reopen(tx, kind, subject, now) and not db.add_if_new(tx, Alarm, row):
        return False
    audit.record(tx, "alarm", at=now, actor="watch", kind=kind, subject=subject[:LONGEST], minutes=minutes)
    return True


def _reopen(tx: Session, kind: AlarmKind, subject: str, now: datetime) -> bool:
    """Raise the old alarm again if it was cleared a moment ago: two who disagree must not page HQ all night."""
    same = sa.and_(Alarm.kind == kind, Alarm.subject == subject)
    standing = sa.select(Alarm.id).where(same, Alarm.cleared_at.is_(None))
    last = sa.select(Alarm.id).where(same, Alarm.cleared_at > now - FLAPPING).order_by(Alarm.cleared_at.desc()).limit(1)
    found = tx.execute(last).scalar()
    if found is None or tx.execute(standing).first() is not None:
        return False
    back = sa.update(Alarm).where(Alarm.id == found, Alarm.cleared_at.is_not(None)).values(cleared_at=None)
    return db.run(tx, back).rowcount == 1


def clear(tx: Session, kind: AlarmKind, subject: str, now: datetime) -> bool:
    """Clear what is mended: what was not told yet need not be. False if nothing was wrong."""
    standing = sa.and_(Alarm.kind == kind, Alarm.subject == subject, Alarm.cleared_at.is_(None))
    found = tx.execute(sa.select(Alarm.id).where(standing)).scalar()
    if found is None or db.run(tx, sa.update(Alarm).where(standing).values(cleared_at=now)).rowcount == 0:
        return False
    _withdraw(tx, found)
    audit.record(tx, "alarm_over", at=now, actor="watch", kind=kind, subject=subject[:LONGEST])
    return True


def current(tx: Session) -> list[Alarm]:
    """List what is wrong now, oldest first."""
    return list(tx.scalars(sa.select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.raised_at, Alarm.id)))


def due(tx: Session, now: datetime) -> list[Alarm]:
    """List what has to be told now."""
    return [alarm for alarm in current(tx) if _due(alarm, now)]


def _due(alarm: Alarm, now: datetime) -> bool:
    if alarm.told_at is None or alarm.kind in ONCE:
        return alarm.told_at is None
    if alarm.kind == AlarmKind.GAP_AHEAD:
        last_call = gap_start(alarm.subject) - LAST_CALL
        return alarm.told_at < last_call <= now
    return alarm.told_at <= now - AGAIN


def gap_start(subject: str) -> datetime:
    """Read from its subject when the gap of a GAP_AHEAD begins."""
    return datetime.fromisoformat(subject.rsplit("/", 1)[1]).replace(tzinfo=UTC)


def gap_subject(gap: staff.Gap) -> str:
    """Make the subject of a GAP_AHEAD."""
    return f"{gap.circle}/{gap.tier}/{gap.start.astimezone(UTC):%Y-%m-%dT%H:%M}"


def tell(tx: Session, outbox: Outbox, tiers: list[str], now: datetime) -> int:
    """Page those concerned about all that is due, on every address they have; returns how many alarms were told.

    Any number of processes may do it: each alarm is claimed by its `told_at`.
    """
    told = 0
    for alarm in due(tx, now):
        seen = Alarm.told_at.is_(None) if alarm.told_at is None else Alarm.told_at == alarm.told_at
        claim = sa.update(Alarm).where(Alarm.id == alarm.id, Alarm.cleared_at.is_(None), seen)
        if db.run(tx, claim.values(told_at=now)).rowcount == 1:
            _withdraw(tx, alarm.id)  # what nobody could send for an hour is said once, not every hour's
            _page(tx, outbox, alarm, tiers, now)
            told += 1
    return told


def _page(tx: Session, outbox: Outbox, alarm: Alarm, tiers: list[str], now: datetime) -> None:
    people = staff.current_directory(tx)
    concerned = _concerned(people, alarm, tiers, now) if people.desks else people.of_rank(tiers[-1])
    officers = {duty.officer_id: duty for duty in concerned}
    for duty in officers.values():
        said, key = text(alarm, people, duty.wish), f"alarm:{alarm.id}:{now:%Y%m%d%H%M%S}"
        outbox.tell(
            tx, duty, said, key, now=now, priority=Priority.P1, skip=(alarm.subject,)
        )  # the broken address itself
    audit.record(
        tx,
        "alarm_told",
        at=now,
        actor="watch",
        kind=alarm.kind,
        subject=alarm.subject[:LONGEST],
        officers=sorted(officers),
    )


def _concerned(people: Directory, alarm: Alarm, tiers: list[str], now: datetime) -> Iterator[Duty]:
    """List HQ's officers on duty (all of them if none is), and the heads of the circle that it is about."""
    circle = circle_of(people, alarm)
    if circle is not None:
        yield from people.heads(circle, now, tiers)
    if alarm.kind not in HEADS_ONLY or circle is None:
        yield from people.on_duty(people.desk, tiers[-1], now) or people.of_rank(tiers[-1])


def circle_of(people: Directory, alarm: Alarm) -> str | None:
    """Find the circle that an alarm is about, if it is about one that is still known."""
    circle: str | None = None
    if alarm.kind in {AlarmKind.NOBODY_ON_DUTY, AlarmKind.GAP_AHEAD}:
        circle = alarm.subject.split("/")[0]
    elif alarm.kind == AlarmKind.ADDRESS_BROKEN and alarm.subject in people.by_address:
        circle = people.by_address[alarm.subject].circle
    return circle if circle in people.circles else None


def text(alarm: Alarm, people: Directory, wish: str) -> str:
    """Say what an officer's phone and the console show: one SMS in the officer's wish."""
    return officer_text.say(
        TEXTS[AlarmKind(alarm.kind)], wish, _name(alarm, people, wish), **_values(alarm, people, wish)
    )


def _name(alarm: Alarm, people: Directory, wish: str) -> str:
    """Name the circle or the officer that an alarm is about."""
    if alarm.kind == AlarmKind.ADDRESS_BROKEN:
        member = people.by_address.get(alarm.subject)
        return member.name if member is not None else "?"
    circle = circle_of(people, alarm)
    names = people.circles[circle] if circle is not None else {"en": alarm.subject.split("/")[0]}
    # "Lahore" is what everybody says, and half of what "AHTC Lahore" costs
    known = names.get(wish) or names["en"]
    return known.removeprefix(translate(officer_text.AHTC, wish)).removeprefix(officer_text.AHTC).strip()


def _values(alarm: Alarm, people: Directory, wish: str) -> dict[str, str]:
    values = {"since": officer_text.clock(alarm.raised_at), "minutes": str(alarm.minutes)}
    if alarm.kind == AlarmKind.GATEWAY_FAILING:
        values["channel"] = officer_text.label(alarm.subject, wish)
    elif alarm.kind == AlarmKind.ADDRESS_BROKEN:
        member = people.by_address.get(alarm.subject)
        channels = [name for key, name in member.addresses if key == alarm.subject] if member is not None else []
        values["channel"] = officer_text.label(next(iter(channels), ""), wish)
    elif alarm.kind == AlarmKind.GAP_AHEAD:
        start = gap_start(alarm.subject)
        end = start + timedelta(minutes=alarm.minutes or 0)
        values |= {"tier": _tier(alarm.subject.split("/")[1], wish), "start": officer_text.clock(start, day=True),
                   "end": officer_text.clock(end, day=start.astimezone(LOCAL).date() != end.astimezone(LOCAL).date())}  # fmt: skip
    return values


def _tier(code: str, wish: str) -> str:
    """Name a tier as the console does."""
    plain = code.replace("_", " ")
    known = (name for name in (plain, plain.title(), plain.upper()) if wish != "en" and has_text(wish, name))
    return translate(next(known, plain), wish)


def _withdraw(tx: Session, alarm_id: str) -> None:
    waiting = sa.and_(OutboxRow.state == OutboxState.QUEUED, OutboxRow.dedupe.startswith(f"alarm:{alarm_id}:"))
    tx.execute(
        sa.update(OutboxRow).where(waiting).values(state=OutboxState.WITHDRAWN, reason="answered")
        .execution_options(synchronize_session=False)
    )  # fmt: skip
