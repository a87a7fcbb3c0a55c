"""The web side of the stand-in: Twilio's Messages and Calls APIs, checked as Twilio checks it, and the page with the phones."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from hotline.local.demo.account import DemoAccount, DemoMessage, new_sid
from hotline.local.demo.lines import Call

MAX_BODY = 1600  # characters, Twilio's bound
MAX_TWIML = 4000  # characters, Twilio's bound
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_WHATSAPP = re.compile(r"whatsapp:(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[0-9A-Za-z]+)")
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_VALIDITIES = frozenset(str(seconds) for seconds in range(1, 36_001))
_RING_TIMES = frozenset(str(seconds) for seconds in range(1, 601))
_DETECTIONS = frozenset({"Enable", "DetectMessageEnd"})
_MEANING = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    21205: "Url parameter is required.",
    21210: "The source phone number provided, {From}, is not yet verified for your account.",
    21211: "The 'To' number {To} is not a valid phone number.",
    21602: "Message body is required.",
    21606: "The From phone number {From} is not a valid message-capable phone number for your account.",
    21609: "The StatusCallback URL is not valid.",
    21610: "Attempt to send to unsubscribed recipient",
    21655: "The ContentSid {ContentSid} is not valid.",
    21656: "The ContentVariables parameter is invalid.",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    21617: "The concatenated message body exceeds the 1600 character limit.",
}


def create_app(gateway: DemoAccount) -> Flask:
    """The WSGI application of one gateway."""
    app = Flask(__name__)
    api, page = _Api(gateway), _Page(gateway)
    app.add_url_rule("/2010-04-01/Accounts/<sid>/Messages.json", "messages", api.create, methods=["POST"])
    app.add_url_rule("/2010-04-01/Accounts/<sid>/Messages.json", "list", api.kept, methods=["GET"])
    app.add_url_rule("/2010-04-01/Accounts/<sid>/Calls.json", "calls", api.call, methods=["POST"])
    app.add_url_rule("/", "phones", page.show)
    app.add_url_rule("/text", "text", page.text, methods=["POST"])
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    app.after_request(_harden)
    return app


class _Api:
    def __init__(self, gateway: DemoAccount) -> None:
        self.gateway = gateway

    def create(self, sid: str) -> Response:
        """POST Messages.json."""
        return self._answer(sid, self._refusal, self._take)

    def kept(self, sid: str) -> Response:
        """GET Messages.json: those to a number of the account since a moment, newest first, on one page."""
        refused = self._refuse(sid, lambda _form: None)
        if refused is not None:
            return refused
        gateway, to = self.gateway, request.args.get("To", "")
        since = datetime.fromisoformat(request.args["DateSent>"]) if "DateSent>" in request.args else None
        mine = [each for each in gateway.messages() if each.direction == "in" and gateway.reached_by(each.number) == to]
        found = [_inbound(each, sid, to) for each in reversed(mine) if since is None or each.at >= since]
        return jsonify(messages=found, next_page_uri=None, page=0, page_size=len(found))

    def call(self, sid: str) -> Response:
        """POST Calls.json."""
        return self._answer(sid, self._call_refusal, self._take_call)

    def _answer(
        self, sid: str, refusal: Callable[[Mapping[str, str]], int | None], take: Callable[[], Response]
    ) -> Response:
        answer = self._refuse(sid, refusal) or take()
        if self.gateway.due("drop"):
            self.gateway.answered(0)
            return _hang_up()
        self.gateway.answered(answer.status_code)
        return answer

    def _refuse(self, sid: str, refusal: Callable[[Mapping[str, str]], int | None]) -> Response | None:
        gateway, form = self.gateway, request.form
        if not gateway.authorised(request.headers.get("Authorization", "")):
            return _error(20003, 401, form)
        if sid != gateway.account_sid:
            return _error(20404, 404, form)
        if gateway.due("fail"):
            return self._failure()
        code = refusal(form)
        return _error(code, 400, form) if code else None

    def _take(self) -> Response:
        gateway, form = self.gateway, request.form
        text = _filled(gateway.contents[form["ContentSid"]], form) if "ContentSid" in form else form["Body"]
        message = DemoMessage(new_sid(), "out", form["To"], text, datetime.now(UTC), "queued")
        created = make_response(jsonify(_resource(message, gateway.account_sid, form["From"])), 201)
        gateway.keep(message)
        if "StatusCallback" in form:
            gateway.report(message, form["StatusCallback"])
        if gateway.due("delay"):
            gateway.hold()
        return created

    def _take_call(self) -> Response:
        gateway, form = self.gateway, request.form
        urls = form.get("StatusCallback", ""), form.get("AsyncAmdStatusCallback", "")
        call = Call(new_sid("CA"), form["To"], form["From"], form["Twiml"], *urls)
        created = make_response(jsonify(_call_resource(call, gateway.account_sid)), 201)
        gateway.ring(call)
        if gateway.due("delay"):
            gateway.hold()
        return created

    def _refusal(self, form: Mapping[str, str]) -> int | None:
        """The code of the first thing that Twilio would not take."""
        address, content = form.get("To", ""), form.get("ContentSid")
        checks = {
            21211: not (_E164.fullmatch(address) or _WHATSAPP.fullmatch(address)),
            21910: address.startswith("whatsapp:") != form.get("From", "").startswith("whatsapp:"),
            21606: form.get("From") not in self.gateway.senders,
            21655: content is not None and content not in self.gateway.contents,
            21656: content is not None and not _varied(self.gateway.contents.get(content, ""), form),
            21602: content is None and not form.get("Body", "").strip(),
            21617: len(form.get("Body", "")) > MAX_BODY,
            21609: "StatusCallback" in form and not _absolute(form["StatusCallback"]),
            20001: form.get("ValidityPeriod", "1") not in _VALIDITIES,
            21610: form.get("To") in self.gateway.opted_out,
        }
        code = next((code for code, refused in checks.items() if refused), None)
        return code or self.gateway.refused_numbers.get(form.get("To", ""))

    def _call_refusal(self, form: Mapping[str, str]) -> int | None:
        """The same for calls. The stand-in takes no Url: it calls nothing but what the hotline's TwiML names."""
        callbacks = [form[name] for name in ("StatusCallback", "AsyncAmdStatusCallback") if name in form]
        checks = {
            21211: not _E164.fullmatch(form.get("To", "")),
            21210: form.get("From") not in self.gateway.senders,
            21205: not form.get("Twiml", "").strip(),
            21609: not all(map(_absolute, callbacks)),
            20001: form.get("Timeout", "60") not in _RING_TIMES
            or form.get("MachineDetection", "Enable") not in _DETECTIONS
            or form.get("AsyncAmd", "true") not in {"true", "false"}
            or len(form.get("Twiml", "")) > MAX_TWIML,
        }
        code = next((code for code, refused in checks.items() if refused), None)
        return code or self.gateway.refused_numbers.get(form.get("To", ""))

    def _failure(self) -> Response:
        status = self.gateway.fail_status
        if not self.gateway.fail_json:
            return Response("<html>Bad gateway</html>", status, content_type="text/html")
        return _error(20429 if status == 429 else 20500, status, request.form)


class _Page:
    def __init__(self, gateway: DemoAccount) -> None:
        self.gateway = gateway

    def show(self) -> str:
        """The phones, each with its messages, newest last."""
        messages = self.gateway.messages()
        numbers = dict.fromkeys([*self.gateway.names, *(message.number for message in messages)])
        phones = [(n, self.gateway.names.get(n, "A phone"), [m for m in messages if m.number == n]) for n in numbers]
        return render_template("phones.html", phones=phones, hotline=self.gateway.senders[0])

    def text(self) -> AnyResponse:
        """Text the hotline as one of the phones."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)  # a page elsewhere in the same browser
        number, body = request.form.get("number", ""), request.form.get("body", "")
        if not _E164.fullmatch(number) or not body.strip():
            abort(400)
        self.gateway.text(number, body)
        return redirect(f"/#p{number[1:]}", 303)


def _variables(form: Mapping[str, str]) -> dict[str, str]:
    """Raises ValueError."""
    found = json.loads(form.get("ContentVariables", "{}"))
    if not isinstance(found, dict) or not all(isinstance(value, str) and value for value in found.values()):
        raise ValueError("variables are texts")
    return found


def _varied(content: str, form: Mapping[str, str]) -> bool:
    """Tell whether all variables of a content are given, without line breaks and runs of spaces, which WhatsApp refuses."""
    try:
        given = _variables(form)
    except ValueError:
        return False
    return set(_VARIABLE.findall(content)) <= set(given) and not any("\n" in v or "     " in v for v in given.values())


def _filled(content: str, form: Mapping[str, str]) -> str:
    given = _variables(form)
    return _VARIABLE.sub(lambda found: given[found[1]], content)


def _absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _error(code: int, status: int, form: Mapping[str, str]) -> Response:
    message = _MEANING.get(code, "Refused").format_map({"To": "", "From": "", "ContentSid": ""} | dict(form))
    more = f"https://www.twilio.com/docs/errors/{code}"
    return make_response(jsonify(code=code, message=message, more_info=more, status=status), status)


def _resource(message: DemoMessage, account: str, sender: str) -> dict[str, Any]:
    path = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    at = format_datetime(message.at, usegmt=True).replace("GMT", "+0000")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.text,
        "date_created": at,
        "date_sent": None,
        "date_updated": at,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": "queued",
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.number,
        "uri": f"{path}.json",
    }


def _inbound(message: DemoMessage, account: str, to: str) -> dict[str, Any]:
    found = _resource(message, account, message.number)
    return found | {"direction": "inbound", "to": to, "status": "received", "date_sent": found["date_created"]}


def _call_resource(call: Call, account: str) -> dict[str, Any]:
    return {
        "account_sid": account,
        "answered_by": None,
        "api_version": "2010-04-01",
        "direction": "outbound-api",
        "from": call.sender,
        "sid": call.sid,
        "status": "queued",
        "to": call.number,
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{call.sid}.json",
    }


def _hang_up() -> Response:
    """Close the caller's connection; the answer that is still written to it goes nowhere."""
    connection = request.environ["werkzeug.socket"]
    connection.shutdown(2)
    return Response()


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
