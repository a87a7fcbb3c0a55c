"""Sending by WhatsApp's Cloud API to a peer that checks what the real one checks."""

import socket
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from hotline.channels.contract import Choice, Outbound, SendError
from hotline.channels.whatsapp.channel import WhatsApp
from tests.channels.peers import BEARER, GraphApi, patience
from tests.channels.test_whatsapp_receive import AMNA, whatsapp


@dataclass
class Line:
    """A number of ours, and the API at its other end."""

    api: GraphApi
    url: str
    opened: list[WhatsApp] = field(default_factory=list)

    def whatsapp(self, **changed: Any) -> WhatsApp:
        self.opened.append(whatsapp(**{"api_url": self.url, **changed}))
        return self.opened[-1]

    def page(self, **changed: Any) -> Outbound:
        page = {"id": "7f3c", "channel": "whatsapp", "address": AMNA, "text": "P1 report 4821 Gujrat."}
        return Outbound(**{**page, "choices": (Choice("Accept", "1 4821"), Choice("Pass", "2 4821")), **changed})


@pytest.fixture
def line() -> Iterator[Line]:
    api = GraphApi()
    with api.serve() as url:
        made = Line(api, url)
        yield made
        for number in made.opened:
            number.close()


@pytest.mark.parametrize(("setting", "language"), [("duty_page", "en"), ("duty_page:ur", "ur")])
def test_a_page_is_a_template_whose_buttons_answer(line: Line, setting: str, language: str) -> None:
    assert line.whatsapp(page_template=setting).send(line.page(text="P1 report 4821\nGujrat.")) == "wamid.1"
    (taken,) = line.api.taken
    assert (taken["to"], taken["type"], taken["biz_opaque_callback_data"]) == ("923000000001", "template", "7f3c")
    assert (taken["template"]["name"], taken["template"]["language"]) == ("duty_page", {"code": language})
    body, *buttons = taken["template"]["components"]
    assert body["parameters"] == [{"type": "text", "text": "P1 report 4821 Gujrat."}]
    assert [(b["sub_type"], b["index"], b["parameters"]) for b in buttons] == [
        ("quick_reply", "0", [{"type": "payload", "payload": "1 4821"}]),
        ("quick_reply", "1", [{"type": "payload", "payload": "2 4821"}]),
    ]


def test_without_a_template_a_page_has_buttons_of_its_own(line: Line) -> None:
    long = (
        Choice("A label that is far too long", "1 4821"),
        Choice("Pass", "2 4821"),
        Choice("c", "3"),
        Choice("d", "4"),
    )
    line.whatsapp(page_template="").send(line.page(choices=long))
    replies = [button["reply"] for button in line.api.taken[0]["interactive"]["action"]["buttons"]]
    assert replies[0] == {"id": "1 4821", "title": "A label that is far "}
    assert len(replies) == 3


ASKED = "9f3a61c2"


def asks(line: Line, labels: list[str], text: str = "Which is it?") -> Outbound:
    """A question to the public, with its options below it, as every channel without buttons shows them."""
    choices = tuple(Choice(label, f"{number}~{ASKED}") for number, label in enumerate(labels, start=1))
    lines = "\n".join(f"{number} {label}" for number, label in enumerate(labels, start=1))
    return line.page(text=f"{text}\n{lines}", choices=choices, opens="منتخب کریں")


def test_few_short_options_are_buttons_and_the_text_does_not_repeat_them(line: Line) -> None:
    line.whatsapp().send(asks(line, ["ہاں", "نہیں"], "Is it safe?"))
    content = line.api.taken[0]["interactive"]
    assert (content["type"], content["body"]) == ("button", {"text": "Is it safe?"})
    assert [each["reply"] for each in content["action"]["buttons"]] == [
        {"id": f"1~{ASKED}", "title": "ہاں"},
        {"id": f"2~{ASKED}", "title": "نہیں"},
    ]


def test_more_options_are_a_list_and_a_long_one_is_told_whole_below_its_title(line: Line) -> None:
    line.whatsapp().send(
        asks(line, ["Forced work", "Begging", "Forced into sex", "Somebody is held against their will"])
    )
    content = line.api.taken[0]["interactive"]
    assert (content["type"], content["action"]["button"]) == ("list", "منتخب کریں")
    (section,) = content["action"]["sections"]
    assert section["rows"][0] == {"id": f"1~{ASKED}", "title": "Forced work"}
    assert section["rows"][3] == {
        "id": f"4~{ASKED}", "title": "Somebody is held against", "description": "Somebody is held against their will",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "labels", "text"),
    [
        ("more than a list holds", [f"Option {number}" for number in range(11)], "Which is it?"),
        ("two that look alike when cut", ["x" * 24 + "a", "x" * 24 + "b"], "Which is it?"),
        ("a long question", ["Yes", "No"], "x" * 2000),
    ],
)
def test_what_cannot_be_drawn_is_told_by_numbers(line: Line, name: str, labels: list[str], text: str) -> None:
    line.whatsapp().send(asks(line, labels, text))
    (taken,) = line.api.taken
    assert taken["type"] == "text", name
    assert taken["text"]["body"].endswith(f"{len(labels)} {labels[-1]}")


def test_a_word_that_there_is_something_to_read_is_a_template_that_says_nothing(line: Line) -> None:
    line.whatsapp(neutral_template="to_read:ur").send(line.page(text="", choices=()))
    assert line.api.taken[0]["template"] == {"name": "to_read", "language": {"code": "ur"}}


def test_a_text_is_a_text_and_opens_no_address(line: Line) -> None:
    line.whatsapp().send(line.page(choices=()))
    assert line.api.taken[0]["text"] == {"body": "P1 report 4821 Gujrat.", "preview_url": False}


def test_who_shows_no_number_is_answered_all_the_same(line: Line) -> None:
    line.whatsapp().send(line.page(address="PK.1a2b"))
    assert (line.api.taken[0].get("to"), line.api.taken[0]["recipient"]) == (None, "PK.1a2b")


def refusal(code: int, http: int = 400) -> tuple[int, dict[str, Any]]:
    return http, {"error": {"code": code, "message": "about +923000000001", "type": "OAuthException"}}


def test_outside_24_hours_a_message_waits_until_they_write(line: Line) -> None:
    line.api.next_answers.append(refusal(131047))
    with pytest.raises(SendError) as caught:
        line.whatsapp().send(line.page())
    assert caught.value.closed


FAILURES: list[tuple[str, Any, dict[str, Any], tuple[str, bool, bool]]] = [
    ("not on WhatsApp", refusal(131026), {}, ("131026", False, False)),
    ("outside the day", refusal(131047), {}, ("131047", False, False)),
    ("too fast", refusal(130429), {}, ("130429", True, False)),
    ("too fast by HTTP", refusal(9999, 429), {}, ("9999", True, False)),
    ("down and says so", refusal(131000, 500), {}, ("131000", True, False)),
    ("token expired", refusal(190, 401), {}, ("190", True, False)),
    ("a right was taken away", refusal(200, 403), {}, ("200", True, False)),
    ("a proxy says 502", (502, "<html>"), {}, ("http_502", True, True)),
    ("a proxy says 403", (403, "<html>"), {}, ("http_403", True, False)),
    ("sent elsewhere", (302, "<html>"), {}, ("http_302", True, False)),
    ("200 and no JSON", (200, "<html>"), {}, ("no_id", True, True)),
    ("200 and no id", (200, {"messages": [{}]}), {}, ("no_id", True, True)),
    ("200 and a list", (200, []), {}, ("no_id", True, True)),
    ("no answer in time", None, {}, ("timeout", True, True)),
    ("no neutral template", (), {"text": "", "choices": ()}, ("no_template", False, False)),
]


@pytest.mark.parametrize(("name", "answer", "changed", "expected"), FAILURES, ids=[row[0] for row in FAILURES])
def test_what_a_failure_means(
    line: Line, name: str, answer: Any, changed: dict[str, Any], expected: tuple[str, bool, bool]
) -> None:
    if answer != ():
        line.api.next_answers.append(answer)
    with pytest.raises(SendError) as caught:
        line.whatsapp(timeout=patience(answer)).send(line.page(**changed))
    assert (caught.value.code, caught.value.retryable, caught.value.unknown) == expected, name


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"token": "another"}, ("190", True)),
        ({"phone_id": "1"}, ("33", False)),
        ({"page_template": "nothing_such"}, ("132001", False)),
        ({"page_template": "duty_page:sd"}, ("132001", False)),
    ],
)
def test_a_wrong_setting_is_told(line: Line, changed: dict[str, str], expected: tuple[str, bool]) -> None:
    with pytest.raises(SendError) as caught:
        line.whatsapp(**changed).send(line.page())
    assert (caught.value.code, caught.value.retryable) == expected


def test_where_nobody_listens_nothing_was_sent(line: Line) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for address in (closed, "ftp://127.0.0.1", "nowhere", "http://[/"):
        with pytest.raises(SendError) as caught:
            line.whatsapp(api_url=address).send(line.page())
        assert caught.value.__context__ is None  # the library's words hold the URL
        assert (caught.value.retryable, caught.value.unknown) == (True, False), address


def test_a_failure_names_no_number_and_no_text(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.api.next_answers.append(refusal(131026))
    with pytest.raises(SendError) as caught:
        line.whatsapp().send(line.page())
    told = "".join(traceback.format_exception(caught.value)) + repr(line.page()) + caplog.text
    assert not [word for word in ("923000000001", "4821", BEARER) if word in told]
