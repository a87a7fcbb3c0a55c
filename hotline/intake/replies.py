"""The replies to one message: in the person's language, in their channel's shape, put in the outbox.

A hop of USSD is answered with a screen instead, in the answer to the provider's own call.
"""

from hotline.channels.contract import Screen
from hotline.channels.sms_encoding import substitute
from hotline.conversation import Turn, buttons, render, texts, tongue_of
from hotline.core.i18n import translate
from hotline.intake import followup, recruiters
from hotline.intake.exchange import Exchange
from hotline.intake.followup import STATUS
from hotline.intake.live_report import LiveReport
from hotline.messaging import Safety


class Replies:
    """The answer to one message. `shown` is what texts show, such as a code."""

    def __init__(self, ex: Exchange, live: LiveReport) -> None:
        self.ex, self.live = ex, live
        self.shown, self._screen = dict[str, str](), ""
        self.question: str | None = None  # the mark of the answer, if it has buttons
        self.waits = False  # a conversation goes on

    @property
    def tongue(self) -> str:
        """The language to answer in."""
        return self.ex.contact.language or self.ex.language

    @property
    def letters(self) -> str:
        """The language as this channel can show it."""
        return tongue_of(self.tongue, self.ex.inbound.channel)

    @property
    def screen(self) -> Screen:
        """The answer to a hop. Something has to be shown to whoever wants to hear nothing."""
        silent = self.ex.contact.safety in (Safety.NEVER, Safety.DURESS)
        if silent or not self._screen:
            return Screen(translate(texts.NEUTRAL, self.letters), goes_on=False)
        return Screen(self._screen, goes_on=self.waits)

    def answer(self, turn: Turn) -> None:
        """Say all that a turn says, as one message."""
        ex, channel = self.ex, self.ex.inbound.channel
        for name in [name for say in turn.says for name in say.params]:
            self._show(name, turn)
        text = "\n".join(render(say, self.tongue, channel, self.shown) for say in turn.says)
        if ex.inbound.hop is not None:
            self._screen = substitute(text)
        elif text:
            reference = ex.services.vault.digest("provider", ex.inbound.provider_id).hex()
            choices = buttons.offer(turn.says[-1], self.tongue, channel, reference[:8])
            self.question = reference[:8] if choices else None
            ex.services.outbox.reply(
                ex.tx, ex.contact, text, dedupe=f"reply:{ex.contact.id}:{reference}", now=ex.now,
                priority=self.live.urgency, choices=choices,
                opens=translate(texts.CHOOSE, self.letters) if choices else "",
            )  # fmt: skip

    def _show(self, name: str, turn: Turn) -> None:
        """Fill in what a text shows, as far as the turn did not."""
        if name == STATUS and turn.session is not None and turn.session.report is not None:
            self.shown[STATUS] = translate(followup.status(self.ex.tx, turn.session.report), self.letters)
        elif name == "agent" and name not in self.shown:
            self.shown["agent"] = recruiters.answer(self.ex.tx, "", self.letters)
        else:
            self.shown.setdefault(name, translate(texts.CODE_KNOWN if name == "code" else texts.NEUTRAL, self.letters))
