"""Telegram: updates row by row."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import MAX_TEXT, Forged, Inbound, Malformed, Media, Request
from hotline.channels.telegram.channel import SECRET_HEADER, Telegram
from tests.channels.peers import BOT, PATIENCE

SECRET = "secret-of-the-webhook"
AMNA = "700000001"
PERSON = {"id": int(AMNA), "is_bot": False, "first_name": "Someone", "username": "someone"}
CHAT = {"id": int(AMNA), "type": "private", "first_name": "Someone"}


def telegram(api_url: str | None = None, token: str = BOT, seconds: float = PATIENCE) -> Telegram:
    return Telegram(token=token, secret=SECRET, api_url=api_url, timeout=seconds)


def call(body: Any, secret: str = SECRET) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", SECRET_HEADER: secret}
    return Request("POST", "https://hotline.example/in/telegram", headers, {}, {}, raw)


SAID = 2_000_000_000  # a sender whose clock is ahead: of today's message, whatever today is


def message(name: str = "message", sender: Any = PERSON, **content: Any) -> dict[str, Any]:
    return {"update_id": 9001, name: {"message_id": 5, "date": SAID, "chat": CHAT, "from": sender, **content}}


def pressed(**changed: Any) -> dict[str, Any]:
    query = {"id": "4382bfdwdsb323b2d9", "from": PERSON, "chat_instance": "1", "data": "1 4821"}
    return {"update_id": 9001, "callback_query": query | changed}


def inbound(text: str, name: str = "5", *media: Media, truncated: bool = False) -> list[Inbound]:
    own = name if name.isdigit() else ""  # a pressed button is no message of theirs
    at = datetime.fromtimestamp(SAID, UTC) if own else None
    return [Inbound("telegram", f"42:9001:{name}", AMNA, text, truncated, media=media, message_id=own, said_at=at)]


PLACE = {"latitude": 31.5, "longitude": 74.3}
PHOTO = [
    {"file_id": "small", "file_unique_id": "a", "width": 90, "height": 60},
    {"file_id": "large", "file_unique_id": "b", "width": 900, "height": 600, "file_size": 80_000},
    {"file_id": "too large", "file_unique_id": "c", "width": 9000, "height": 6000, "file_size": 19_000_000},
]
FILE = {"file_id": "a", "file_unique_id": "b"}
EDITED = [replace(inbound("مدد")[0], edited=True, said_at=datetime.fromtimestamp(SAID + 2, UTC))]
STICKER = FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
SHOWN = Media("image", "large", "image/jpeg")


@pytest.mark.parametrize(
    ("name", "update", "expected"),
    [
        ("a tip", message(text="مدد"), inbound("مدد")),
        ("an edited one", message("edited_message", text="مدد", edit_date=SAID + 2), EDITED),
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
        (
            "a card",
            message(contact={"phone_number": "+923000000078", "first_name": "Agent", "user_id": 7}),
            inbound("Agent\n+923000000078"),
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
