"""Sending to a Bot API that checks what the real one checks, and fails as it fails."""

import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from hotline.channels.contract import Choice, Outbound, SendError
from hotline.channels.telegram.channel import Telegram
from tests.channels.peers import BOT, PATIENCE, BotApi, patience
from tests.channels.test_telegram_receive import AMNA, telegram


@dataclass
class Line:
    """A bot, and the API at its other end."""

    api: BotApi
    bot: Telegram

    def page(self, **changed: Any) -> Outbound:
        page = {"id": "7f3c", "channel": "telegram", "address": AMNA, "text": "P1 report 4821 Gujrat."}
        return Outbound(**{**page, "choices": (Choice("Accept", "1 4821"), Choice("Pass", "2 4821")), **changed})


@contextmanager
def serving(api: BotApi, token: str = BOT, seconds: float = PATIENCE) -> Iterator[Telegram]:
    """A bot with this token that waits so long for an answer of this API's."""
    with api.serve() as url:
        bot = telegram(url, token, seconds)
        try:
            yield bot
        finally:
            api.closing.set()
            bot.close()


@pytest.fixture
def line() -> Iterator[Line]:
    api = BotApi()
    with serving(api) as bot:
        yield Line(api, bot)


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
    with serving(line.api, seconds=patience(answer)) as bot, pytest.raises(SendError) as caught:
        bot.send(line.page(**changed))
    error = caught.value
    assert (error.code, error.retryable, error.unknown, error.wait) == expected, name


def test_a_wrong_token_waits_for_its_repair(line: Line) -> None:
    with serving(line.api, "42:another") as bot, pytest.raises(SendError) as caught:
        bot.send(line.page())
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
