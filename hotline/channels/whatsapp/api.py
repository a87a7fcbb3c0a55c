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

from hotline.channels import download, http_errors, phone
from hotline.channels.contract import Choice, Fetched, Media, Outbound, SendError
from hotline.channels.whatsapp.codes import OUTSIDE_24_HOURS

API_URL = "https://graph.facebook.com/v23.0"
MAX_BODY = 1024  # characters of a text with buttons, and of a template's parameter
MAX_LABEL = 20  # characters of a button
MAX_BUTTONS = 3
MAX_ROWS, MAX_TITLE, MAX_DESCRIPTION = 10, 24, 72  # of a list: rows, characters of a row
DEFAULT_LANGUAGE = "en"

MEDIA_HOSTS = frozenset({"lookaside.fbsbx.com"})
_MEDIA_ID = re.compile(r"[0-9A-Za-z_.-]{1,128}")
_FOR_NOW = {1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004, 133016}
_OURS = {0, 3, 10, 190, 131005, 131031, 131042, 131045, 133010, 368, *range(200, 300)}
_SPACES = re.compile(r"\s+")


class WhatsAppApi:
    """One number's client, for any number of threads. Templates: name, or name:language."""

    def __init__(
        self, token: str, phone_id: str, page_template: str, neutral_template: str, api_url: str | None, timeout: float
    ) -> None:
        self._api_url = (api_url or API_URL).rstrip("/")
        self._url = f"{self._api_url}/{phone_id}/messages"
        self._places = download.MediaHosts(self._api_url, keyed=MEDIA_HOSTS)
        self._template, self._neutral_template = page_template, neutral_template
        self._key = f"Bearer {token}"
        self._client = httpx.Client(timeout=timeout)

    def send(self, message: Outbound) -> str:
        """Return the id of the message that WhatsApp took. Raises SendError."""
        try:
            content = _addressed(message) | self._content(message)
            answer = self._client.post(self._url, json=content, headers={"Authorization": self._key})
            failure = _refusal(answer)
            if failure is None:
                return _reference(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = http_errors.broken(error)
        # Raised out here so that the library's words are not chained to it.
        raise failure

    def fetch(self, media: Media, limit: int) -> Fetched:
        """Fetch the file of a media id: the API names an address, which holds for five minutes. Raises SendError."""
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
            failure = http_errors.broken(error)
        raise failure

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _content(self, message: Outbound) -> dict[str, Any]:
        """Write a page as a template, as an officer may not have written for a day; else what can be sent within the day."""
        if not message.text:
            return _neutral(self._neutral_template)
        if message.choices and not message.opens and self._template:
            return _template(self._template, message.text, message.choices[:MAX_BUTTONS])
        return _drawn(message) or {"type": "text", "text": {"body": message.text, "preview_url": False}}


def _addressed(message: Outbound) -> dict[str, Any]:
    """Address a message to a number, or to the opaque id of somebody who shows none.

    The row's id comes back in delivery reports.
    """
    number = phone.is_phone(message.address)
    to = {"to": message.address.removeprefix("+")} if number else {"recipient": message.address}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": message.id,
        **to,
    }


def _neutral(template: str) -> dict[str, Any]:
    """Return a template without parameters: that there is something to read, and nothing of what. Raises SendError."""
    if not template:
        raise SendError("no_template", retryable=False)
    return {"type": "template", "template": _named(template)}


def _named(template: str) -> dict[str, Any]:
    name, _, language = template.partition(":")
    return {"name": name, "language": {"code": language or DEFAULT_LANGUAGE}}


def _template(template: str, text: str, choices: Sequence[Choice]) -> dict[str, Any]:
    """Fill a template with one parameter, the text, and as many quick replies as there are choices."""
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
    return {"type": "template", "template": _named(template) | {"components": components}}


def _drawn(message: Outbound) -> dict[str, Any] | None:
    """Draw up to three short choices as buttons, up to ten as a list; None for more, which the text names by numbers.

    A page's are few and short: what is too much is cut.
    """
    labels, text = [choice.label for choice in message.choices], message.undrawn
    if not labels or len(text) > MAX_BODY:
        return None
    if not message.opens or (len(labels) <= MAX_BUTTONS and max(map(len, labels)) <= MAX_LABEL):
        return _interactive("button", text, {"buttons": _buttons(message.choices[:MAX_BUTTONS])})
    titles = {label[:MAX_TITLE] for label in labels}
    if len(labels) > MAX_ROWS or len(titles) < len(labels):  # WhatsApp refuses two that look alike
        return None
    rows = [_row(choice) for choice in message.choices]
    return _interactive("list", text, {"button": message.opens[:MAX_LABEL], "sections": [{"rows": rows}]})


def _buttons(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    return [{"type": "reply", "reply": {"id": each.answer, "title": each.label[:MAX_LABEL]}} for each in choices]


def _row(choice: Choice) -> dict[str, str]:
    row = {"id": choice.answer, "title": choice.label[:MAX_TITLE]}
    return row if len(choice.label) <= MAX_TITLE else row | {"description": choice.label[:MAX_DESCRIPTION]}


def _interactive(kind: str, text: str, action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}}


def _refusal(answer: httpx.Response) -> SendError | None:
    error = _json(answer).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if type(code) is int:
        for_now = answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error or code in _FOR_NOW
        return SendError(str(code), retryable=for_now or code in _OURS, closed=str(code) == OUTSIDE_24_HOURS)
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
