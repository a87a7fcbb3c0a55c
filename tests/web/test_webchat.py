"""The mailbox of a web chat: readable with the browser's token, and with nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hotline.channels import webchat
from hotline.channels.contract import Outbound, SendError
from hotline.channels.webchat import ChatMessage, WebChat
from hotline.core.db import Database

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


class StoppedClock(Database):
    """Its time stands still."""

    def now(self) -> datetime:
        """Always the same."""
        return NOW


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of each kind."""
    made = StoppedClock(database_url)
    yield made
    made.engine.dispose()


def said(database: Database, token: str) -> list[tuple[bool, str]]:
    """The conversation as the browser with `token` sees it."""
    with database.reading() as tx:
        return [(message.ours, message.text) for message in webchat.history(tx, token)]


def test_a_conversation_is_seen_by_its_own_token_only(database: Database) -> None:
    mine, other = webchat.new_token(), webchat.new_token()
    with database.transaction() as tx:
        webchat.append_inbound(tx, mine, "the house with the green door", "1", NOW - timedelta(seconds=1))
    WebChat(database).send(Outbound("row1", "webchat", mine, "Where?\n1 Lahore"))
    assert said(database, mine) == [(False, "the house with the green door"), (True, "Where?\n1 Lahore")]
    assert said(database, other) == []


def test_the_database_tells_neither_what_was_said_nor_where_it_goes(database: Database) -> None:
    token = webchat.new_token()
    WebChat(database).send(Outbound("row1", "webchat", token, "the house with the green door"))
    WebChat(database).send(Outbound("row2", "webchat", token, "ok"))
    with database.reading() as tx:
        rows = tx.execute(sa.select(ChatMessage.__table__)).all()
    everything = b"".join(bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview))
    assert b"green" not in everything
    assert token.encode() not in everything
    assert b"row1" not in everything
    assert len({len(row.body) for row in rows}) == 1, "lengths are padded"


def test_a_row_that_was_swapped_or_changed_is_not_shown(database: Database) -> None:
    token = webchat.new_token()
    for number in ("1", "2"):
        WebChat(database).send(Outbound(number, "webchat", token, f"text {number}"))
    with database.transaction() as tx:
        first, second = tx.scalars(sa.select(ChatMessage)).all()
        first.body, second.body = second.body, first.body
    assert said(database, token) == []


def test_sending_twice_keeps_one_message(database: Database) -> None:
    token = webchat.new_token()
    message = Outbound("row1", "webchat", token, "hello")
    assert WebChat(database).send(message) == WebChat(database).send(message)
    assert said(database, token) == [(True, "hello")]


def test_a_deleted_conversation_is_gone_and_others_stay(database: Database) -> None:
    mine, other = webchat.new_token(), webchat.new_token()
    for token in (mine, other):
        WebChat(database).send(Outbound(token[:5], "webchat", token, "hello"))
    with database.transaction() as tx:
        webchat.forget(tx, mine)
    assert (said(database, mine), said(database, other)) == ([], [(True, "hello")])


@pytest.mark.parametrize(("age", "kept"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
def test_messages_live_for_a_day(database: Database, age: timedelta, kept: bool) -> None:
    token = webchat.new_token()
    WebChat(database).send(Outbound("1", "webchat", token, "hello"))
    with database.transaction() as tx:
        assert webchat.expire(tx, NOW + age) == (0 if kept else 1)
    assert bool(said(database, token)) is kept


def test_the_mark_changes_with_the_conversation(database: Database) -> None:
    token, marks = webchat.new_token(), set()
    for number in range(3):
        with database.reading() as tx:
            marks.add(webchat.mark(tx, token))
        WebChat(database).send(Outbound(str(number), "webchat", token, "hello"))
    assert len(marks) == 3


def test_a_store_that_fails_is_tried_again_later() -> None:
    empty = Database("sqlite://")
    with pytest.raises(SendError) as caught:
        WebChat(empty).send(Outbound("1", "webchat", webchat.new_token(), "hello"))
    assert (caught.value.retryable, caught.value.unknown) == (True, False)
    empty.engine.dispose()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("aB0_-" * 8 + "abc", True),
        ("", False),
        ("a" * 42, False),
        ("a" * 44, False),
        ("ا" * 43, False),
        ("a" * 42 + "\n", False),
    ],
)
def test_only_the_shape_of_a_token_is_taken_for_one(text: str, right: bool) -> None:
    assert webchat.is_token(text) is right
