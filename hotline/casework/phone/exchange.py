"""The exchange with one officer about one message, within its transaction: all that a command needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework.actions import Actor
from hotline.conversation import Place
from hotline.core.priority import Priority
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.messaging import Outbox, OutboxRow, officer_text
from hotline.staff import Directory, Duty, Member


@dataclass(frozen=True, slots=True)
class OfficerExchange:
    """A message of an officer's phone that is being answered."""

    tx: Session
    vault: Vault
    outbox: Outbox
    escalation: Escalation
    people: Directory
    officer: Member
    address: tuple[str, str]  # (address id, channel)
    url: str  # of the console, without the last slash
    now: datetime
    places: Mapping[str, Place]  # by the code of the record

    @property
    def tiers(self) -> list[str]:
        """Return the tiers of the policy in force, lowest first."""
        return self.escalation.current.tiers

    @property
    def top(self) -> str:
        """Return the tier that the desk holds for every circle."""
        return self.escalation.current.top

    @property
    def who(self) -> Actor:
        """Return the officer as one who acts on reports."""
        return Actor(self.tx, self.escalation, self.vault, self.officer, self.now, via=self.address[1])

    def say(self, text: str, **values: object) -> str:
        """Return a text in this officer's wish."""
        return officer_text.say(text, self.officer.wish, "", **values)

    def name(self, text: str, name: str, **values: object) -> str:
        """Return a text in this officer's wish that names an officer."""
        return officer_text.of_officer(text, name, self.officer.wish, **values)

    def holders(self, circle: str, tier: str) -> list[Duty]:
        """Find who holds a tier for a circle, by the policy in force."""
        return self.escalation.current.holders(self.people, circle, tier, self.now)

    def heads(self, circle: str) -> list[Duty]:
        """Return the others who lead a circle; if there are none, the others at HQ's desk."""
        leading = self.people.heads(circle, self.now, self.tiers)
        desk = self.holders(circle, self.top)
        others = [[one for one in found if one.officer_id != self.officer.id] for found in (leading, desk)]
        return others[0] or others[1]

    def tell(self, officers: Iterable[Duty], text: str, occasion: str, name: str = "", **values: object) -> None:
        """Tell other officers, in their wish, on every address, once for each occasion. `name`: of whom the text tells."""
        for officer in officers:
            said = officer_text.of_officer(text, name, officer.wish, **values)
            told = self._told(occasion, officer)
            self.outbox.tell(self.tx, officer, said, occasion, now=self.now, priority=Priority.P1, skip=told)

    def _told(self, occasion: str, officer: Duty) -> Sequence[str | None]:
        """Return the officer's addresses that were told of this occasion before."""
        keys = [f"{occasion}:{address_id}" for address_id, _ in officer.addresses]
        return self.tx.scalars(sa.select(OutboxRow.address_id).where(OutboxRow.dedupe.in_(keys))).all()
