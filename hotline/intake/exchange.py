"""One message of the public, and what everything that answers it needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session as Transaction

from hotline import reports
from hotline.channels.contract import Inbound
from hotline.conversation import Flows, Notice, Places, SecondReader, Words, legible, normalise, notice
from hotline.core.i18n import DEFAULT_LANGUAGE
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.intake.flow_revisions import Revisions
from hotline.intake.state import ConversationState
from hotline.messaging import Contact, Outbox, contacts
from hotline.reports import Report, Sorting, Triage

PLEAS = frozenset({"HELP", "RESCUE"})  # whoever writes them is treated as somebody at risk; HELD is said of others too


@dataclass(frozen=True)
class Services:
    """The parts by which every message is answered; made once for a process."""

    vault: Vault
    outbox: Outbox
    escalation: Escalation
    flows: Flows
    places: Places
    triage: Triage
    second_reader: SecondReader

    @cached_property
    def revisions(self) -> Revisions:
        """Today's flows and those of conversations that began before."""
        return Revisions(self.flows)

    @cached_property
    def notice(self) -> Notice:
        """Return what own words say of questions to come."""
        return notice(self.places, self.flows.words)


@dataclass(frozen=True)
class Exchange:
    """One message within the transaction that took it. What it is asked for changes nothing."""

    tx: Transaction
    services: Services
    contact: Contact  # who wrote; the row is locked, and saved when all is done
    inbound: Inbound
    now: datetime
    state: ConversationState  # where the conversation stood
    text: str = ""  # what the message says; of a pressed button its number
    outdated: bool = False  # it is a button of an earlier question: that says nothing
    language: str = DEFAULT_LANGUAGE  # of the person, when they wrote this
    campaign: str = ""  # the code of the link that led here
    drift: str = ""  # another language that this message is in

    @property
    def words(self) -> Words:
        """The keywords."""
        return self.services.flows.words

    @property
    def notice(self) -> Notice:
        """Return what own words say of questions to come, in letters that the channel can show."""
        return legible(self.services.notice, self.inbound.channel)

    @cached_property
    def whole(self) -> frozenset[str]:
        """The keywords that the message is, as a whole."""
        return self.words.whole(self.text)

    @cached_property
    def inside(self) -> frozenset[str]:
        """The keywords that stand anywhere in the message."""
        return self.words.contains(self.text)

    @cached_property
    def sorting(self) -> Sorting:
        """The message sorted: its kind, its lane, and whether it pages nobody."""
        return self.services.triage.sort([self.text])

    @property
    def tells(self) -> bool:
        """Tell whether the message is more than a greeting, a number and the like."""
        return bool(self.inbound.media) or self.words.substance(self.text)

    @property
    def rested(self) -> timedelta:
        """The time that the conversation rested before this message."""
        return self.now - (self.contact.session_at or self.now)

    @property
    def guarded(self) -> bool:
        """Tell whether the check word has to be given before anything specific is said."""
        return contacts.word_wanted(self.contact, self.now)

    @cached_property
    def code(self) -> str | None:
        """The message, if it looks like a reference code."""
        said = normalise(self.text).replace(" ", "")
        return said if reports.looks_like_code(said) else None

    @property
    def paused(self) -> bool:
        """Tell whether no code is looked up for now, after many wrong ones."""
        return contacts.code_pause(self.contact, self.now)

    @cached_property
    def coded(self) -> Report | None:
        """The report of the code, if there is one and it is looked up."""
        if self.code is None or self.paused:
            return None
        return reports.by_code(self.tx, self.services.vault, self.code)
