"""The escalation policy: tiers and waits, read from flows/escalation.yaml, kept for as long as a report goes by it."""

from datetime import datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import db
from hotline.datafile import DataFile, Strict

MAX_WAIT = timedelta(days=90)
Priority = Literal["P1", "P2", "P3"]


def _sane(wait: timedelta) -> timedelta:
    if not timedelta(0) < wait <= MAX_WAIT:
        raise ValueError(f"a wait must be longer than zero and at most {MAX_WAIT.days} days")
    return wait


Wait = Annotated[timedelta, AfterValidator(_sane)]


class Quiet(Strict):
    """Hours of the local day in which pages of this priority wait."""

    start: time
    end: time


class Waits(Strict):
    """One priority's waits: per tier to acceptance (the last repeats), to the first action, between later entries."""

    accept: list[Wait] = Field(min_length=1)
    first_action: Wait
    idle: Wait
    quiet: Quiet | None = None


class Policy(Strict):
    """The whole of escalation.yaml."""

    version: int = Field(ge=1)
    tiers: list[str] = Field(min_length=1)
    priorities: dict[Priority, Waits]

    @model_validator(mode="after")
    def _whole(self) -> "Policy":
        if len(set(self.tiers)) != len(self.tiers):
            raise ValueError("tiers: one stands there twice")
        missing = {"P1", "P2", "P3"} - set(self.priorities)
        if missing:
            raise ValueError(f"priorities: {', '.join(sorted(missing))} missing")
        for name, waits in self.priorities.items():
            if len(waits.accept) != len(self.tiers):
                raise ValueError(f"priorities.{name}.accept: {len(waits.accept)} waits for {len(self.tiers)} tiers")
            if waits.quiet and name != "P3":
                raise ValueError(f"priorities.{name}.quiet: only P3 may have quiet hours")
        return self

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


_NAMES: dict[int, Priority] = {1: "P1", 2: "P2", 3: "P3"}


class PolicyRow(db.Base):
    """Every policy that a report ever began with."""

    __tablename__ = "policies"
    id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    registered_at: Mapped[datetime]


def load(path: Path) -> Policy:
    """Read escalation.yaml. Raises DataFileError naming file, line and field."""
    return DataFile(path).parse(Policy)


def register(tx: Session, policy: Policy, now: datetime) -> None:
    """Keep a policy for the reports that will go by it. Repeating it changes nothing."""
    if tx.get(PolicyRow, policy.id) is None:
        tx.add(PolicyRow(id=policy.id, body=policy.model_dump(mode="json"), registered_at=now))


def registered(tx: Session, policy_id: str) -> Policy:
    """A policy from the store. Raises LookupError."""
    row = tx.get(PolicyRow, policy_id)
    if row is None:
        raise LookupError(f"policy {policy_id} is not registered")
    return Policy.model_validate(row.body)
