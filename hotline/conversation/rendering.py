"""A Say as the text of one message, or as a question with buttons."""

from collections.abc import Mapping

from hotline.channels import traits
from hotline.channels.sms_encoding import substitute
from hotline.conversation.engine import Notice
from hotline.conversation.schema import KNOWN
from hotline.conversation.turn import Say
from hotline.core.i18n import roman, translate

LATIN_NAMES = {
    "اردو": "Urdu",
    "سنڌي": "Sindhi",
}  # languages call themselves by their own name, where its letters are shown


def render(say: Say, language: str, channel: str, params: Mapping[str, str] | None = None) -> str:
    """The whole message: a line of hint if there is one, the text, then one numbered option a line.

    `params` fills the placeholders named in `say.params` (KeyError if one is missing). On a channel with
    the trait `gsm` letters that would double its price are replaced; on one with `latin` all are Latin.
    """
    can, tongue = traits.of(channel), tongue_of(language, channel)
    names = LATIN_NAMES if can.latin else {}
    lines = [text_of(say, tongue, params)]
    lines += [f"{number} {names.get(text, text)}" for number, text in choices_of(say, tongue)]
    message = "\n".join(lines)
    return substitute(message) if can.gsm else message


def tongue_of(language: str, channel: str) -> str:
    """The language in letters that the channel can show."""
    return roman(language) if traits.of(channel).latin else language


def legible(notice: Notice, channel: str) -> Notice:
    """Return what own words say of other questions, with the names of places in letters that the channel can show."""
    return (lambda text, language: notice(text, tongue_of(language, channel))) if traits.of(channel).latin else notice


def text_of(say: Say, language: str, params: Mapping[str, str] | None = None) -> str:
    """The message without its options, for channels that draw buttons."""
    text = translate(say.text, language)
    for name in say.params:
        text = text.replace("{" + name + "}", (params or {})[name])
    if say.known:
        text = text.replace(KNOWN, translate(say.known, language))  # a place is in the person's language already
    return f"{translate(say.before, language)}\n{text}" if say.before else text


def choices_of(say: Say, language: str) -> tuple[tuple[str, str], ...]:
    """(number, text) of each option; the number is what a button sends."""
    return tuple((number, translate(text, language)) for number, text in say.choices)
