"""What a turn of the conversation does beside speaking: to the report, to what we know of the person, to their chat."""

from hotline.channels.contract import Inbound
from hotline.conversation import HELP, Effect, Words, discretion
from hotline.intake import answers, live_report, recruiters, unsend
from hotline.intake.followup import Followup
from hotline.intake.live_report import LiveReport
from hotline.intake.replies import STATUS, Replies
from hotline.intake.state import ConversationState, Written

DELETES = frozenset({"clear_chat", "erase"})  # effects for nobody but the person themselves
PLEAS = frozenset({"HELP", "RESCUE"})  # whoever writes them is treated as somebody at risk; HELD is said of others too


class Effects:
    """The effects of one message. `clears`: the messages that the person wants deleted on both sides."""

    def __init__(self, file: LiveReport, voice: Replies, words: Words, inbound: Inbound, written: Written) -> None:
        self.file, self.voice, self.words, self.inbound, self.written = file, voice, words, inbound, written
        self.erased, self.clears = False, list[str]()

    def apply(self, effect: Effect, flow: str, state: ConversationState) -> None:
        """Carry out one effect of a turn in `flow`, of a conversation that stood at `state`."""
        file = self.file
        match effect.name:
            case "language":
                file.contact.language = effect.data["language"]
            case "issue_code":
                code = file.issue_code()
                self.voice.shown |= {"code": code} if code else {}
            case "help":
                file.plea()
            case "clear_chat":
                self.clears = unsend.names(file.tx, file.contact, self.written, file.now)
            case "erase":
                live_report.forget(file.desk, file.tx, file.contact, file.now)
                self.erased = True
            case "remark" | "answer":
                self._said(effect, flow, state)

    def _said(self, effect: Effect, flow: str, state: ConversationState) -> None:
        """Words, or an answer: to the report of the code that was sent, else to that of this conversation."""
        text, field = effect.data["text"] or "", effect.data.get("field")
        if flow == STATUS and state.session is not None and state.session.report is not None:
            if field is None and not self.words.substance(text):
                return
            code = Followup(self.file.desk, self.file.tx, state.session.report, self.file.now)
            if code.add(text, field, truncated=self.inbound.truncated):
                return
        pleads = flow in discretion.AT_RISK or (effect.name == "remark" and bool(PLEAS & self.words.contains(text)))
        kind = HELP if pleads else "tip"
        if effect.name == "answer":
            answers.take(self.file, self.words, kind, effect.data)
        elif self.file.pen is not None or self.words.substance(text):
            self.file.remark(text, kind)
        if field == "agent":
            self.voice.shown["agent"] = recruiters.answer(self.file.tx, text, self.voice.letters)
