"""The watchdog: the clock's watches the worker and all that it needs, the worker's watches the clock.

Whatever is wrong has to last for PATIENCE on the machine's monotonic clock before it is an alarm, so that neither a
restart nor a clock that was set is one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.core import audit, db
from hotline.core.db import Database
from hotline.core.timers import DueColumn
from hotline.messaging import Outbox, OutboxRow, OutboxState, address_health, outbox
from hotline.monitoring import alarms, heartbeats
from hotline.monitoring.alarms import Alarm, AlarmKind
from hotline.monitoring.heartbeats import Heartbeat

EVERY = 5.0  # seconds between two looks
SILENCE = 20.0  # seconds without a heartbeat
UNBOUND = (
    45.0  # seconds without a bind to the SMSC or a word from Telegram: longer than the longest pause between two tries
)
GIVEN_UP = 7 * 86_400.0  # seconds after which there is none any more, as far as anybody can tell from here
WAYS_IN = ((heartbeats.SMPP, "sms"), (heartbeats.PULL, "telegram"))
HICCUP = timedelta(seconds=20)  # a gateway that takes nothing for less is no alarm
LATE = timedelta(seconds=20)  # a message is sent within two seconds of its time when all is well
PATIENCE: Mapping[AlarmKind, float] = {  # seconds
    AlarmKind.CLOCK_SILENT: 10,
    AlarmKind.WORKER_SILENT: 10,
    AlarmKind.GATEWAY_FAILING: 0,
    AlarmKind.ADDRESS_BROKEN: 0,
    AlarmKind.OUTBOX_LATE: 30,
    AlarmKind.NOBODY_ON_DUTY: 10,
    AlarmKind.REDIS_GONE: 60,
}
JUMP = timedelta(seconds=30)  # the clock ran away from the machine's own by more than this
GAPS_AHEAD = 72  # hours

What = tuple[AlarmKind, str]


class Watchdog:
    """The eyes of one process. `ticks` is a monotonic clock in seconds."""

    def __init__(
        self, database: Database, outbox: Outbox, tiers: list[str], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self.database, self._outbox, self._tiers, self._ticks = database, outbox, tiers, ticks
        self._first: dict[What, float] = {}  # what is wrong -> when it was first seen
        self._gaps_seen: datetime | None = None
        self.redis_answers = True  # as whoever asks it found

    def from_worker(self, now: datetime) -> None:
        """Leave the worker's heartbeat and look at the clock."""
        with self.database.transaction() as tx:
            heartbeats.beat(tx, heartbeats.WORKER, now)
        self._look(now, {AlarmKind.CLOCK_SILENT}, lambda tx: _silent(tx, heartbeats.CLOCK, AlarmKind.CLOCK_SILENT, now))

    def from_clock(self, now: datetime) -> None:
        """Look at everything else; at the gaps ahead once an hour."""
        self._look(now, set(PATIENCE) - {AlarmKind.CLOCK_SILENT}, lambda tx: self._wrong(tx, now))
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._gaps_seen != hour:
            self._gaps_seen = hour
            with self.database.transaction() as tx:
                gaps_ahead(tx, self._tiers, now)

    def _look(self, now: datetime, kinds: set[AlarmKind], find: Callable[[Session], Iterator[What]]) -> None:
        """Raise what has lasted, clear what is mended, tell what is due; when all is well without a write."""
        with self.database.reading() as tx:
            standing = alarms.current(tx)
            wrong = set(find(tx))
            untold = bool(alarms.due(tx, now))
        ticks = self._ticks()
        self._first = {what: self._first.get(what, ticks) for what in wrong}
        known = {(AlarmKind(alarm.kind), alarm.subject) for alarm in standing}
        lasting = {what for what, first in self._first.items() if ticks - first >= PATIENCE[what[0]]} - known
        mended = {what for what in known - wrong if what[0] in kinds}
        over = [alarm for alarm in standing if alarm.kind in alarms.OVER and alarm.raised_at <= now - alarms.PAST]
        mended |= {(AlarmKind(alarm.kind), alarm.subject) for alarm in over}
        if not (lasting or mended or untold):
            return
        with self.database.transaction() as tx:
            for kind, subject in sorted(mended):
                alarms.clear(tx, kind, subject, now)
            for kind, subject in sorted(lasting):
                alarms.raise_alarm(tx, kind, subject, now)
            alarms.tell(tx, self._outbox, self._tiers, now)

    def _wrong(self, tx: Session, now: datetime) -> Iterator[What]:
        silent = list(_silent(tx, heartbeats.WORKER, AlarmKind.WORKER_SILENT, now))
        yield from silent
        if not silent:
            yield from _late(tx, now)
        yield from _gateways(tx, now)
        yield from _nobody(tx, self._tiers, now)
        known = staff.current_directory(tx).by_address
        yield from (
            (AlarmKind.ADDRESS_BROKEN, one.address_id) for one in address_health.broken(tx) if one.address_id in known
        )
        if not self.redis_answers:
            yield AlarmKind.REDIS_GONE, ""


def _silent(tx: Session, name: str, kind: AlarmKind, now: datetime) -> Iterator[What]:
    age = heartbeats.age(tx, name, now)
    if age is None or age > SILENCE:
        yield kind, ""


def _gateways(tx: Session, now: datetime) -> Iterator[What]:
    """Find channels whose gateway takes nothing for longer than a hiccup. It is over when it takes something."""
    for channel, since in outbox.gateway_trouble(tx).items():
        if since <= now - HICCUP:
            yield AlarmKind.GATEWAY_FAILING, channel
    for name, channel in WAYS_IN:
        unbound = heartbeats.age(tx, name, now)
        if unbound is not None and UNBOUND < unbound < GIVEN_UP:
            yield AlarmKind.GATEWAY_FAILING, channel


def _late(tx: Session, now: datetime) -> Iterator[What]:
    """Find messages that nobody takes. One that was tried and waits for its next try is the gateway's matter."""
    late = sa.and_(OutboxRow.state == OutboxState.QUEUED, OutboxRow.not_before <= now - LATE)
    if tx.execute(sa.select(OutboxRow.id).where(late).limit(1)).first() is not None:
        yield AlarmKind.OUTBOX_LATE, ""


def _nobody(tx: Session, tiers: list[str], now: datetime) -> Iterator[What]:
    """Find circles whose whole line is off duty. One that never had an officer is the desk's, and no alarm."""
    people = staff.current_directory(tx)
    for circle in sorted({member.circle for member in people.members.values()}) if people.desks else ():
        held_at, line = (people.desk, tiers[-1:]) if circle in people.desks else (circle, tiers[:-1])
        if not any(people.on_duty(held_at, tier, now) for tier in line):
            yield AlarmKind.NOBODY_ON_DUTY, circle


def gaps_ahead(tx: Session, tiers: list[str], now: datetime) -> None:
    """Raise the gaps that begin soon, one alarm each, and clear those that were filled or are over."""
    soon = staff.gaps_soon(tx, tiers, now, GAPS_AHEAD)
    standing = [alarm for alarm in alarms.current(tx) if alarm.kind == AlarmKind.GAP_AHEAD]
    kept = set()
    for gap in soon:
        begun = [alarm.subject for alarm in standing if _is_of(alarm, gap) and gap.start <= now]
        subject = begun[0] if begun else alarms.gap_subject(gap)
        kept.add(subject)
        minutes = int((gap.end - max(gap.start, alarms.gap_start(subject))).total_seconds() // 60)
        alarms.raise_alarm(tx, AlarmKind.GAP_AHEAD, subject, now, minutes=minutes)
    for alarm in standing:
        if alarm.subject not in kept:
            alarms.clear(tx, AlarmKind.GAP_AHEAD, alarm.subject, now)


def _is_of(alarm: Alarm, gap: staff.Gap) -> bool:
    """Tell whether an alarm is about this gap, which has begun since: it is not told as another."""
    return alarm.subject.startswith(f"{gap.circle}/{gap.tier}/") and alarms.gap_start(alarm.subject) <= gap.start


class ClockJumpDetector:
    """A comparison of the database's clock with the machine's own, which nobody can set."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def look(self, wall: datetime, ticks: float) -> timedelta:
        """Measure how far the clock ran away since the last look; zero within JUMP. After a sleep it jumps forward."""
        before, self._last = self._last, (wall, ticks)
        if before is None:
            return timedelta()
        ran = (wall - before[0]) - timedelta(seconds=ticks - before[1])
        return ran if abs(ran) > JUMP else timedelta()


def jumped(tx: Session, ran: timedelta, now: datetime) -> None:
    """Put on record that the clock was set, or that the machine slept."""
    minutes = round(ran.total_seconds() / 60)
    audit.record(tx, "clock_jumped", at=now, actor="clock", seconds=round(ran.total_seconds()))
    alarms.raise_alarm(tx, AlarmKind.CLOCK_JUMPED, "", now, minutes=minutes)


def was_away(tx: Session, seconds: float, now: datetime) -> None:
    """Put on record how long the database was out of reach."""
    audit.record(tx, "database_was_away", at=now, actor="clock", seconds=round(seconds))
    alarms.raise_alarm(tx, AlarmKind.DATABASE_WAS_AWAY, "", now, minutes=round(seconds / 60))


def turned_back(tx: Session, clock: Callable[[], datetime], timers: Iterable[DueColumn]) -> timedelta:
    """Bring every timer back as far as the clock was set, by a heartbeat that lies ahead; returns how far.

    Else a report would wait longer by what the clock was set. One of many clocks does it: whoever changes the heartbeat.
    """
    at = tx.execute(sa.select(Heartbeat.at).where(Heartbeat.name == heartbeats.CLOCK).with_for_update()).scalar()
    now = clock()  # read after it, so that no beat of another clock can lie ahead
    if at is None or at - now <= JUMP:
        return timedelta()
    ran = at - now
    db.run(tx, sa.update(Heartbeat).where(Heartbeat.name == heartbeats.CLOCK).values(at=now))
    for timer in timers:
        _bring_back(tx, timer, ran)
    return ran


def _bring_back(tx: Session, timer: DueColumn, ran: timedelta) -> None:
    column, table = timer.column, db.table(timer.column.class_)
    found = tx.execute(sa.select(table.c.id, column).where(timer.waits, column.is_not(None))).all()
    moved = [{"row": row_id, "moment": moment - ran} for row_id, moment in found]
    if moved:
        back = sa.update(table).where(table.c.id == sa.bindparam("row")).values({column.key: sa.bindparam("moment")})
        db.run(tx, back, moved)
