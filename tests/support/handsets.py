"""Phones that dial by USSD, each through its provider's own shape, at the door of the whole application."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from hotline.channels.contract import SCREEN
from hotline.channels.sms_encoding import encode_plan
from hotline.conversation.screens import MORE
from tests.journeys.world import World
from tests.web.test_webhooks import application

SECRET = "a-secret-of-ussd"
NUMBER = "+923000000099"
_sessions = count(1)


class _Phone:
    room = SCREEN

    def __init__(self, client: FlaskClient, number: str = NUMBER) -> None:
        self.client, self.number, self.session, self.on = client, number, "", False

    def shown(self, text: str, on: bool) -> str:
        """Take in a screen that the network would show."""
        plan = encode_plan(text)
        assert plan.units <= (self.room if plan.alphabet == "gsm" else self.room // 2), text
        assert text.strip()
        self.on = on
        return text

    def begins(self) -> str:
        """A new session's id."""
        self.session = f"{type(self).__name__}.{next(_sessions):08d}"
        return self.session


class AfricasTalkingPhone(_Phone):
    """All that was typed, joined by stars, as a form; the answer begins with CON or END."""

    typed = ""

    def dial(self, behind: str = "") -> str:
        """Dial the code, and perhaps digits behind it."""
        self.begins()
        self.typed = behind
        return self.read(self.hop())

    def types(self, text: str) -> str:
        """Answer the screen."""
        assert self.on, "the session is over"
        self.typed = f"{self.typed}*{text}" if self.typed else text
        return self.read(self.hop())

    def hop(self, **changed: str) -> TestResponse:
        """The call, as it stands now: the same one again is a repeat."""
        fields = {"sessionId": self.session, "phoneNumber": self.number, "networkCode": "41001", "serviceCode": "*384#"}
        fields |= {"text": self.typed, **changed}
        return self.client.post(f"/in/ussd/africastalking/{SECRET}", data=fields)

    def read(self, answer: TestResponse) -> str:
        """What the network shows."""
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        word, _, text = answer.text.partition(" ")
        assert word in ("CON", "END")
        return self.shown(text, word == "CON")

    def hangs_up(self, status: str = "Incomplete") -> TestResponse:
        """The notice of the session's end."""
        self.on = False
        fields = {
            "date": "2026-11-23 10:00:00",
            "sessionId": self.session,
            "serviceCode": "*384#",
            "networkCode": "41001",
        }
        fields |= {"phoneNumber": self.number, "status": status, "cost": "0.0", "durationInMillis": "9000"}
        fields |= {"hopsCount": "1", "input": self.typed, "lastAppResponse": "CON x", "errorMessage": ""}
        return self.client.post(f"/status/ussd/africastalking/{SECRET}", data=fields)


class _JsonPhone(_Phone):
    def call(self, fields: dict[str, Any], path: str = "", method: str = "POST") -> dict[str, Any]:
        """A call with JSON in it; its answer."""
        answer = self.client.open(f"/in/ussd/json/{SECRET}{path}", method=method, json=fields)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        found: dict[str, Any] = json.loads(answer.data)
        return found


class HubtelPhone(_JsonPhone):
    """Type, Message, SessionId, Sequence."""

    sequence = 0

    def dial(self) -> str:
        """Begin a session."""
        self.begins()
        self.sequence = 0
        return self.hop("Initiation", "*713*8#")

    def types(self, text: str) -> str:
        """Answer the screen."""
        assert self.on, "the session is over"
        return self.hop("Response", text)

    def hop(self, kind: str, text: str) -> str:
        """The next call."""
        self.sequence += 1
        return self.repeat(kind, text)

    def repeat(self, kind: str, text: str) -> str:
        """The same call again."""
        who = {
            "SessionId": self.session,
            "Mobile": self.number.removeprefix("+"),
            "Operator": "mtn",
            "Platform": "USSD",
        }
        fields = {"Type": kind, "Message": text, "Sequence": self.sequence, "ServiceCode": "713*8", "ClientState": ""}
        answer = self.call(fields | who)
        assert answer["SessionId"] == self.session
        assert answer["Type"] in ("response", "release")
        assert answer["DataType"] == ("input" if answer["Type"] == "response" else "display")
        return self.shown(answer["Message"], answer["Type"] == "response")

    def hangs_up(self, kind: str = "Timeout") -> dict[str, Any]:
        """The session ends."""
        self.on = False
        return self.call({"Type": kind, "Message": "", "SessionId": self.session, "Mobile": self.number})


class NaloPhone(_JsonPhone):
    """USERDATA and MSGTYPE; a screen has 120 characters."""

    room = 120

    def dial(self) -> str:
        """Begin a session."""
        self.begins()
        return self.hop("*920*1#", first=True)

    def types(self, text: str) -> str:
        """Answer the screen."""
        assert self.on, "the session is over"
        return self.hop(text, first=False)

    def hop(self, text: str, *, first: bool) -> str:
        """A call: nothing tells a repeat from a second answer."""
        fields = {"USERID": "NALOTest", "MSISDN": self.number.removeprefix("+"), "USERDATA": text, "MSGTYPE": first}
        answer = self.call(fields | {"NETWORK": "MTN", "SESSIONID": self.session})
        assert answer.keys() == {"USERID", "MSISDN", "MSG", "MSGTYPE"}
        assert answer["USERID"] == "NALOTest"
        return self.shown(answer["MSG"], answer["MSGTYPE"])


class InfobipPhone(_JsonPhone):
    """The session and the step stand in the path."""

    def dial(self) -> str:
        """Begin a session."""
        self.begins()
        return self.hop("start", "*384#", "POST")

    def types(self, text: str) -> str:
        """Answer the screen."""
        assert self.on, "the session is over"
        return self.hop("response", text, "PUT")

    def hop(self, step: str, text: str, method: str) -> str:
        """A call."""
        fields = {
            "msisdn": self.number.removeprefix("+"),
            "imsi": "410010000000001",
            "shortCode": "*384#",
            "text": text,
        }
        answer = self.call(fields | {"optional": "", "ussdGwId": "1"}, f"/session/{self.session}/{step}", method)
        assert answer["responseExitCode"] == 200
        return self.shown(answer["ussdMenu"], not answer["shouldClose"])

    def hangs_up(self) -> dict[str, Any]:
        """The session ends."""
        self.on = False
        return self.call({"exitCode": 600, "reason": "timeout"}, f"/session/{self.session}/end", "PUT")


Handset = AfricasTalkingPhone | HubtelPhone | NaloPhone | InfobipPhone
PHONES: tuple[type[Handset], ...] = (AfricasTalkingPhone, HubtelPhone, NaloPhone, InfobipPhone)


class Network:
    """The providers' side of a story: the application, whose clock goes by the story's."""

    def __init__(self, world: World, app: Flask, clock: Path) -> None:
        self.world, self.app, self._clock = world, app, clock
        self.wait()

    def wait(self, **delta: float) -> None:
        """Time goes by; the application's own seconds are added to it."""
        self.world.forward(**delta)
        wall = self.app.extensions["hotline"].database.wall()
        self._clock.write_text(str((self.world.now - wall).total_seconds()), encoding="ascii")

    def phone(self, kind: type[Handset], number: str = NUMBER) -> Handset:
        """A phone that dials through a provider."""
        return kind(self.app.test_client(), number)

    def typed(self, phone: Handset, *texts: str) -> str:
        """Answer one screen after the other, at a person's pace; the last screen."""
        screen = ""
        for text in texts:
            self.wait(seconds=3)
            screen = phone.types(text)
        return screen

    def read(self, phone: Handset, screen: str) -> str:
        """The whole text, page by page; the last page stays on the phone."""
        whole = [screen]
        while whole[-1].split("\n")[-1].startswith(f"{MORE} "):
            whole[-1] = whole[-1].rpartition("\n")[0]
            whole.append(self.typed(phone, MORE))
        return "\n".join(whole)


@contextmanager
def network(world: World, folder: Path) -> Iterator[Network]:
    """The application with USSD, on the story's database."""
    clock = folder / "clock"
    app = application(world, folder, ussd_secret=SecretStr(SECRET), clock_file=clock)
    yield Network(world, app, clock)
    app.extensions["hotline"].database.engine.dispose()
