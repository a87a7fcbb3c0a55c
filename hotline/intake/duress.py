"""Whether it is still the same person who writes: the check word, and the words of somebody who is not alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.contract import Media
from hotline.conversation import Words
from hotline.intake import live_report
from hotline.intake.live_report import Desk
from hotline.messaging import Contact, Safety, contacts, safe_contact
from hotline.reports import Report, Status, attachments


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """Of one contact, within one transaction."""

    desk: Desk
    tx: Session
    contact: Contact
    words: Words
    now: datetime

    def wanted(self) -> bool:
        """Whether the check word has to be given first; while a conversation goes on, it was."""
        wanted = contacts.word_wanted(self.contact, self.now)
        if self.contact.check_word is not None and not wanted:
            self.contact.checked_at = self.now
        return wanted

    def warned(self, text: str) -> bool:
        """Whether this is a word such as "wrong number", from somebody who has something to hide."""
        if not self.agreed(text):
            return False
        return self.contact.check_word is not None or bool(self._open_reports())

    def agreed(self, text: str) -> bool:
        """Whether this is such a word, whoever writes it."""
        return "DURESS" in self.words.whole(text)

    def missed(self) -> bool:
        """Whether so many check words were wrong that somebody else must have the phone."""
        return (self.contact.word_misses or 0) >= contacts.MAX_WORD_MISSES

    def duress(self, media: Sequence[Media] = ()) -> None:
        """Stop everything, page HQ, and say nothing: a wrong number gets no answer, and any text could be read.

        What came with the word is kept with the newest report.
        """
        safe_contact.tighten(self.contact, Safety.DURESS)
        contacts.remember(self.contact, self.desk.vault, None, self.now)
        self.desk.outbox.silence(self.tx, self.contact, "duress")
        concerned = self._open_reports()
        for report in concerned:
            live_report.duress(self.desk, self.tx, report, self.now)
        if media and concerned:
            attachments.enclose(self.tx, self.desk.vault, concerned[-1], self.contact, media, self.now)

    def _open_reports(self) -> list[Report]:
        mine = sa.and_(Report.contact_id == self.contact.id, Report.status != Status.CLOSED)
        return [*self.tx.scalars(sa.select(Report).where(mine).order_by(Report.opened_at).with_for_update())]
