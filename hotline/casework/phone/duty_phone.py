"""The way in for messages of officers' phones: each is read as a command, obeyed, and answered in one SMS part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hotline import staff
from hotline.casework import texts
from hotline.casework.phone import commands, duties, misses, reports
from hotline.casework.phone.commands import Command, Verb
from hotline.casework.phone.exchange import OfficerExchange
from hotline.channels import traits
from hotline.channels.contract import Inbound
from hotline.conversation import Place
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.messaging import Outbox, address_health
from hotline.staff import Member

# Each answers in one part, or with None: not understood, such as a bare `1` while several pages are open.
OBEY = {
    Verb.ACCEPT: reports.accept,
    Verb.PASS: reports.pass_on,
    Verb.READ: reports.read,
    Verb.WHO: reports.who,
    Verb.LIST: reports.list_reports,
    Verb.NOTE: reports.note,
    Verb.ASK: reports.ask,
    Verb.DONE: reports.done,
    Verb.OFF: duties.off,
    Verb.ON: duties.on,
    Verb.DUTY: duties.hand_over,
    Verb.STOP: duties.stop,
}


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """A receiver of messages from officers' phones."""

    vault: Vault
    outbox: Outbox
    escalation: Escalation
    public_url: str
    places: Mapping[str, Place]  # by the code of the record

    def answer(self, tx: Session, officer: Member, address_id: str, inbound: Inbound, now: datetime) -> None:
        """Obey a message from an officer's address."""
        address_health.worked(tx, address_id, now)
        people = staff.current_directory(tx)
        line = OfficerExchange(
            tx, self.vault, self.outbox, self.escalation, people, officer, (address_id, inbound.channel), self.public_url, now,
            self.places,
        )  # fmt: skip
        reply = self._reply(line, commands.parse(inbound.text))
        if reply:
            key = self.vault.digest("provider", f"{inbound.channel}\0{inbound.provider_id}").hex()
            # who pressed a key in a call is told where it can be read, not by another call
            to = min(officer.addresses, key=_unread) if _unread(line.address)[0] else line.address
            self.outbox.answer(tx, to, reply, dedupe=f"answer:{address_id}:{key}", now=now)

    @staticmethod
    def _reply(line: OfficerExchange, command: Command | None) -> str:
        """Return the answer; "" to what is not understood again and again, so that two machines do not talk for ever."""
        if command is not None and command.verb is Verb.HELP:
            return line.say(texts.HELP)
        try:
            answer = OBEY[command.verb](line, command) if command is not None else None
        except misses.UnknownToken as unknown:
            return misses.unknown_token(line, unknown.token)
        return misses.not_understood(line) if answer is None else answer


def _unread(address: tuple[str, str]) -> tuple[bool, bool]:
    """Return how badly a text can be read at an address: not at all in a call, and only with data in an app."""
    one = traits.of(address[1])
    return one.options == "keys", one.internet
