"""The one way in: `receive` takes a message from any channel, and all that follows from it happens in one transaction.

1. Claim (channel, provider id): a repeat changes nothing.
2. An officer's phone: the message is an answer to a page.
3. Otherwise find the contact, lock it, and hand over to `message`.
4. Replies and pages are in the outbox, the state is sealed, the record is chained: commit. Nothing has been sent yet.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.exc import IntegrityError

from hotline import contacts, duty_phone
from hotline.arrival import arrive
from hotline.casefile import Desk
from hotline.channels.contract import Inbound
from hotline.conversation.engine import Notice
from hotline.conversation.flow import Flows
from hotline.db import Database
from hotline.message import Message
from hotline.notices import notice
from hotline.revisions import Revisions


@dataclass(frozen=True)
class Intake:
    """What receiving a message takes."""

    database: Database
    flows: Flows
    desk: Desk
    phones: duty_phone.DutyPhone

    @cached_property
    def revisions(self) -> Revisions:
        """Today's flows and those of conversations that began before."""
        return Revisions(self.flows)

    @cached_property
    def notice(self) -> Notice:
        """What own words say of questions to come."""
        return notice(self.desk.places, self.flows.words)

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """Take a message; False if it was a repeat. Raises SQLAlchemyError if it could not be stored: the provider retries."""
        try:
            return self._take(inbound, now)
        except IntegrityError:  # two reports at one moment drew the same page token: this one draws again
            return self._take(inbound, now)

    def _take(self, inbound: Inbound, now: datetime) -> bool:
        vault = self.desk.vault
        with self.database.transaction() as tx:
            arrival = arrive(tx, vault, inbound, now)
            if arrival is None:
                return False
            if arrival.officer is not None:
                self.phones.answer(tx, *arrival.officer, inbound, now)
            if arrival.known is not None:
                Message(self.revisions, self.notice, self.desk, tx, inbound, arrival.known, now).handle()
                contacts.save(tx, arrival.known.contact)
        return True
