"""Telegram: updates row by row, and sending to a Bot API that checks what the real one checks."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import MAX_TEXT, Choice, Forged, Inbound, Malformed, Media, Outbound, Request, SendError
from hotline.channels.telegram import SECRET_HEADER, Telegram
from tests.channels.peers import BOT, BotApi

SECRET = "secret-of-the-webhook"
AMNA = "700000001"
PERSON = {"id": int(AMNA), "is_bot": False, "first_name": "Someone", "username": "someone"}
CHAT = {"id": int(AMNA), "type": "private", "first_name": "Someone"}
PATIENCE = 0.3  # seconds; a held answer waits for the end of the test, not for this


def telegram(api_url: str | None = None, token: str = BOT) -> Telegram:
    return Telegram(token=token, secret=SECRET, api_url=api_url, timeout=PATIENCE)


def call(body: Any, secret: str = SECRET) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", SECRET_HEADER: secret}
    return Request("POST", "https://hotline.example/in/telegram", headers, {}, {}, raw)


def message(name: str = "message", sender: Any = PERSON, **content: Any) -> dict[str, Any]:
    return {"update_id": 9001, name: {"message_id": 5, "date": 1, "chat": CHAT, "from": sender, **content}}


def pressed(**changed: Any) -> dict[str, Any]:
    query = {"id": "4382bfdwdsb323b2d9", "from": PERSON, "chat_instance": "1", "data": "1 4821"}
    return {"update_id": 9001, "callback_query": query | changed}


def inbound(text: str, name: str = "5", *media: Media, truncated: bool = False) -> list[Inbound]:
    own = name if name.isdigit() else ""  # a pressed button is no message of theirs
    return [Inbound("telegram", f"42:9001:{name}", AMNA, text, truncated, media=media, message_id=own)]


PLACE = {"latitude": 31.5, "longitude": 74.3}
PHOTO = [
    {"file_id": "small", "file_unique_id": "a", "width": 90, "height": 60},
    {"file_id": "large", "file_unique_id": "b", "width": 900, "height": 600, "file_size": 80_000},
    {"file_id": "too large", "file_unique_id": "c", "width": 9000, "height": 6000, "file_size": 19_000_000},
]
FILE = {"file_id": "a", "file_unique_id": "b"}
EDITED = [replace(inbound("مدد")[0], edited=True)]
STICKER = FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
SHOWN = Media("image", "large", "image/jpeg")


@pytest.mark.parametrize(
    ("name", "update", "expected"),
    [
        ("a tip", message(text="مدد"), inbound("مدد")),
        ("an edited one", message("edited_message", text="مدد", edit_date=2), EDITED),
        ("the start", message(text="/start"), inbound("")),
        ("the start from a poster", message(text="/start lahore_24"), [replace(inbound("")[0], campaign="lahore_24")]),
        ("words after the start", message(text="/start they beat us"), inbound("/start they beat us")),
        ("a word that begins so", message(text="/starting"), inbound("/starting")),
        ("a picture", message(photo=PHOTO), inbound("", "5", SHOWN)),
        ("a picture with words", message(photo=PHOTO, caption="یہاں"), inbound("یہاں", "5", SHOWN)),
        ("a voice", message(voice=FILE | {"duration": 3}), inbound("", "5", Media("audio", "a"))),
        ("music", message(audio=FILE | {"duration": 3}), inbound("", "5", Media("audio", "a"))),
        (
            "a film",
            message(video=FILE | {"duration": 3, "width": 1, "height": 1, "mime_type": "video/mp4"}),
            inbound("", "5", Media("video", "a", "video/mp4")),
        ),
        (
            "a round film",
            message(video_note=FILE | {"duration": 3, "length": 9}),
            inbound("", "5", Media("video", "a")),
        ),
        (
            "a letter",
            message(document=FILE | {"file_name": "My name.pdf", "mime_type": "application/pdf"}),
            inbound("", "5", Media("document", "a", "application/pdf")),
        ),
        ("a sticker", message(sticker=STICKER), inbound("")),
        ("a place", message(location=PLACE), inbound("geo: 31.5, 74.3")),
        (
            "a named place",
            message(location=PLACE, venue={"location": PLACE, "title": "Bhatta", "address": "Lahore"}),
            inbound("Bhatta\nLahore\ngeo: 31.5, 74.3"),
        ),
        ("a button", pressed(), inbound("1 4821", "4382bfdwdsb323b2d9")),
        ("a button without data", pressed(data=None, game_short_name="x"), inbound("", "4382bfdwdsb323b2d9")),
        ("NUL and bidi controls", message(text="a\x00\u202eb"), inbound("a\u202eb")),
        ("half a surrogate", message(text="\ud800"), inbound("\ufffd")),
        ("a long text", message(text="x" * 1_000_000), inbound("x" * MAX_TEXT, truncated=True)),
        ("a field we do not know", message(text="مدد", brandnew={"a": 1}), inbound("مدد")),
        ("another bot", message(text="hi", sender=PERSON | {"is_bot": True}), []),
        ("a channel's post", {"update_id": 1, "channel_post": {"message_id": 1, "date": 1, "chat": CHAT}}, []),
        (
            "a poll",
            {
                "update_id": 1,
                "poll_answer": {"poll_id": "1", "user": PERSON, "option_ids": [], "option_persistent_ids": []},
            },
            [],
        ),
        ("a kind we do not know", {"update_id": 1, "brandnew": {}}, []),
    ],
)
def test_what_comes_in_counts(name: str, update: dict[str, Any], expected: list[Inbound]) -> None:
    assert telegram().receive(call(update)) == expected, name


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_where_others_read_along_nothing_is_taken_and_nothing_answered(kind: str) -> None:
    group = {"id": -100, "type": kind, "title": "Us"}
    assert telegram().receive(call(message(text="مدد", chat=group))) == []
    below = {"message_id": 5, "date": 1, "chat": group, "text": "P1"}
    assert telegram().receive(call(pressed(message=below))) == []


def test_the_same_number_after_a_week_of_silence_is_another_message() -> None:
    first, later = (
        telegram().receive(call(message(text="a"))),
        telegram().receive(call(message(text="b", message_id=6))),
    )
    assert first[0].provider_id != later[0].provider_id


@pytest.mark.parametrize("secret", ["", "secret-of-the-webhoo", SECRET + "k", "مدد", "\ud800"])
def test_without_the_secret_it_is_forged(secret: str) -> None:
    for read in (telegram().receive, telegram().delivery):
        with pytest.raises(Forged):
            read(call(message(text="مدد"), secret))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, {}, {"update_id": "x"}, {"message": {}},
        {"update_id": 1, "message": 5}, {"update_id": 1, "message": {}}, {"update_id": 1, "message": {"date": "now"}},
        {"update_id": 1, "callback_query": {"id": "1"}}, message(text="x", date=10**30), message(text=5),
    ],
)  # fmt: skip
def test_what_telegram_would_not_send_is_malformed_and_its_content_is_not_told(body: Any) -> None:
    with pytest.raises(Malformed) as caught:
        telegram().receive(call(body))
    assert len(str(caught.value)) < 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["message_id", "date", "chat", "from", "text", "photo", "location"]), JSON))
def test_no_update_makes_it_crash(content: dict[str, Any]) -> None:
    with suppress(Malformed):  # answered with 400
        assert {one.channel for one in telegram().receive(call({"update_id": 1, "message": content}))} <= {"telegram"}


def test_a_pressed_button_stops_turning_by_the_answer_itself() -> None:
    answer = telegram().answer(call(pressed()))
    assert json.loads(answer.body) == {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}
    assert answer.media_type == "application/json"
    assert telegram().answer(call(message(text="مدد"))).body == ""


@dataclass
class Line:
    """A bot, and the API at its other end."""

    api: BotApi
    bot: Telegram

    def page(self, **changed: Any) -> Outbound:
        page = {"id": "7f3c", "channel": "telegram", "address": AMNA, "text": "P1 report 4821 Gujrat."}
        return Outbound(**{**page, "choices": (Choice("Accept", "1 4821"), Choice("Pass", "2 4821")), **changed})


@pytest.fixture
def line() -> Iterator[Line]:
    api = BotApi()
    with api.serve() as url:
        bot = telegram(url)
        yield Line(api, bot)
        api.closing.set()
        bot.close()


def test_a_page_arrives_with_its_buttons_and_opens_no_address(line: Line) -> None:
    assert line.bot.send(line.page()) == "1"
    (taken,) = line.api.taken
    assert (str(taken["chat_id"]), taken["text"]) == (AMNA, "P1 report 4821 Gujrat.")
    assert taken["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Accept", "callback_data": "1 4821"}, {"text": "Pass", "callback_data": "2 4821"}]
        ]
    }
    assert taken["link_preview_options"] == {"is_disabled": True}


def test_the_options_of_a_question_are_buttons_one_a_line_and_the_text_does_not_repeat_them(line: Line) -> None:
    choices = (Choice("Forced work", "1~9f3a61c2"), Choice("Something else", "2~9f3a61c2"))
    line.bot.send(line.page(text="Which is it?\n1 Forced work\n2 Something else", choices=choices, opens="Choose"))
    (taken,) = line.api.taken
    assert taken["text"] == "Which is it?"
    assert taken["reply_markup"]["inline_keyboard"] == [
        [{"text": "Forced work", "callback_data": "1~9f3a61c2"}],
        [{"text": "Something else", "callback_data": "2~9f3a61c2"}],
    ]


def test_without_choices_there_are_no_buttons(line: Line) -> None:
    line.bot.send(line.page(choices=()))
    assert "reply_markup" not in line.api.taken[0]


def test_many_senders_share_one_bot(line: Line) -> None:
    threads = [threading.Thread(target=line.bot.send, args=(line.page(text=f"no. {n}"),)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken["text"] for taken in line.api.taken) == sorted(f"no. {n}" for n in range(12))
    assert [thread.name for thread in threading.enumerate()].count("telegram") == 1


def refusal(status: int, why: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"ok": False, "error_code": status, "description": why, **more}


FAILURES: list[tuple[str, tuple[int, Any] | None, dict[str, Any], tuple[str, bool, bool, float]]] = [
    ("opted out", refusal(403, "Forbidden: bot was blocked by the user"), {}, ("403", False, False, 0)),
    ("too fast", refusal(429, "Too Many Requests", parameters={"retry_after": 37}), {}, ("429", True, False, 37)),
    ("the token was changed", refusal(401, "Unauthorized"), {}, ("token", True, False, 0)),
    ("two programs", refusal(409, "Conflict"), {}, ("409", True, False, 0)),
    ("a proxy says 502", (502, "<html>"), {}, ("no_answer", True, True, 0)),
    ("a proxy says 403", (403, "<html>"), {}, ("403", False, False, 0)),
    ("Telegram says 500", refusal(500, "Internal"), {}, ("no_answer", True, True, 0)),
    ("200 and no JSON", (200, "<html>"), {}, ("no_answer", True, True, 0)),
    ("no answer in time", None, {}, ("timeout", True, True, 0)),
    ("no such chat", (), {"address": "@someone"}, ("400", False, False, 0)),  # type: ignore[list-item]
    ("too long", (), {"text": "x" * 4097}, ("400", False, False, 0)),  # type: ignore[list-item]
    ("a long answer", (), {"choices": (Choice("x", "م" * 33),)}, ("400", False, False, 0)),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("name", "answer", "changed", "expected"), FAILURES, ids=[row[0] for row in FAILURES])
def test_what_a_failure_means(
    line: Line, name: str, answer: Any, changed: dict[str, Any], expected: tuple[str, bool, bool, float]
) -> None:
    if answer != ():
        line.api.next_answers.append(answer)
    with pytest.raises(SendError) as caught:
        line.bot.send(line.page(**changed))
    error = caught.value
    assert (error.code, error.retryable, error.unknown, error.wait) == expected, name


def test_a_wrong_token_waits_for_its_repair(line: Line) -> None:
    with line.api.serve() as url, pytest.raises(SendError) as caught:
        bot = telegram(url, "42:another")
        try:
            bot.send(line.page())
        finally:
            bot.close()
    assert (caught.value.code, caught.value.retryable) == ("token", True)


def test_where_nobody_listens_nothing_was_sent(line: Line) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for address in (closed, "ftp://127.0.0.1", "nowhere"):
        bot = telegram(address)
        with pytest.raises(SendError) as caught:
            bot.send(line.page())
        bot.close()
        assert (caught.value.retryable, caught.value.unknown) == (True, False), address


def test_a_failure_names_nobody_and_no_token(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.api.next_answers.append(refusal(400, f"Bad Request: {AMNA} 4821"))
    with pytest.raises(SendError) as caught:
        line.bot.send(line.page())
    told = "".join(traceback.format_exception(caught.value)) + repr(line.page()) + caplog.text
    assert not [word for word in (AMNA, "4821", BOT) if word in told]
    assert logging.getLogger("httpx").level >= logging.WARNING
