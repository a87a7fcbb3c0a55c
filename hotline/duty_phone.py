"""Officers by SMS: what a duty phone may answer, and what it is told. Unknown senders learn nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline import audit, paging, roster
from hotline.channels.contract import Inbound
from hotline.escalation import Escalation
from hotline.outbox import Outbox, OutboxRow
from hotline.paging import Command, Page, Verb
from hotline.reports import Report, Status
from hotline.roster import Member, Officer
from hotline.vault import Vault

HELP_REST = timedelta(minutes=10)  # one help line per phone within this time: two machines must not talk for ever
HELP = "Reply 1 and the report's number to accept it, 2 and the number to pass it on. Example: 1 4821"


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """Takes the messages of officers' phones."""

    vault: Vault
    outbox: Outbox
    escalation: Escalation
    public_url: str

    def answer(self, tx: Session, inbound: Inbound, now: datetime) -> bool:
        """Handle the message if its sender is an officer; False if not."""
        _, found = roster.recognise(tx, inbound.channel, self.vault.index(inbound.channel, inbound.peer))
        if found is None:
            return False
        officer, address_id = found
        command = paging.parse(inbound.text)
        reply = self._obey(tx, officer, command, now) if command else None
        if reply is None:
            reply = self._help(tx, address_id, officer, now)
        if reply:
            key = self.vault.digest("provider", f"{inbound.channel}\0{inbound.provider_id}").hex()
            kind = "help" if reply == HELP else "answer"
            address = (address_id, inbound.channel)
            self.outbox.page(tx, address, reply, dedupe=f"{kind}:{address_id}:{key}", now=now, priority=1)
        return True

    def _obey(self, tx: Session, officer: Member, command: Command, now: datetime) -> str | None:
        page = paging.open_page(tx, officer.id, command.token)
        if page is None:
            if command.token is None:
                return None
            audit.record(tx, "token_unknown", at=now, actor=officer.id)
            return f"No report {command.token} for you. {HELP}"
        if command.verb is Verb.PASS:
            moved = self.escalation.pass_on(tx, page, now, via="sms")
            return f"Report {page.token} passed on." if moved else self._where(tx, page)
        report = tx.get_one(Report, page.report_id, with_for_update=True, populate_existing=True)
        if page.generation != report.generation:
            return self._where(tx, page)
        if self.escalation.accept(tx, report.id, officer.id, now, via="sms").won:
            return f"Report {page.token} is yours. Read it and write your first step at {self.public_url}/"
        return self._where(tx, page)

    @staticmethod
    def _where(tx: Session, page: Page) -> str:
        """Who has it now; nothing else of it."""
        report = tx.get_one(Report, page.report_id)
        if report.status == Status.CLOSED:
            return f"Report {page.token} is closed."
        if report.accepted_by and page.generation == report.generation:
            return f"Report {page.token} was taken by {tx.get_one(Officer, report.accepted_by).name}."
        return f"Report {page.token} has moved on."

    @staticmethod
    def _help(tx: Session, address_id: str, officer: Member, now: datetime) -> str:
        audit.record(tx, "phone_not_understood", at=now, actor=officer.id)
        recent = sa.select(OutboxRow.id).where(
            OutboxRow.dedupe.startswith(f"help:{address_id}:"), OutboxRow.created_at > now - HELP_REST
        )
        return "" if tx.execute(recent.limit(1)).first() else HELP
