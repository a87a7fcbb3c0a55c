"""Employment agents: the operator's lists of licensed and of fake ones, and what we say to who asks about one."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.conversation import normalise, texts
from hotline.core import db
from hotline.core.datafile import Strict
from hotline.core.i18n import translate
from hotline.core.localtime import LOCAL

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
MISSPELT = 5  # letters: shorter names must be spelt right
FIRST_LETTER_HOLDS = 7  # letters: in names up to here a wrong first letter makes another name
LICENCE_DIGITS = 3  # at least; fewer are no licence number
_EMPTY = frozenset(
    normalise(
        "pvt private ltd limited the and co company agency agent agents overseas employment promoter promoters recruiting"
        " recruitment manpower consultant consultants travel travels tours international services bureau licence license no"
        " number name mr m s oep op"
        " ایجنسی ایجنٹ ٹریول ٹریولز پرائیویٹ لمیٹڈ اوورسیز لائسنس نمبر نام ايجنسي ايجنٽ"
    ).split(" ")
)


class RecruiterIn(Strict):
    """An agent in the operator's file. `also`: other spellings, such as the name in Urdu."""

    name: Name
    licence: Name | None = None
    city: Name | None = None
    status: Literal["licensed", "fake"]
    also: list[Name] = Field(default_factory=list)


class Recruiter(db.Base):
    """A row of the lists. They are public: nothing of it is sealed."""

    __tablename__ = "agents"
    id: Mapped[str] = mapped_column(primary_key=True, default=db.new_id)
    name: Mapped[str]
    licence: Mapped[str | None]
    city: Mapped[str | None]
    status: Mapped[str]  # "licensed", "fake"
    keys: Mapped[list[str]]  # its names, as they are compared
    listed_at: Mapped[datetime]


def load(tx: Session, agents: Sequence[RecruiterIn], now: datetime) -> None:
    """Put a file's lists in the place of those before; a file without agents changes nothing."""
    if not agents:
        return
    db.run(tx, sa.delete(Recruiter))
    for one in agents:
        keys = [*dict.fromkeys(_key(name) for name in (one.name, *one.also))]
        tx.add(
            Recruiter(name=one.name, licence=one.licence, city=one.city, status=one.status, keys=keys, listed_at=now)
        )
    tx.flush()


def answer(tx: Session, text: str, language: str) -> str:
    """Say what we know of the agent whose name or licence number somebody wrote. An open list is no proof of anything."""
    known = tx.scalars(sa.select(Recruiter).order_by(Recruiter.status, Recruiter.name, Recruiter.id)).all()
    if not known:
        return translate(texts.AGENT_NO_LIST, language)
    found = _found(known, text)
    said = texts.AGENT_UNKNOWN
    if found is not None:
        said = texts.AGENT_FAKE if found.status == "fake" else texts.AGENT_LICENSED
    listed = max(agent.listed_at for agent in known).astimezone(LOCAL)
    shown = {
        "name": found.name if found else "", "city": (found.city if found else None) or "-",
        "licence": (found.licence if found else None) or "-", "date": f"{listed.day}.{listed.month}.{listed.year}",
    }  # fmt: skip
    return _fill(translate(said, language), shown)


def _fill(text: str, shown: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: shown.get(found[1], found[0]), text)


def _found(known: Sequence[Recruiter], text: str) -> Recruiter | None:
    """By licence number, by name, by a name with one letter wrong; of a fake and a licensed one alike, the fake one."""
    key, digits = _key(text), set(re.findall(rf"\d{{{LICENCE_DIGITS},}}", normalise(text)))
    by_name = [agent for agent in known if key and key in agent.keys]
    numbers = {agent.id: set(re.findall(r"\d+", normalise(agent.licence or ""))) for agent in known}
    by_licence = [agent for agent in known if digits & numbers[agent.id]]
    near = [agent for agent in known if any(_near(key, name) for name in agent.keys)]
    return next(iter(by_name or by_licence or near), None)  # "fake" sorts before "licensed"


def _near(key: str, name: str) -> bool:
    if min(len(key), len(name)) < MISSPELT or (len(name) <= FIRST_LETTER_HOLDS and key[0] != name[0]):
        return False
    return OSA.distance(key, name, score_cutoff=1) <= 1


def _key(name: str) -> str:
    """A name without what all names have, and without spaces and digits."""
    tokens = [token for token in normalise(name).split(" ") if not token.isdigit()]
    return "".join(token for token in tokens if token not in _EMPTY) or "".join(tokens)
