"""The one way in: `receive` takes a message from any channel, and all that follows from it happens in one transaction.

`receive_all` does the same for a burst of several people's messages, `show` for a hop of USSD, which a screen answers.

1. Claim (channel, provider id): a repeat changes nothing.
2. An officer's phone: the message is an answer to a page.
3. Otherwise find the contact, lock it, and hand over to `handler.handle`.
4. Replies and pages are in the outbox, the state is sealed, the record is chained: commit. Nothing has been sent yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.casework import phone
from hotline.channels.contract import Hop, Inbound, Screen
from hotline.core.db import Database
from hotline.intake.exchange import Services
from hotline.intake.handler import handle
from hotline.intake.sender import arrive
from hotline.intake.ussd import Dialogue


@dataclass(frozen=True)
class Intake:
    """The entry of every message, with all that receiving one takes."""

    database: Database
    services: Services
    phones: phone.DutyPhone

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
            dialogue = Dialogue(tx, self.services.vault, hop, now)
            news = dialogue.news(inbound)
            arrival = arrive(tx, self.services.vault, news, now) if news is not None else None
            if news is None or arrival is None or arrival.known is None:
                return dialogue.screen
            if not dialogue.turns(news.text):
                replies = handle(tx, self.services, news, arrival.known, now)
                dialogue.show(replies.screen, replies.letters)
            dialogue.save()
        return dialogue.screen

    def _take(self, inbound: Inbound, now: datetime) -> bool:
        with self.database.transaction() as tx:
            return self._answer(tx, inbound, now)

    def _answer(self, tx: Session, inbound: Inbound, now: datetime) -> bool:
        arrival = arrive(tx, self.services.vault, inbound, now)
        if arrival is None:
            return False
        if arrival.officer is not None:
            self.phones.answer(tx, *arrival.officer, inbound, now)
        if arrival.known is not None:
            handle(tx, self.services, inbound, arrival.known, now)
        return True
