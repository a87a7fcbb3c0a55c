"""Commands about who is on duty: off, on, a name; and STOP, which never takes an officer off duty."""

from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa

from hotline import staff
from hotline.casework import texts
from hotline.casework.phone import misses
from hotline.casework.phone.commands import Command
from hotline.casework.phone.exchange import OfficerExchange
from hotline.conversation import normalise
from hotline.core import audit
from hotline.core.localtime import LOCAL
from hotline.messaging import officer_text
from hotline.staff import Duty, Member, Officer, Place


def off(line: OfficerExchange, command: Command) -> str:
    """Take the officer off duty until others take over by the roster; if nobody else is on, ask the head and change nothing."""
    del command
    held = line.people.held_by(line.officer.id, line.now)
    if not held:
        return line.say(texts.NOT_ON_DUTY)
    others = [_others(line, circle, tier) for circle, tier in held]
    if not all(others):
        audit.record(line.tx, "duty_off_refused", at=line.now, actor=line.officer.id)
        occasion = f"off:{line.officer.id}:{line.now:%Y-%m-%dT%H}"
        for circle in {circle for circle, _ in held}:
            line.tell(line.heads(circle), texts.ASKS_OFF, occasion, name=line.officer.name)
        return line.say(texts.STAYS_ON)
    until = _off_until(line, held)
    staff.leave(line.tx, line.officer.id, line.now, until, by=line.officer.id, now=line.now)
    return line.name(texts.OFF_DUTY, others[0][0].name, until=_moment(until))


def on(line: OfficerExchange, command: Command) -> str:
    """Put the officer back on duty before the leave ends."""
    del command
    staff.back(line.tx, line.officer.id, by=line.officer.id, now=line.now)
    people = staff.current_directory(line.tx)  # `line.people` is as it was before
    held = people.held_by(line.officer.id, line.now)
    if not held:
        return line.say(texts.NO_DUTY)
    _wake(line, held)
    until = max(people.next_change(circle, tier, line.now) for circle, tier in held)
    return line.say(texts.YOU_HAVE_DUTY, until=_moment(until))


def hand_over(line: OfficerExchange, command: Command) -> str:
    """Let a head name who has the duty until others take over by the roster; waiting reports are paged at once."""
    led = _led(line)
    if not led:
        audit.record(line.tx, "denied", at=line.now, actor=line.officer.id)
        return line.say(texts.NOT_HEAD)
    found = list(_named(line, led, command.text))
    if len(found) != 1:
        return line.say(texts.NO_SUCH_OFFICER)
    circle, officer = found[0]
    tier = line.top if circle in line.people.desks else line.tiers[0]
    until = line.people.next_change(circle, tier, line.now)
    before = line.holders(circle, tier)
    staff.back(line.tx, officer.id, by=line.officer.id, now=line.now)  # who is away holds nothing
    until = min(until, staff.away_from(line.tx, officer.id, line.now) or until)
    staff.cover(line.tx, circle, tier, officer.id, line.now, until, by=line.officer.id, now=line.now)
    _wake(line, staff.current_directory(line.tx).held_by(officer.id, line.now))  # with those that the leave had emptied
    moment, occasion = _moment(until), f"duty:{line.now.isoformat()}"
    told = [one for one in before if one.officer_id not in (officer.id, line.officer.id)]
    line.tell(told, texts.HAS_DUTY, occasion, name=officer.name, until=moment)
    if officer.id == line.officer.id:
        return line.say(texts.YOU_HAVE_DUTY, until=moment)
    line.tell([officer.duty()], texts.YOU_HAVE_DUTY, occasion, until=moment)
    return line.name(texts.HAS_DUTY, officer.name, until=moment)


def stop(line: OfficerExchange, command: Command) -> str:
    """Tell a head, once a day, that an officer sent STOP: the phone company may keep texts back now. The duty goes on."""
    del command
    audit.record(line.tx, "phone_stopped", at=line.now, actor=line.officer.id)
    occasion = f"stop:{line.officer.id}:{line.now.astimezone(LOCAL):%Y-%m-%d}"
    line.tell(line.heads(line.officer.circle), texts.SENT_STOP, occasion, name=line.officer.name)
    return line.say(texts.STILL_ON) if misses.rested(line) else ""


def _wake(line: OfficerExchange, held: Collection[Place]) -> None:
    """Have the reports that wait in these circles paged again: somebody else has a duty there now."""
    for circle in sorted({circle for circle, _ in held}):
        line.escalation.roster_changed(line.tx, line.now, circle)


def _off_until(line: OfficerExchange, held: Collection[Place]) -> datetime:
    """Return when others come on these tiers, or when the officer begins another duty, which nobody was asked about."""
    people, moment = line.people, line.now
    until = min(people.next_change(*place, line.now) for place in held)
    places = sorted({*people.shifts, *people.overrides})
    while (moment := min(people.next_change(*place, moment) for place in places)) < until:
        if not {*people.held_by(line.officer.id, moment)} <= {*held}:
            return moment
    return until


def _others(line: OfficerExchange, circle: str, tier: str) -> list[Duty]:
    return [one for one in line.holders(circle, tier) if one.officer_id != line.officer.id]


def _led(line: OfficerExchange) -> list[str]:
    """Return the circles that this officer leads: the own one if it is among them, else all."""
    led = [
        circle
        for circle in line.people.circles
        if line.officer.id in (head.officer_id for head in line.people.heads(circle, line.now, line.tiers))
    ]
    return [line.officer.circle] if line.officer.circle in led else led


def _named(line: OfficerExchange, circles: list[str], text: str) -> Iterator[tuple[str, Member]]:
    """Yield the officers of these circles whom a name can mean: by the username or the whole name, else a part of it."""
    said = normalise(text)
    statement = sa.select(Officer.id, Officer.username, Officer.name).where(Officer.circle.in_(circles), Officer.active)
    rows = line.tx.execute(statement).all() if said else []
    exact = [row for row in rows if said in (normalise(row.username), normalise(row.name))]
    partly = [row for row in rows if {*said.split()} <= {*normalise(row.name).split()}]
    for row in exact or partly:
        member = line.people.members.get(row.id)
        if member is not None and row.id in line.people.pageable:
            yield member.circle, member


def _moment(until: datetime) -> str:
    return officer_text.clock(until, day=True)
