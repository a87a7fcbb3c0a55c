"""The escalation policy: tiers and waits, read from flows/escalation.yaml, kept for as long as a report goes by it."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.channels.traits import PagedChannel
from hotline.core import db
from hotline.core.datafile import DataFile, DataFileError, Strict
from hotline.core.localtime import LOCAL
from hotline.core.priority import Priority, PriorityName
from hotline.staff import Directory, Duty

MAX_WAIT = timedelta(days=90)
MIN_REPEAT = timedelta(minutes=1)  # more often, a phone is no longer answered but switched off
CLIMB = "climb"  # to the next tier
Kind = Literal["tip", "help"]


def _sane(wait: timedelta) -> timedelta:
    if not timedelta(0) < wait <= MAX_WAIT:
        raise ValueError(f"a wait must be longer than zero and at most {MAX_WAIT.days} days")
    return wait


def _seldom(wait: timedelta) -> timedelta:
    if not MIN_REPEAT <= wait <= MAX_WAIT:
        raise ValueError(
            f"a page is repeated after a minute at the earliest, and after {MAX_WAIT.days} days at the latest"
        )
    return wait


def _forward(wait: timedelta) -> timedelta:
    if not timedelta(0) <= wait <= MAX_WAIT:
        raise ValueError(f"a channel rings at once or later, within {MAX_WAIT.days} days")
    return wait


def _iso(value: object) -> object:
    # YAML reads 30:00 as the number 1800, and pydantic a number as seconds
    if isinstance(value, timedelta) or (isinstance(value, str) and _DURATION.match(value)):
        return value
    raise ValueError("a wait is written as an ISO 8601 duration, such as PT30M or P2D")


def _quoted(value: object) -> object:
    if isinstance(value, time) or (isinstance(value, str) and ":" in value):
        return value
    raise ValueError('a time is written in quotes, such as "22:00"')


_DURATION = re.compile(r"[+-]?P")
Wait = Annotated[timedelta, BeforeValidator(_iso), AfterValidator(_sane)]
Repeat = Annotated[timedelta, BeforeValidator(_iso), AfterValidator(_seldom)]
Delay = Annotated[timedelta, BeforeValidator(_iso), AfterValidator(_forward)]
Name = Annotated[str, StringConstraints(min_length=1)]
Clock = Annotated[time, BeforeValidator(_quoted)]


class Quiet(Strict):
    """Hours of the local day in which pages of this priority wait."""

    start: Clock
    end: Clock


class ChannelDelay(Strict):
    """A channel of an officer, and how long after the page's moment it rings."""

    channel: PagedChannel
    after: Delay = timedelta(0)


class Partial(Strict):
    """The waits that a kind of report, or a tip about an official, has of its own; the rest is as for all others."""

    accept: list[Wait] = Field(default=[], min_length=1)
    first_action: Wait = timedelta(0)
    idle: Wait = timedelta(0)
    quiet: Quiet | None = None
    repeat: Repeat | None = None
    channels: list[ChannelDelay] = []
    together: dict[str, list[str]] = {}
    silence: dict[str, str] = {}


class Waits(Partial):
    """One priority's waits: per tier to acceptance (the last repeats), to the first action, between later entries.

    `repeat`: after which the same tier is paged again within its wait. `channels`: when which of an officer's addresses
    rings; a channel that is not named rings at once. `together`: which tiers are paged beside a tier. `silence`: where
    a report goes from a tier that does not answer, if not to the next.
    """

    accept: list[Wait] = Field(min_length=1)
    first_action: Wait
    idle: Wait

    def opens(self, now: datetime) -> datetime:
        """Find when a page may ring: now, or at the end of the quiet hours (local time)."""
        if self.quiet is None:
            return now
        local = now.astimezone(LOCAL)
        end = local.replace(hour=self.quiet.end.hour, minute=self.quiet.end.minute, second=0, microsecond=0)
        clock = local.time().replace(tzinfo=None)
        if self.quiet.start < self.quiet.end:
            return end if self.quiet.start <= clock < self.quiet.end else now
        if clock >= self.quiet.start:
            return end + timedelta(days=1)
        return end if clock < self.quiet.end else now

    def delays(self, channels: Iterable[str]) -> dict[str, timedelta]:
        """Find how long after a page's moment each of an officer's channels rings; the first one rings at once."""
        steps: dict[str, timedelta] = {step.channel: step.after for step in self.channels}
        found = {channel: steps.get(channel, timedelta(0)) for channel in channels}
        first = min(found.values(), default=timedelta(0))
        return {channel: after - first for channel, after in found.items()}


class Policy(Strict):
    """The whole of escalation.yaml."""

    version: int = Field(ge=1)
    tiers: list[Name] = Field(min_length=1)
    priorities: dict[PriorityName, Waits]
    kinds: dict[Kind, dict[PriorityName, Partial]] = {}
    integrity: dict[PriorityName, Partial] = {}  # tips about officials, which are the top tier's only
    retired: dict[Name, str] = {}  # a tier of an earlier policy -> the tier that does its work now
    prefer_female: list[Name] = []  # categories, and reasons of triage, that ask for a female officer first

    @cached_property
    def id(self) -> str:
        """Name this content by its digest: a policy in use is never edited, only superseded."""
        return sha256(self.model_dump_json(exclude_unset=True).encode()).hexdigest()[:16]

    @property
    def top(self) -> str:
        """Name the tier at the end of the line, held by the desk for every circle."""
        return self.tiers[-1]

    def waits(self, priority: Priority, kind: str = "", *, integrity: bool = False) -> Waits:
        """Find the waits of a priority: in general, of a kind of report, and of tips about officials."""
        key = (priority, kind if kind in self.kinds else "", integrity)
        return self._waits.get(key) or self._waits.setdefault(key, self._merged(*key))

    @cached_property
    def _waits(self) -> dict[tuple[Priority, str, bool], Waits]:
        return {}

    def _merged(self, priority: Priority, kind: str, integrity: bool) -> Waits:
        own: list[Partial] = [self.kinds[kind][priority]] if priority in self.kinds.get(kind, {}) else []  # type: ignore[call-overload, index]
        own += [self.integrity[priority]] if integrity and priority in self.integrity else []
        waits = self.priorities[priority]
        for partial in own:
            waits = waits.model_copy(update={name: getattr(partial, name) for name in partial.model_fields_set})
        # A tip about an official knows the top tier only: one wait for all of them, and nobody beside it.
        alone = {"accept": waits.accept[-1:] * len(self.tiers), "together": {}, "silence": {}}
        return waits.model_copy(update=alone) if integrity else waits

    def after(self, level: int, waits: Waits) -> int:
        """Find which tier, from 0, is asked when this one stays silent; the last repeats."""
        target = waits.silence.get(self.tiers[level], CLIMB)
        return min(level + 1, len(self.tiers) - 1) if target == CLIMB else self.tiers.index(target)

    def holders(self, people: Directory, circle: str, tier: str, now: datetime) -> list[Duty]:
        """Find who holds a tier for a circle; the top tier is the desk's. Raises LookupError if there is no desk."""
        return people.on_duty(people.desk if tier == self.top else circle, tier, now)

    def names_of(self, tier: str) -> list[str]:
        """List a tier's name in this policy, then its names in earlier ones: shifts may still bear them."""
        name = self.retired.get(tier, tier)
        return [name, *(old for old, now in self.retired.items() if now == name)]


class PolicyRow(db.Base):
    """A policy that some report began with, kept for ever."""

    __tablename__ = "policies"
    id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    registered_at: Mapped[datetime]


Problem = tuple[str | int, ...]  # a message, then the path of the field


def load(path: Path, wishes: frozenset[str] | None = None) -> Policy:
    """Read escalation.yaml. Raises DataFileError naming file, line and field.

    `wishes`: the categories of reports and the reasons of triage, one of which each name under `prefer_female` must be:
    a name that is none would put nobody first, and nobody would notice.
    """
    file = DataFile(path)
    policy = file.parse(Policy)
    problems = [file.problem(str(message), *where) for message, *where in _problems(policy)]
    problems += [
        file.problem(f"{name}: no category of a flow and no reason of triage.yaml", "prefer_female", position)
        for position, name in enumerate(policy.prefer_female)
        if wishes is not None and name not in wishes
    ]
    if problems:
        raise DataFileError(problems)
    return policy


def _problems(policy: Policy) -> Iterator[Problem]:
    """Find what is wrong with the whole of a policy: a message, and the path of its field."""
    if len(set(policy.tiers)) != len(policy.tiers):
        yield "one stands there twice", "tiers"
    if CLIMB in policy.tiers:
        yield f"{CLIMB} is no name for a tier", "tiers"
    missing = [priority.name for priority in Priority if priority not in policy.priorities]
    if missing:
        yield f"{', '.join(missing)} missing", "priorities"
        return  # the rest is made on top of them
    for priority, waits in policy.priorities.items():
        yield from _problems_of(policy, waits, waits, len(policy.tiers), priority, "priorities", priority.name)
    for kind, own in policy.kinds.items():
        for priority, partial in own.items():
            merged = policy.waits(priority, kind)
            yield from _problems_of(policy, partial, merged, len(policy.tiers), priority, "kinds", kind, priority.name)
    yield from _problems_of_officials(policy)
    for old, tier in policy.retired.items():
        if old in policy.tiers:
            yield "is a tier still", "retired", old
        yield from _unknown(policy, [tier], "retired", old)


def _problems_of_officials(policy: Policy) -> Iterator[Problem]:
    for priority, partial in policy.integrity.items():
        merged = policy.waits(priority, integrity=True)
        yield from _problems_of(policy, partial, merged, 1, priority, "integrity", priority.name)
        for key in ("together", "silence"):
            if getattr(partial, key):
                yield "tips about officials are the top tier's only", "integrity", priority.name, key


def _problems_of(
    policy: Policy, partial: Partial, merged: Waits, tiers: int, priority: Priority, *where: str
) -> Iterator[Problem]:
    """Find what is wrong with one entry; `merged`: what it makes together with what it leaves out."""
    if "accept" in partial.model_fields_set and len(partial.accept) != tiers:
        yield f"{len(partial.accept)} waits for {tiers} tier{'s' if tiers > 1 else ''}", *where, "accept"
    if partial.quiet and priority != Priority.P3:
        yield "only P3 may have quiet hours", *where, "quiet"
    for tier, others in partial.together.items():
        yield from _unknown(policy, [tier, *others], *where, "together", tier)
        if tier in others:
            yield "stands beside itself", *where, "together", tier
    for tier, target in partial.silence.items():
        known = [tier] if target == CLIMB else [tier, target]
        yield from _unknown(policy, known, *where, "silence", tier)
        if target in policy.tiers and tier in policy.tiers and policy.tiers.index(target) <= policy.tiers.index(tier):
            yield "silence leads upward only, so that the top is reached", *where, "silence", tier
    channels = [step.channel for step in partial.channels]
    for number, step in enumerate(partial.channels):
        if step.channel in channels[:number]:
            yield "stands there twice", *where, "channels", number, "channel"
        if step.after >= min(merged.accept):
            yield "rings when the shortest wait of a tier is over", *where, "channels", number, "after"


def _unknown(policy: Policy, tiers: Iterable[str], *where: str) -> Iterator[Problem]:
    for tier in tiers:
        if tier not in policy.tiers:
            yield f"no tier {tier}; there are {', '.join(policy.tiers)}", *where


def register(tx: Session, policy: Policy, now: datetime) -> None:
    """Keep a policy for the reports that will go by it. Repeating it changes nothing."""
    values = {"id": policy.id, "body": policy.model_dump(mode="json", exclude_unset=True), "registered_at": now}
    db.add_if_new(tx, PolicyRow, values)


def registered(tx: Session, policy_id: str) -> Policy:
    """Read a policy from the store. Raises LookupError."""
    row = tx.get(PolicyRow, policy_id)
    if row is None:
        raise LookupError(f"policy {policy_id} is not registered")
    return Policy.model_validate(row.body)
