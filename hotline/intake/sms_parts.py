"""Long texts arrive in parts, apart and out of order: each is kept sealed until the others are there, or for WAIT.

1. `take` keeps a part, in the transaction that its acknowledgement waits for. With the last one the text is ready.
2. `ready` names the texts that are complete or have waited long enough, in this process's time or after a restart.
3. `join` puts one together, with GAP where a part is missing. It is taken in under the id of the text: once.
4. `taken` empties the parts that were joined, and no others: one that came meanwhile is taken in by itself. Their digests
   stay for KEEP, so that a part that is delivered again is known.

References of senders come round again, so a part belongs to the open text of its reference that lacks its number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.core import db
from hotline.core.vault import Unopenable, Vault

WAIT = timedelta(seconds=60)  # for the other parts, from the first that came
KEEP = timedelta(hours=1)
GAP = " […] "
_OPEN = "taken_at IS NULL"


class PartRow(db.Base):
    """A part; `text_of` is the keyed digest of sender, receiver, reference and total."""

    __tablename__ = "sms_parts"
    __table_args__ = (
        sa.UniqueConstraint("message", "number"),
        db.index_where("ix_sms_parts_due", "due_at", where=_OPEN),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    message: Mapped[str]  # the text that it belongs to
    text_of: Mapped[bytes] = mapped_column(index=True)
    number: Mapped[int]
    total: Mapped[int]
    digest: Mapped[bytes]  # keyed, of the content
    body: Mapped[bytes]  # sender and text, sealed as a session is, context `part <id>`; empty once taken
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime | None] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part as it came. `text_of` says which text it is of, in the sender's words."""

    text_of: str = field(repr=False)
    number: int
    total: int
    peer: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """A text as far as it came; `whole` if nothing is missing. `rows`: the parts in it, `numbers` theirs in the text."""

    peer: str = field(repr=False)
    text: str = field(repr=False)
    whole: bool
    rows: tuple[str, ...]
    numbers: tuple[int, ...]


def take(tx: Session, vault: Vault, part: NewPart, now: datetime) -> bool:
    """Keep a part; True if its text is complete now. A repeat changes nothing."""
    text_of = vault.digest("provider", f"text\0{part.text_of}")
    body = json.dumps([part.peer, part.text])  # half a surrogate survives as an escape
    digest = vault.digest("provider", f"part\0{body}")
    rows = tx.scalars(sa.select(PartRow).where(PartRow.text_of == text_of)).all()
    if any(row.number == part.number and row.digest == digest for row in rows):
        return False
    message = _lacking(rows, part.number) or db.new_id()
    row_id = db.new_id()
    tx.add(PartRow(
        id=row_id, message=message, text_of=text_of, number=part.number, total=part.total, digest=digest,
        body=vault.seal_session(body, f"part {row_id}"), received_at=now, due_at=now + WAIT,
    ))  # fmt: skip
    tx.flush()
    if sum(row.message == message for row in rows) + 1 < part.total:
        return False
    db.run(tx, sa.update(PartRow).where(PartRow.message == message).values(due_at=now))
    return True


def _lacking(rows: Sequence[PartRow], number: int) -> str | None:
    """The open text that this number is missing from."""
    have = {row.message for row in rows if row.number == number}
    return next((row.message for row in rows if row.taken_at is None and row.message not in have), None)


def ready(tx: Session, now: datetime) -> list[str]:
    """The texts to take in now, oldest first."""
    due = sa.select(PartRow.message).where(sa.text(_OPEN), PartRow.due_at <= now)
    first = sa.func.min(PartRow.received_at)
    return list(tx.scalars(due.group_by(PartRow.message).order_by(first)))


def join(tx: Session, vault: Vault, message: str) -> Joined | None:
    """A text from its parts; None if it was taken already. A part that was tampered with is a missing one."""
    rows = tx.scalars(sa.select(PartRow).where(PartRow.message == message, sa.text(_OPEN))).all()
    found = {row.number: opened for row in rows if (opened := _open(vault, row)) is not None}
    if not found:
        return None
    numbers = range(1, max(row.total for row in rows) + 1)
    pieces = [found[number][1] if number in found else GAP for number in numbers]
    text = "".join(piece for at, piece in enumerate(pieces) if piece != GAP or pieces[at - 1 : at] != [GAP])
    peer = next(iter(found.values()))[0]
    return Joined(peer, text, len(found) == len(numbers), tuple(row.id for row in rows), tuple(sorted(found)))


def _open(vault: Vault, row: PartRow) -> tuple[str, str] | None:
    try:
        peer, text = json.loads(vault.open_session(row.body, f"part {row.id}"))
    except (Unopenable, ValueError):
        return None
    return peer, text


def taken(tx: Session, rows: Sequence[str], now: datetime) -> None:
    """A text was taken in: its parts are emptied, and those of an hour ago forgotten."""
    db.run(tx, sa.update(PartRow).where(PartRow.id.in_(rows)).values(taken_at=now, body=b""))
    db.run(tx, sa.delete(PartRow).where(PartRow.taken_at < now - KEEP))
