"""Slips: a report's offer printed on paper and carried by hand, with a timer of its own; the receipt is typed in later.

1. `issue` makes a slip: a serial with a check letter, and the wait of the tier that has the report at that moment.
2. `receive` takes the receipt that came back, with the true time that stands on it: it accepts the report, and the
   officer is told whose it is said to be: anybody who sees the report can print a slip and type it in.
3. `sweep` finds slips without a receipt in time: who printed it and the tier above its bearer are told, once. The
   report's own timer goes on all the while.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column
from stdnum.iso7064 import mod_37_2

from hotline import staff
from hotline.casework import actions, texts
from hotline.casework.actions import Actor
from hotline.casework.results import Fault, Result
from hotline.core import audit, db
from hotline.core.db import Database
from hotline.core.priority import Priority
from hotline.core.timers import DueColumn
from hotline.escalation import Escalation
from hotline.reports import Report, Status

log = logging.getLogger(__name__)

LETTERS = "ACDEFHJKLMNPRTUVWXY"  # check letters that a pen and a photocopier keep apart from digits and each other
FEW, MANY = 4, 6  # digits of a serial; the longer ones once the short ones run out
DRAWS = 40  # about half of the numbers have a letter that is not in LETTERS
SWEEP_LIMIT = 100  # slips told about in one sweep
Text = Callable[
    [str, Priority, Mapping[str, str], str], str
]  # (serial, priority, the circle's names, wish) -> what is said
SERIAL = re.compile(rf"(\d{{{FEW},{MANY}}})([A-Z])")


class Slip(db.Base):
    """A printed slip. Ids and times only; its serial is never used again."""

    __tablename__ = "slips"
    __table_args__ = (db.index_where("ix_slips_due_at", "due_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    serial: Mapped[str] = mapped_column(unique=True)  # "4821-K"
    report_id: Mapped[str] = mapped_column(
        sa.ForeignKey("reports.id", deferrable=True, initially="DEFERRED"), index=True
    )
    generation: Mapped[int]  # of the report when it was printed
    level: Mapped[int]  # the tier of who it is carried to, from 0
    printed_by: Mapped[str] = mapped_column(sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"))
    printed_at: Mapped[datetime]
    for_officer: Mapped[str] = mapped_column(sa.ForeignKey("officers.id", deferrable=True, initially="DEFERRED"))
    wait_until: Mapped[datetime]  # stands on the slip
    due_at: Mapped[datetime | None]  # the timer; None once the receipt is here, or its absence was told
    received_by: Mapped[str | None]
    received_at: Mapped[datetime | None]  # the true time, as it stands on the receipt
    typed_by: Mapped[str | None]
    typed_at: Mapped[datetime | None]

    @property
    def people(self) -> set[str]:
        """Return the ids of all officers that it names."""
        return {self.printed_by, self.for_officer} | {name for name in (self.received_by, self.typed_by) if name}


DUE_COLUMNS = (DueColumn(Slip.due_at, Slip.due_at.is_not(None)),)


def serial_of(text: str) -> str | None:
    """Read a serial as it was typed (spaces, small letters, Urdu digits, any dash) -> "4821-K"; None for a slip of the pen."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text.upper() if sign.isalnum())
    found = SERIAL.fullmatch(plain)
    return f"{found[1]}-{found[2]}" if found and mod_37_2.is_valid(plain) else None


def issue(
    tx: Session, engine: Escalation, report: Report, *, printed_by: str, for_officer: str, level: int, now: datetime
) -> Slip:
    """Make a slip for an open report and start its timer. `level`: the tier of `for_officer`, from 0."""
    wait = engine.waits(tx, report).accept[report.level]
    slip = Slip(
        id=db.new_id(), serial=_new_serial(tx), report_id=report.id, generation=report.generation, level=level,
        printed_by=printed_by, printed_at=now, for_officer=for_officer, wait_until=now + wait, due_at=now + wait,
    )  # fmt: skip
    tx.add(slip)
    tx.flush()
    audit.record(
        tx, "slip_printed", at=now, actor=printed_by, report_id=report.id, officer=for_officer, serial=slip.serial
    )
    return slip


def _new_serial(tx: Session) -> str:
    for digits in (FEW, MANY):
        drawn = {f"{number}-{letter}" for number, letter in _draws(digits) if letter in LETTERS}
        taken = set(tx.scalars(sa.select(Slip.serial).where(Slip.serial.in_(drawn))))
        free = sorted(drawn - taken)
        if free:
            return free[randbelow(len(free))]
    raise LookupError("no serial is free")


def _draws(digits: int) -> Iterator[tuple[str, str]]:
    for _ in range(DRAWS):
        number = str(randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))
        yield number, mod_37_2.calc_check_digit(number)


def by_serial(tx: Session, serial: str) -> Slip | None:
    """Find the slip with a serial in the form of `serial_of`."""
    return tx.scalars(sa.select(Slip).where(Slip.serial == serial)).first()


def of_report(tx: Session, report_id: str) -> list[Slip]:
    """List the slips of a report, oldest first."""
    return list(tx.scalars(sa.select(Slip).where(Slip.report_id == report_id).order_by(Slip.printed_at, Slip.serial)))


def receive(who: Actor, slip: Slip, officer_id: str, at: datetime) -> Result:
    """Take the receipt of a slip: `officer_id` had it in hand at the true time `at`, `who` types it in now.

    A receipt that comes after somebody else's acceptance, or for a report that has moved, is kept all the same: it is
    what happened. It only changes nothing.
    """
    # The report first, as everywhere: a lock taken in another order could wait for ours.
    report = who.tx.get_one(Report, slip.report_id, with_for_update=True, populate_existing=True)
    who.tx.refresh(slip, with_for_update=True)
    impossible = _impossible(slip, at, who.now)
    if impossible is not None:
        return impossible
    at, typist = max(at, slip.printed_at), who.officer.id  # what was typed has no seconds
    slip.due_at, slip.received_by, slip.received_at, slip.typed_by, slip.typed_at = (
        None,
        officer_id,
        at,
        typist,
        who.now,
    )
    audit.record(
        who.tx, "slip_received", at=who.now, actor=typist, report_id=report.id, officer=officer_id, serial=slip.serial,
        time=f"{at:%Y-%m-%dT%H:%MZ}",
    )  # fmt: skip
    result = actions.accept(who, report, holder=officer_id, via="slip", at=at, generation=slip.generation)
    if result.done and officer_id != typist:
        _tell(who.tx, who.escalation, report, slip, [officer_id], texts.slip_yours, "yours", who.now)
    return result


def _impossible(slip: Slip, at: datetime, now: datetime) -> Result | None:
    if slip.received_at is not None:
        return Result(Fault.TYPED, slip.received_by)
    if at > now:
        return Result(Fault.FUTURE)
    return Result(Fault.EARLY, since=slip.printed_at) if at < whole_minute(slip.printed_at) else None


def whole_minute(moment: datetime) -> datetime:
    """Cut a moment to what a clock on the wall shows."""
    return moment.replace(second=0, microsecond=0)


def sweep(database: Database, engine: Escalation, now: datetime) -> int:
    """Tell about every slip whose time is over without a receipt; returns how many. One failing stops no other."""
    due = sa.select(Slip.id, Slip.report_id).where(Slip.due_at <= now).order_by(Slip.due_at).limit(SWEEP_LIMIT)
    with database.reading() as tx:  # most sweeps find nothing, and need no write lock for that
        found = tx.execute(due).all()
    told = 0
    for slip_id, report_id in found:
        try:
            with database.transaction() as tx:
                told += _lapse(tx, engine, slip_id, report_id, now)
        except (SQLAlchemyError, LookupError, ValueError):
            log.exception("slip failed", extra={"report_id": report_id})
    return told


def _lapse(tx: Session, engine: Escalation, slip_id: str, report_id: str, now: datetime) -> bool:
    report = tx.get_one(Report, report_id, with_for_update=True)
    slip = tx.get_one(Slip, slip_id, with_for_update=True)
    if slip.due_at is None or slip.due_at > now:
        return False  # another clock, or the receipt, was faster
    slip.due_at = None
    if report.status != Status.OPEN or report.generation != slip.generation:
        return False  # it was accepted by another way: nobody need ask for the paper
    audit.record(
        tx, "slip_late", at=now, actor="clock", report_id=report.id, officer=slip.for_officer, serial=slip.serial
    )
    _tell(tx, engine, report, slip, _concerned(tx, engine, report, slip, now), texts.slip_late, "late", now)
    return True


def _tell(
    tx: Session, engine: Escalation, report: Report, slip: Slip, officer_ids: Iterable[str], text: Text, occasion: str,
    now: datetime,
) -> None:  # fmt: skip
    people = staff.current_directory(tx)
    names = people.circles[report.circle]
    for member in (people.members[officer_id] for officer_id in officer_ids if officer_id in people.members):
        engine.outbox.tell(
            tx, member, text(slip.serial, report.priority, names, member.wish), f"slip:{slip.id}:{occasion}", now=now,
            priority=report.priority, report_id=report.id,
        )  # fmt: skip


def _concerned(tx: Session, engine: Escalation, report: Report, slip: Slip, now: datetime) -> list[str]:
    """Return who printed the slip, and the next occupied tier above its bearer (the top, if that is where it goes)."""
    tiers = engine.policy_of(tx, report).tiers
    last = len(tiers) - 1
    told = {slip.printed_by}
    for level in range(min(slip.level + 1, last), last + 1):
        above = {duty.officer_id for duty in engine.holders(tx, report, tiers[level], now)} - {slip.for_officer}
        if above:
            told |= above
            break
    return sorted(told)
