"""The escalation policy: tiers and waits, read from flows/escalation.yaml, kept for as long as a report goes by it."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db
from hotline.datafile import DataFile, DataFileError, Strict
from hotline.roster import LOCAL

MAX_WAIT = timedelta(days=90)
Priority = Literal["P1", "P2", "P3"]


def _sane(wait: timedelta) -> timedelta:
    if not timedelta(0) < wait <= MAX_WAIT:
        raise ValueError(f"a wait must be longer than zero and at most {MAX_WAIT.days} days")
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
Clock = Annotated[time, BeforeValidator(_quoted)]


class Quiet(Strict):
    """Hours of the local day in which pages of this priority wait."""

    start: Clock
    end: Clock


class Waits(Strict):
    """One priority's waits: per tier to acceptance (the last repeats), to the first action, between later entries."""

    accept: list[Wait] = Field(min_length=1)
    first_action: Wait
    idle: Wait
    quiet: Quiet | None = None


class Policy(Strict):
    """The whole of escalation.yaml."""

    version: int = Field(ge=1)
    tiers: list[Annotated[str, StringConstraints(min_length=1)]] = Field(min_length=1)
    priorities: dict[Priority, Waits]

    @cached_property
    def id(self) -> str:
        """Changes with any change of content: a policy in use is never edited, only superseded."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def top(self) -> str:
        """The tier at the end of the line, held by the desk for every circle."""
        return self.tiers[-1]

    def waits(self, priority: int) -> Waits:
        """The waits of priority 1, 2 or 3."""
        return self.priorities[_NAMES[priority]]

    def opens(self, priority: int, now: datetime) -> datetime:
        """When a page of this priority may ring: now, or the end of its quiet hours (local time)."""
        quiet = self.waits(priority).quiet
        if quiet is None:
            return now
        local = now.astimezone(LOCAL)
        end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
        clock = local.time().replace(tzinfo=None)
        if quiet.start < quiet.end:
            return end if quiet.start <= clock < quiet.end else now
        if clock >= quiet.start:
            return end + timedelta(days=1)
        return end if clock < quiet.end else now


_NAMES: dict[int, Priority] = {1: "P1", 2: "P2", 3: "P3"}


class PolicyRow(db.Base):
    """Every policy that a report ever began with."""

    __tablename__ = "policies"
    id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    registered_at: Mapped[datetime]


def load(path: Path) -> Policy:
    """Read escalation.yaml. Raises DataFileError naming file, line and field."""
    file = DataFile(path)
    policy = file.parse(Policy)
    problems = [file.problem(message, *where) for message, *where in _problems(policy)]
    if problems:
        raise DataFileError(problems)
    return policy


def _problems(policy: Policy) -> Iterator[tuple[str, ...]]:
    """What is wrong with the whole of a policy: a message, and the path of its field."""
    if len(set(policy.tiers)) != len(policy.tiers):
        yield "one stands there twice", "tiers"
    missing = set(_NAMES.values()) - set(policy.priorities)
    if missing:
        yield f"{', '.join(sorted(missing))} missing", "priorities"
    for name, waits in policy.priorities.items():
        if len(waits.accept) != len(policy.tiers):
            yield f"{len(waits.accept)} waits for {len(policy.tiers)} tiers", "priorities", name, "accept"
        if waits.quiet and name != "P3":
            yield "only P3 may have quiet hours", "priorities", name, "quiet"


def register(tx: Session, policy: Policy, now: datetime) -> None:
    """Keep a policy for the reports that will go by it. Repeating it changes nothing."""
    values = {"id": policy.id, "body": policy.model_dump(mode="json"), "registered_at": now}
    db.insert_if_new(tx, PolicyRow, values)


def registered(tx: Session, policy_id: str) -> Policy:
    """A policy from the store. Raises LookupError."""
    row = tx.get(PolicyRow, policy_id)
    if row is None:
        raise LookupError(f"policy {policy_id} is not registered")
    return Policy.model_validate(row.body)
