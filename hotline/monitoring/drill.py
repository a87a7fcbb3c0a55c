"""The drill: once a day a test report goes the whole way by itself, from the public address to an officer's acceptance.

1. The clock calls `/in/drill` as a reporter would; the report opens in a circle of its own.
2. Its officer is a robot: the worker "sends" the page, and the robot's answer comes in by `/in/drill` too.
3. The clock looks whether the report was accepted in time, closes it as a test, and writes down how long it took.
A drill that fails is an alarm, and is held again soon until one passes.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from secrets import token_hex

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import staff
from hotline.channels.contract import SendError
from hotline.channels.drill import CHANNEL, CIRCLE, ROBOT, DrillLine
from hotline.core import audit, db, vault
from hotline.core.db import Database
from hotline.core.settings import Settings
from hotline.core.vault import KeyMissing, Vault
from hotline.escalation import Escalation
from hotline.monitoring import alarms, heartbeats
from hotline.monitoring.alarms import AlarmKind
from hotline.monitoring.heartbeats import Heartbeat
from hotline.reports import Outcome, Report, Status
from hotline.staff import Circle, Officer, OfficerAddress, Shift, Zone

log = logging.getLogger(__name__)

WITHIN = timedelta(minutes=2)  # from the call to the acceptance
SOON = timedelta(minutes=15)  # the next drill after one that failed
BEGUN, PASSED = "drill", "drill_passed"  # among the heartbeats: when the last one began, and the last one that passed
NAMES = {"en": "Drill", "ur": "مشق", "sd": "مشق"}
TEXT = "Drill"

Aside = Callable[[Callable[[], None]], None]


class Drill:
    """The drills of a clock, held and judged, for any number of clocks. `call` is how a report comes in."""

    def __init__(
        self, engine: Escalation, call: Callable[[str, str], None], every: timedelta,
        aside: Aside | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._call, self._every = engine, call, every
        self._aside = aside or in_a_thread

    def look(self, database: Database, now: datetime) -> None:
        """Judge the drill under way, or begin one that is due. Nothing happens before a directory was loaded."""
        with database.reading() as tx:
            if tx.get(Circle, CIRCLE) is None:
                return
            begun, passed = heartbeats.last(tx, BEGUN), heartbeats.last(tx, PASSED)
        if begun is None or passed is None:
            with database.transaction() as tx:  # the first one is held a whole period after the start
                heartbeats.beat(tx, BEGUN, now)
                heartbeats.beat(tx, PASSED, now)
        elif now >= begun + (self._every if passed >= begun else min(SOON, self._every)):
            self._begin(database, begun, now)
        elif passed < begun:
            with database.transaction() as tx:
                judge(tx, self._engine, begun, now)

    def _begin(self, database: Database, before: datetime, now: datetime) -> None:
        with database.transaction() as tx:
            claim = sa.update(Heartbeat).where(Heartbeat.name == BEGUN, Heartbeat.at == before).values(at=now)
            if db.run(tx, claim).rowcount == 0:
                return  # another clock holds it
            audit.record(tx, "drill_begun", at=now, actor="clock")
        self._aside(self._call_in)

    def _call_in(self) -> None:
        try:
            self._call(f"reporter-{token_hex(8)}", TEXT)
        except SendError as error:
            log.warning("drill could not call", extra={"error": error.code})


def in_a_thread(act: Callable[[], None]) -> None:
    """Act beside everything else: a call to the outside must never hold up a sweep."""
    threading.Thread(target=act, daemon=True).start()


def judge(tx: Session, engine: Escalation, begun: datetime, now: datetime) -> bool | None:
    """Judge whether the drill that began then passed; None while there is time left. Closes its report."""
    mine = sa.select(Report).where(Report.circle == CIRCLE, Report.opened_at >= begun).order_by(Report.opened_at)
    found = tx.scalars(mine.with_for_update()).all()
    took = min((report.accepted_at for report in found if report.accepted_at is not None), default=None)
    in_time = took is not None and took <= begun + WITHIN
    if not in_time and now <= begun + WITHIN:
        return None
    for report in found:
        if report.status != Status.CLOSED:
            engine.close(tx, report, Outcome.TEST, "clock", now)
    if in_time and took is not None:
        heartbeats.beat(tx, PASSED, now)
        audit.record(tx, "drill_passed", at=now, actor="clock", seconds=round((took - begun).total_seconds(), 1))
        alarms.clear(tx, AlarmKind.DRILL_FAILED, "", now)
    elif alarms.raise_alarm(tx, AlarmKind.DRILL_FAILED, "", now):
        audit.record(tx, "drill_failed", at=now, actor="clock", opened=len(found))
    return in_time


def of(settings: Settings, engine: Escalation) -> Drill | None:
    """Make the drills of the settings; None where they are off, or `drill.key` is missing."""
    every = settings.drills
    if not every:
        return None
    try:
        line = DrillLine(vault.drill_secret(settings.keys_dir), settings.public_url)
    except KeyMissing:
        return None  # `hotline doctor` says so
    return Drill(engine, line.call, every)


def prepare(tx: Session, keys: Vault, tiers: Sequence[str], now: datetime) -> None:
    """Make the circle of drills and its officer, on duty on every tier but the desk's. Repeating it changes nothing."""
    if tx.get(Circle, CIRCLE) is not None:
        return
    robot = Officer(id=db.new_id(), username=CIRCLE, name=NAMES["en"], rank=CIRCLE, circle=CIRCLE, languages=[])
    address = OfficerAddress(id=db.new_id(), officer_id=robot.id, channel=CHANNEL, index=keys.index(CHANNEL, ROBOT))
    address.address = keys.seal_for("worker", ROBOT.encode(), f"officer {CHANNEL} {address.id}")
    tx.add_all([Zone(code=CIRCLE, name=NAMES), Circle(code=CIRCLE, zone=CIRCLE, name=NAMES), robot, address])
    tx.flush()
    for tier in tiers[:-1]:
        staff.add(tx, Shift(id=db.new_id(), circle=CIRCLE, tier=tier, officer_id=robot.id), now)
    staff.note_spells(tx, now)
    audit.record(tx, "drill_prepared", at=now, actor="operator")
