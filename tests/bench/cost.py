"""What a whole conversation costs by SMS, in parts each way: the answers of the hotline, and what the person types."""

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.channels.sms_encoding import encode_plan
from hotline.conversation import engine, texts
from hotline.conversation.flow import Flows
from hotline.conversation.rendering import render
from hotline.conversation.turn import Say, Turn
from hotline.core.settings import ROOT
from tests.bench.output import line

CODE = "4821736050"
# A first message that says it, the kind, a place, now, own words: the code is the answer to the last.
TIPS = {
    "ur": ("اینٹوں کے بھٹے پر لوگ بند ہیں", "1", "قصور", "1", "مالک اسلم، گاڑی LEA 1234، رات کو آتی ہے"),
    "sd": ("سرن جي بٺي تي ماڻهو بند آهن", "1", "بدين", "1", "مالڪ اسلم، گاڏي LEA 1234، رات جو اچي ٿي"),
    "en": ("people are locked in at a brick kiln", "1", "Kasur", "1", "owner Aslam, van LEA 1234, comes at night"),
    "ur@latin": ("bhatte par log band hain", "1", "Kasur", "1", "malik Aslam, gari LEA 1234, raat ko aati hai"),
    "sd@latin": ("bathe te manhu band aahin", "1", "Badin", "1", "malik Aslam, gadi LEA 1234, raat jo achi thi"),
}
# Safe, in danger, a place, me, adult, sex skipped, held, out first, nothing more, no texts, police, NGO, no code.
ANSWERS = ("1", "1", "Kasur", "1", "1", "9", "1", "1", "9", "1", "1", "1", "2")
HELPS = {
    "ur": ("مدد کریں", *ANSWERS),
    "sd": ("مدد ڪريو", *ANSWERS),
    "en": ("help me", *ANSWERS),
    "ur@latin": ("madad karen", *ANSWERS),
    "sd@latin": ("madad karyo", *ANSWERS),
}
TIP_PARTS = {"ur": 6, "sd": 6, "en": 5, "ur@latin": 5, "sd@latin": 5}  # at most, out, up to the code
HELP_PARTS = {"ur": 19, "sd": 19, "en": 14, "ur@latin": 14, "sd@latin": 14}  # at most, out; 14 are one for each answer


@dataclass(frozen=True, slots=True)
class Cost:
    """SMS parts out and in; `finished`: whether the conversation got as far as meant."""

    out: int
    typed: int
    finished: bool


def tip(flows: Flows, language: str) -> Cost:
    """A plain tip, up to the reference code and the question that the person need not answer."""
    before = (Say(texts.ACKNOWLEDGED),)
    return _play(flows, "tip", language, TIPS[language], before, meant="tip/code")


def plea(flows: Flows, language: str) -> Cost:
    """A whole request for help, to its end."""
    return _play(flows, "help", language, HELPS[language], (), meant="")


def _play(flows: Flows, flow: str, language: str, typed: Sequence[str], before: tuple[Say, ...], *, meant: str) -> Cost:
    """The first message opens the flow, as intake does it; each of the others is an answer."""
    turn = engine.start(flows, flow, language)
    sent = [_message(Turn(turn.session, before + turn.says), language)]
    for text in typed[1:]:
        if turn.session is None:
            return Cost(0, 0, finished=False)
        turn = engine.resume(flows, turn.session, text)
        sent.append(_message(turn, language))
    reached = f"{turn.session.flow}/{turn.session.step}" if turn.session is not None else ""
    return Cost(_parts(sent), _parts(typed), finished=reached == meant)


def _message(turn: Turn, language: str) -> str:
    return "\n".join(render(say, language, "sms", {"code": CODE}) for say in turn.says)


def _parts(messages: Sequence[str]) -> int:
    return sum(encode_plan(message).parts for message in messages)


def run(_urls: dict[str, str], _redis_url: str) -> None:
    """Both conversations in every language."""
    flows = Flows.load(ROOT / "flows")
    for name, played, bounds in (("tip", tip, TIP_PARTS), ("request for help", plea, HELP_PARTS)):
        for language, bound in bounds.items():
            cost = played(flows, language)
            text = f"a whole {name}, {language} (the person sends {cost.typed})"
            line(text, cost.out if cost.finished else float("inf"), "SMS parts", bound, at_most=True)
