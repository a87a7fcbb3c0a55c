"""The language that somebody is answered in: what they chose, else what they write."""

from hotline.channels.contract import Inbound
from hotline.conversation import START, SecondReader, language, normalise
from hotline.core.i18n import DEFAULT_LANGUAGE
from hotline.intake.state import ConversationState
from hotline.messaging import Contact

ENOUGH_WORDS = 2  # of a message in another language; one word may be borrowed


def listen(contact: Contact, inbound: Inbound, state: ConversationState, reader: SecondReader) -> tuple[str, str]:
    """Return the language to answer in, and another one that this message is in ("" if it is not).

    A greeting decides nothing. What is written first decides, until two messages in a row are in another language. A
    choice, and the language of the page that somebody writes on, stand whatever is written.
    """
    if inbound.language:
        contact.language = inbound.language
        return inbound.language, ""
    if contact.language is None and state.session is not None and state.session.flow != START:
        contact.language = DEFAULT_LANGUAGE  # whoever has answered in it so far knows it
    heard = language.guess(inbound.text, reader)
    if heard is None or heard == contact.language:
        return contact.language or DEFAULT_LANGUAGE, ""
    if contact.language is not None and state.chosen:
        return contact.language, ""
    enough = normalise(inbound.text).count(" ") >= ENOUGH_WORDS - 1
    if contact.language is not None and (state.drift != heard or not enough):
        return contact.language, heard if enough else ""
    contact.language = heard
    return heard, ""
