"""A reader of Telegram's updates with python-telegram-bot. Heavy: imported by the first update."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from telegram import Message, Update

from hotline.channels.contract import Inbound, Malformed, Media, MediaKind, clip

MAX_PHOTO = 16 * 1024 * 1024  # bytes; of a photo's sizes the largest within it
PRIVATE = "private"
# What the button "Start" says for the person; the code behind it comes from a link on a poster, so it is nobody's words.
_LINK = re.compile(r"/start(?:[ ]+([A-Za-z0-9_-]{1,64}))?\s*")


def read(data: Mapping[str, Any], bot_id: str) -> list[Inbound]:
    """Return the Inbound of an update, if it is a message or a pressed button of a person. Raises Malformed."""
    try:
        update = Update.de_json(dict(data), None)
        if type(update.update_id) is not int:
            raise Malformed("update_id is not a number")
        found = _said(update)
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
        OverflowError,
        OSError,
    ) as error:  # OSError: a date out of range
        raise Malformed("the update is not of a kind we know") from error
    person = update.effective_user
    chat = update.effective_chat
    # Elsewhere than in a private chat others read along, and an answer to a person would not be an answer to them.
    if found is None or person is None or person.is_bot or (chat is not None and chat.type != PRIVATE):
        return []
    name, said = found
    linked = _LINK.fullmatch(said)
    said, campaign = (said, "") if linked is None else ("", linked[1] or "")
    text, truncated = clip(said)
    # Update ids begin anew, at random, after a week of silence: with the message's own id none meets an older one.
    provider_id, message = f"{bot_id}:{update.update_id}:{name}", update.message or update.edited_message
    return [
        Inbound(
            "telegram", provider_id, str(person.id), text, truncated, media=_media(message),
            edited=update.edited_message is not None, campaign=campaign,
            message_id=name if update.callback_query is None else "", said_at=_said_at(message),
        )
    ]  # fmt: skip


def _said(update: Update) -> tuple[str, str] | None:
    """Return the id within Telegram, and the text; in a private chat a person's id is the chat's."""
    if update.callback_query is not None:
        return update.callback_query.id, update.callback_query.data or ""
    message = update.message or update.edited_message
    return None if message is None else (str(message.message_id), _text(message))


def _said_at(message: Message | None) -> datetime | None:
    """Return the moment when it was written, or changed; a button tells nothing."""
    return None if message is None else message.edit_date or message.date


def _text(message: Message) -> str:
    """Return the words of a message, with a place or a card; a picture or a voice alone says ""."""
    words = [message.text, message.caption]
    if message.venue is not None:
        words += [message.venue.title, message.venue.address]
    if message.location is not None:
        words.append(f"geo: {message.location.latitude}, {message.location.longitude}")
    if message.contact is not None:  # a card: an agent's number, perhaps
        words += [message.contact.first_name, message.contact.last_name, message.contact.phone_number]
    return "\n".join(word for word in words if word)


def _media(message: Message | None) -> tuple[Media, ...]:
    """Return a picture, voice, film or document of the message; a sticker says nothing."""
    if message is None:
        return ()
    if message.photo:
        sizes = sorted(message.photo, key=lambda size: (size.file_size or 0) <= MAX_PHOTO and size.width * size.height)
        return (Media("image", sizes[-1].file_id, "image/jpeg"),)
    found: tuple[tuple[MediaKind, Any], ...] = (
        ("audio", message.voice or message.audio),
        ("video", message.video or message.video_note),
        ("document", message.document),
    )
    return tuple(
        Media(kind, file.file_id, getattr(file, "mime_type", None) or "") for kind, file in found if file is not None
    )
