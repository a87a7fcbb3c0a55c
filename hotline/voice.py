"""What one message is answered with: in the person's language, in their channel's shape, put in the outbox."""

from sqlalchemy.orm import Session as Transaction

from hotline import agents, followup
from hotline.casefile import Casefile, Desk
from hotline.channels.contract import Choice, Inbound
from hotline.contacts import Contact
from hotline.conversation import texts
from hotline.conversation.render import drawn, render
from hotline.conversation.turn import Turn
from hotline.i18n import translate

STATUS = "status"


class Voice:
    """The hotline's voice within one transaction. `shown` is what texts show, such as a code."""

    def __init__(
        self, desk: Desk, tx: Transaction, inbound: Inbound, contact: Contact, file: Casefile, language: str
    ) -> None:
        self.desk, self.tx, self.inbound, self.contact, self.file = desk, tx, inbound, contact, file
        self.language, self.shown = language, dict[str, str]()

    @property
    def tongue(self) -> str:
        """The language to answer in."""
        return self.contact.language or self.language

    def say(self, text: str) -> bool:
        """Say one text; True, so that the caller is done."""
        self._send(translate(text, self.tongue))
        return True

    def answer(self, turn: Turn) -> None:
        """Say all that a turn says, as one message."""
        for name in [name for say in turn.says for name in say.params]:
            self._show(name, turn)
        channel = self.inbound.channel
        text = "\n".join(render(say, self.tongue, channel, self.shown) for say in turn.says)
        self._send(text, drawn(turn.says[-1], self.tongue, channel) if turn.says else ())

    def urgency(self) -> int:
        """How soon an answer has to leave: as soon as the report's pages."""
        return self.file.report.priority if self.file.report is not None else 3

    def _show(self, name: str, turn: Turn) -> None:
        """Fill in what a text shows, as far as the turn did not."""
        if name == STATUS and turn.session is not None and turn.session.report is not None:
            self.shown[STATUS] = translate(followup.status(self.tx, turn.session.report), self.tongue)
        elif name == "agent" and name not in self.shown:
            self.shown["agent"] = agents.answer(self.tx, "", self.tongue)
        else:
            self.shown.setdefault(name, translate(texts.CODE_KNOWN if name == "code" else texts.NEUTRAL, self.tongue))

    def _send(self, text: str, choices: tuple[Choice, ...] = ()) -> None:
        if not text:
            return
        dedupe = f"reply:{self.contact.id}:{self.desk.vault.digest('provider', self.inbound.provider_id).hex()}"
        self.desk.outbox.reply(
            self.tx, self.contact, text, dedupe=dedupe, now=self.file.now, priority=self.urgency(), choices=choices
        )
