"""Calls through Twilio: what is said to the officer, what a pressed key means, and whether anybody was there.

The text is spoken three times. The answers travel in the query of the address that the key press is posted to: Twilio
signs the whole address, so nobody can put other ones in. The first key is the first choice.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hotline.channels import phone
from hotline.channels.contract import DeliveryState, Inbound, Malformed, Outbound, Request, first, required
from hotline.core.i18n import N_, translate

if TYPE_CHECKING:
    from twilio.twiml.voice_response import VoiceResponse

CHANNEL = "call"
TIMES = 3  # that a page is spoken: the first is heard half asleep
PATIENCE = 6  # seconds to press a key in after the last word
_CALL = re.compile(r"CA[0-9a-zA-Z]{1,62}")
_NUMBER = re.compile(r"\d{3,}")
_ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff]")
# Nothing speaks Sindhi. An English voice reads Roman Urdu so that it is understood.
VOICES = {"en": {"language": "en-IN"}, "ur": {"language": "ur-IN", "voice": "Google.ur-IN-Standard-A"}}

ENDED: dict[str, tuple[DeliveryState, str]] = {
    "queued": ("sent", ""),
    "initiated": ("sent", ""),
    "ringing": ("sent", ""),
    "in-progress": ("sent", ""),
    "completed": ("sent", ""),  # somebody or something picked up: `ANSWERED` knows which
    "busy": ("failed", "busy"),
    "no-answer": ("failed", "no_answer"),
    "failed": ("failed", "not_connected"),
    "canceled": ("failed", "canceled"),
}
ANSWERED: dict[str, tuple[DeliveryState, str]] = {
    "human": ("delivered", ""),
    "unknown": ("sent", ""),
    "fax": ("failed", "voicemail"),
    "machine_start": ("failed", "voicemail"),
    "machine_end_beep": ("failed", "voicemail"),
    "machine_end_silence": ("failed", "voicemail"),
    "machine_end_other": ("failed", "voicemail"),
}


# Translators: spoken in a call, after the page; {label} is what the key does, such as Accept
PRESS = N_("Press {key}: {label}.")
# Translators: spoken in a call, when another key was pressed
PRESS_ONE = N_("Press one of these keys: {keys}.")
# Translators: spoken in a call, when a key was pressed; a text message says who has the report now
TAKEN = {"1": N_("Accepted. A message confirms it."), "2": N_("Passed on. A message confirms it.")}
# Translators: spoken in a call, when a key was pressed
NOTED = N_("Your answer is noted. Goodbye.")


def is_call(request: Request) -> bool:
    """Tell whether a webhook is about a call; a message has no CallSid."""
    return "CallSid" in request.form and "MessageSid" not in request.form


def script(message: Outbound, answer_url: str) -> str:
    """Write the TwiML of a call: the text and the keys for its choices TIMES over; without choices only the text."""
    language = "ur" if _ARABIC_SCRIPT.search(message.text) else "en"
    keys = [translate(PRESS, language).format(key=n, label=c.label) for n, c in enumerate(message.choices, 1)]
    spoken = " ".join([_slowly(message.text), *keys])
    answers = {str(key): choice.answer for key, choice in enumerate(message.choices, 1)}
    response = _response()
    response.pause(length=1)
    for _ in range(TIMES):
        if answers:
            _listen(response, f"{answer_url}?{urlencode({**answers, 'language': language})}", spoken, language)
        else:
            response.say(spoken, **VOICES[language])
            response.pause(length=1)
    return str(response)


def pressed(request: Request) -> list[Inbound]:
    """Return the answer that the pressed key stands for; [] for a key that stands for none. Raises Malformed."""
    call = required(request.form, "CallSid")
    if not _CALL.fullmatch(call):
        raise Malformed("CallSid is not an id")
    key = first(request.form, "Digits")
    answer = first(request.query, key) if key.isdecimal() else ""
    called = required(request.form, "To")
    return [Inbound(CHANNEL, f"{call}:{key}", phone.normalise(called), answer)] if answer else []


def reply(request: Request) -> str:
    """Write the TwiML after a key press: that it counts; after another key, which ones there are."""
    language = first(request.query, "language")
    language = language if language in VOICES else "en"
    keys = [name for name in request.query if name.isdecimal()]
    key = first(request.form, "Digits")
    response = _response()
    if keys and key not in keys:
        _listen(response, request.url, translate(PRESS_ONE, language).format(keys=", ".join(keys)), language)
    elif key:
        response.say(translate(TAKEN.get(key, NOTED), language), **VOICES[language])
    response.hangup()
    return str(response)


def outcome(request: Request) -> tuple[DeliveryState, str]:
    """Read what became of a call. Only a person who picked up counts as delivered. Raises Malformed."""
    by = first(request.form, "AnsweredBy")
    found = ANSWERED.get(by) if by else ENDED.get(required(request.form, "CallStatus"))
    if found is None:
        raise Malformed(f"{'AnsweredBy' if by else 'CallStatus'} is not one we know")
    return found


def _response() -> "VoiceResponse":
    from twilio.twiml.voice_response import VoiceResponse  # noqa: PLC0415  3 MB that only calls need

    return VoiceResponse()


def _listen(response: "VoiceResponse", url: str, spoken: str, language: str) -> None:
    response.gather(num_digits=1, timeout=PATIENCE, action=url, method="POST").say(spoken, **VOICES[language])


def _slowly(text: str) -> str:
    """Spell a number of three digits and more digit by digit: a token is typed, not counted."""
    return _NUMBER.sub(lambda found: ", ".join(found.group()), text)
