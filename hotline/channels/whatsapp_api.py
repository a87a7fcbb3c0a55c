"""The Cloud API's client, and what its failures mean. Imported by the first send only.

===================================================  =========  =======
failure                                              retryable  unknown
===================================================  =========  =======
no connection, name or TLS                           yes        no       the request never left
connection cut, or no answer within time             yes        yes      the request had left
an answer without WhatsApp's error in it, 2xx or 5xx yes        yes      a proxy spoke; WhatsApp may have taken it
redirect, or any other 4xx without it                yes        no       HOTLINE_WHATSAPP_API_URL leads elsewhere
its error, 429 or 5xx, or a limit of rate            yes        no       refused for now
its error: token, permission, account                yes        no       the operator can mend it, and then it goes out
its error, any other                                 no         no       131026 not on WhatsApp, 131047 outside 24 hours
===================================================  =========  =======

A template that is missing or paused is of the last kind: a page had better leave by another channel now.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from hotline.channels import download, http, phone
from hotline.channels.contract import Choice, Fetched, Media, Outbound, SendError

API_URL = "https://graph.facebook.com/v23.0"
MAX_BODY = 1024  # characters of a text with buttons, and of a template's parameter
MAX_LABEL = 20  # characters of a button
MAX_BUTTONS = 3
DEFAULT_LANGUAGE = "en"
OUTSIDE_24_HOURS = 131047  # since their last message: to the public it is held until they write

MEDIA_HOSTS = frozenset({"lookaside.fbsbx.com"})
_MEDIA_ID = re.compile(r"[0-9A-Za-z_.-]{1,128}")
_FOR_NOW = {1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004, 133016}
_OURS = {0, 3, 10, 190, 131005, 131031, 131042, 131045, 133010, 368, *range(200, 300)}
_SPACES = re.compile(r"\s+")


class WhatsAppApi:
    """One number's client, for any number of threads. `page_template`: name, or name:language."""

    def __init__(self, token: str, phone_id: str, page_template: str, api_url: str | None, timeout: float) -> None:
        self._api_url = (api_url or API_URL).rstrip("/")
        self._url = f"{self._api_url}/{phone_id}/messages"
        self._places = download.Places(self._api_url, keyed=MEDIA_HOSTS)
        self._template = page_template
        self._key = f"Bearer {token}"
        self._client = httpx.Client(timeout=timeout)

    def send(self, message: Outbound) -> str:
        """The id of the message that WhatsApp took. Raises SendError."""
        try:
            content = _addressed(message) | self._content(message)
            answer = self._client.post(self._url, json=content, headers={"Authorization": self._key})
            failure = _refusal(answer)
            if failure is None:
                return _reference(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = http.broken(error)
        # Raised out here so that the library's words are not chained to it.
        raise failure

    def fetch(self, media: Media, limit: int) -> Fetched:
        """What a media id stands for: the API names an address, which holds for five minutes. Raises SendError."""
        if not _MEDIA_ID.fullmatch(media.reference):
            raise SendError("address", retryable=False)
        try:
            answer = self._client.get(f"{self._api_url}/{media.reference}", headers={"Authorization": self._key})
            failure = _refusal(answer)
            url = _json(answer).get("url")
            if failure is None and isinstance(url, str):
                return download.fetch(self._client, url, limit, self._places, self._key)
            failure = failure or SendError("no_url", retryable=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = http.broken(error)
        raise failure

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _content(self, message: Outbound) -> dict[str, Any]:
        """A page is a template, for an officer may not have written for a day; else what can be sent within the day."""
        choices = message.choices[:MAX_BUTTONS]
        if choices and self._template:
            name, _, language = self._template.partition(":")
            return _template(name, language or DEFAULT_LANGUAGE, message.text, choices)
        if choices and len(message.text) <= MAX_BODY:
            return _with_buttons(message.text, choices)
        return {"type": "text", "text": {"body": message.text, "preview_url": False}}


def _addressed(message: Outbound) -> dict[str, Any]:
    """To a number, or to the opaque id of somebody who shows none. The row's id comes back in delivery reports."""
    number = phone.is_phone(message.address)
    to = {"to": message.address.removeprefix("+")} if number else {"recipient": message.address}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": message.id,
        **to,
    }


def _template(name: str, language: str, text: str, choices: Sequence[Choice]) -> dict[str, Any]:
    """A template with one parameter, the text, and as many quick replies as there are choices."""
    # A parameter may have no line breaks and no runs of spaces.
    body = {"type": "text", "text": _SPACES.sub(" ", text).strip()[:MAX_BODY]}
    buttons = [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": choice.answer}],
        }
        for index, choice in enumerate(choices)
    ]
    components = [{"type": "body", "parameters": [body]}, *buttons]
    return {"type": "template", "template": {"name": name, "language": {"code": language}, "components": components}}


def _with_buttons(text: str, choices: Sequence[Choice]) -> dict[str, Any]:
    buttons = [{"type": "reply", "reply": {"id": c.answer, "title": c.label[:MAX_LABEL]}} for c in choices]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}},
    }


def _refusal(answer: httpx.Response) -> SendError | None:
    error = _json(answer).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if type(code) is int:
        for_now = answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error or code in _FOR_NOW
        return SendError(str(code), retryable=for_now or code in _OURS, closed=code == OUTSIDE_24_HOURS)
    if answer.is_success:
        return None
    return SendError(f"http_{answer.status_code}", retryable=True, unknown=answer.is_server_error)


def _reference(answer: httpx.Response) -> str:
    messages = _json(answer).get("messages")
    reference = (
        messages[0].get("id") if isinstance(messages, list) and messages and isinstance(messages[0], dict) else None
    )
    if not isinstance(reference, str):
        raise SendError("no_id", retryable=True, unknown=True)
    return reference


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        data = answer.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
