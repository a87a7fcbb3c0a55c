"""A long text as USSD screens: pages, each with the number that leads on to the next."""

from hotline.channels.contract import SCREEN
from hotline.channels.sms_encoding import cut, encode_plan
from hotline.conversation import texts
from hotline.core.i18n import translate

MORE = "99"  # no option: those have one digit


def pages(text: str, tongue: str, room: int = SCREEN) -> list[str]:
    """The text on as few screens as its lines allow, so that no option stands apart from its number.

    `room`: GSM-7 characters of a screen, half as many where it has other letters; at least 40. A line that fills more
    than a screen is cut between words.
    """
    if _fits(text, room):
        return [text]
    onward = f"\n{MORE} {translate(texts.READ_ON, tongue)}"
    screens = [""]
    for line in text.split("\n"):
        for piece in _pieces(line, onward, room):
            longer = f"{screens[-1]}\n{piece}" if screens[-1] else piece
            if _fits(longer + onward, room):
                screens[-1] = longer
            else:
                screens.append(piece)
    return [*(screen + onward for screen in screens[:-1]), screens[-1]]


def _pieces(line: str, onward: str, room: int) -> list[str]:
    if _fits(line + onward, room):
        return [line]
    return [piece.strip() for piece in cut(line, _most(line, room) - len(onward))]


def _fits(text: str, room: int) -> bool:
    return encode_plan(text).units <= _most(text, room)


def _most(text: str, room: int) -> int:
    return room if encode_plan(text).alphabet == "gsm" else room // 2
