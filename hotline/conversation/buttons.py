"""Buttons of the public's questions: each names the question that it answers.

A provider keeps a message with its buttons for years, and a thumb finds them again. A "1" of last week's "Is it safe to
text now?" must not answer today's, so a pressed button says `1~3f9a61c2`: the number, and the mark of the one message
that asked. Only the last question's buttons count; any other brings today's question once more.
"""

import re

from hotline.channels import traits
from hotline.channels.contract import MARK, Choice
from hotline.conversation.rendering import choices_of
from hotline.conversation.turn import Say

_PRESSED = re.compile(rf"([0-9]{{1,2}}){MARK}([0-9a-f]{{8}})")


def offer(say: Say, language: str, channel: str, question: str) -> tuple[Choice, ...]:
    """The options of a message as buttons, where the channel has them. The message itself names them too, one a line.

    `question`: the mark of the message, 8 hexadecimal digits.
    """
    if not _has_buttons(channel):
        return ()
    return tuple(Choice(text, f"{number}{MARK}{question}") for number, text in choices_of(say, language))


def read(text: str, channel: str, question: str | None) -> tuple[str, bool]:
    """Return what a message says, and whether it is a button of another question than `question`: that says nothing."""
    found = _PRESSED.fullmatch(text) if _has_buttons(channel) else None
    if found is None:
        return text, False
    return (found[1], False) if found[2] == question else ("", True)


def _has_buttons(channel: str) -> bool:
    return traits.of(channel).options == "buttons"
