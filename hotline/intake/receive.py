"""The one way in: `receive` takes a message from any channel, and all that follows from it happens in one transaction.

`receive_all` does the same for a burst, several people's messages in one transaction.

`show` does the same for a hop of USSD, whose reply is a screen in the answer to the very call.

1. Claim (channel, provider id): a repeat changes nothing.
2. An officer's phone: the message is an answer to a page.
3. Otherwise find the contact, lock it, and hand over to `message`.
4. Replies and pages are in the outbox, the state is sealed, the record is chained: commit. Nothing has been sent yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.casework import phone
from hotline.channels.contract import Hop, Inbound, Screen
from hotline.conversation import Flows, Notice, notice
from hotline.core.db import Database
from hotline.intake.flow_revisions import Revisions
from hotline.intake.handler import MessageHandler
from hotline.intake.live_report import Desk
from hotline.intake.sender import arrive
from hotline.intake.ussd import Dialogue
from hotline.messaging import Known, contacts


@dataclass(frozen=True)
class Intake:
    """What receiving a message takes."""

    database: Database
    flows: Flows
    desk: Desk
    phones: phone.DutyPhone

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

    def receive_all(self, inbounds: Sequence[Inbound], now: datetime) -> list[bool]:
        """Take messages of different people in one transaction; False for each that was a repeat.

        One commit for all of them: a burst is taken in more than twice as fast. All or none: after an error (whatever
        it is) nothing was stored, and each is to be given to `receive`.
        """
        with self.database.transaction() as tx:
            return [self._answer(tx, inbound, now) for inbound in inbounds]

    def show(self, inbound: Inbound, now: datetime) -> Screen:
        """Take a hop of a session; the screen that answers it, the same one again for a repeat.

        Officers are the public here: no officer has an address of this channel. Raises ValueError for a message that is
        no hop, SQLAlchemyError if it could not be stored: the session then ends, and nothing was promised.
        """
        if inbound.hop is None:
            raise ValueError("a screen answers a hop")
        try:
            return self._show(inbound, inbound.hop, now)
        except IntegrityError:
            return self._show(inbound, inbound.hop, now)

    def _show(self, inbound: Inbound, hop: Hop, now: datetime) -> Screen:
        with self.database.transaction() as tx:
            dialogue = Dialogue(tx, self.desk.vault, hop, now)
            news = dialogue.news(inbound)
            arrival = arrive(tx, self.desk.vault, news, now) if news is not None else None
            if news is None or arrival is None or arrival.known is None:
                return dialogue.screen
            if not dialogue.turns(news.text):
                message = self._handle(tx, news, arrival.known, now)
                dialogue.show(message.screen(), message.voice.letters)
            dialogue.save()
        return dialogue.screen

    def _handle(self, tx: Session, inbound: Inbound, known: Known, now: datetime) -> MessageHandler:
        message = MessageHandler(self.revisions, self.notice, self.desk, tx, inbound, known, now)
        message.handle()
        contacts.save(tx, known.contact)
        return message

    def _take(self, inbound: Inbound, now: datetime) -> bool:
        with self.database.transaction() as tx:
            return self._answer(tx, inbound, now)

    def _answer(self, tx: Session, inbound: Inbound, now: datetime) -> bool:
        arrival = arrive(tx, self.desk.vault, inbound, now)
        if arrival is None:
            return False
        if arrival.officer is not None:
            self.phones.answer(tx, *arrival.officer, inbound, now)
        if arrival.known is not None:
            self._handle(tx, inbound, arrival.known, now)
        return True
