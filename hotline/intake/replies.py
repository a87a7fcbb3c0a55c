"""What one message is answered with: in the person's language, in their channel's shape, put in the outbox.

A hop of USSD is answered with a screen instead, in the answer to the provider's own call.
"""

from functools import cached_property

from sqlalchemy.orm import Session as Transaction

from hotline.channels.contract import Choice, Inbound, Screen
from hotline.channels.sms_encoding import substitute
from hotline.conversation import Turn, buttons, language, render, texts, tongue_of
from hotline.core.i18n import translate
from hotline.core.priority import Priority
from hotline.intake import followup, recruiters
from hotline.intake.live_report import Desk, LiveReport
from hotline.messaging import Contact, Safety

STATUS = "status"


def language_of(contact: Contact, inbound: Inbound) -> str:
    """The chosen language, else the page's, else what the message is written in, else Urdu; kept on the contact."""
    if contact.language is None or inbound.language is not None:
        contact.language = inbound.language or language.guess(inbound.text) or contact.language or "ur"
    return contact.language


class Replies:
    """The hotline's voice within one transaction. `shown` is what texts show, such as a code."""

    def __init__(
        self, desk: Desk, tx: Transaction, inbound: Inbound, contact: Contact, file: LiveReport, language: str
    ) -> None:
        self.desk, self.tx, self.inbound, self.contact, self.file = desk, tx, inbound, contact, file
        self.language, self.shown, self._screen = language, dict[str, str](), ""
        self.question: str | None = None  # the mark of the answer, if it has buttons

    @property
    def tongue(self) -> str:
        """The language to answer in."""
        return self.contact.language or self.language

    @property
    def letters(self) -> str:
        """The language as this channel can show it."""
        return tongue_of(self.tongue, self.inbound.channel)

    def say(self, text: str) -> bool:
        """Say one text; True, so that the caller is done."""
        self._send(translate(text, self.letters))
        return True

    def screen(self, *, waits: bool) -> Screen:
        """The answer to a hop; `waits`: a conversation goes on. Something has to be shown to whoever wants to hear nothing."""
        silent = self.contact.safety in (Safety.NEVER, Safety.DURESS)
        if silent or not self._screen:
            return Screen(translate(texts.NEUTRAL, self.letters), goes_on=False)
        return Screen(self._screen, goes_on=waits)

    def answer(self, turn: Turn) -> None:
        """Say all that a turn says, as one message."""
        for name in [name for say in turn.says for name in say.params]:
            self._show(name, turn)
        channel = self.inbound.channel
        text = "\n".join(render(say, self.tongue, channel, self.shown) for say in turn.says)
        choices = buttons.offer(turn.says[-1], self.tongue, channel, self._reference[:8]) if turn.says else ()
        self.question = self._reference[:8] if choices else None
        self._send(text, choices)

    @cached_property
    def _reference(self) -> str:
        return self.desk.vault.digest("provider", self.inbound.provider_id).hex()

    def urgency(self) -> Priority:
        """How soon an answer has to leave: as soon as the report's pages."""
        return self.file.report.priority if self.file.report is not None else Priority.P3

    def _show(self, name: str, turn: Turn) -> None:
        """Fill in what a text shows, as far as the turn did not."""
        if name == STATUS and turn.session is not None and turn.session.report is not None:
            self.shown[STATUS] = translate(followup.status(self.tx, turn.session.report), self.letters)
        elif name == "agent" and name not in self.shown:
            self.shown["agent"] = recruiters.answer(self.tx, "", self.letters)
        else:
            self.shown.setdefault(name, translate(texts.CODE_KNOWN if name == "code" else texts.NEUTRAL, self.letters))

    def _send(self, text: str, choices: tuple[Choice, ...] = ()) -> None:
        if self.inbound.hop is not None:
            self._screen = substitute(text)
            return
        if not text:
            return
        opens = translate(texts.CHOOSE, self.letters) if choices else ""
        self.desk.outbox.reply(
            self.tx, self.contact, text, dedupe=f"reply:{self.contact.id}:{self._reference}", now=self.file.now,
            priority=self.urgency(), choices=choices, opens=opens,
        )  # fmt: skip
