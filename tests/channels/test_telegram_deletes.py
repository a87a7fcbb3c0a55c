"""A chat that is deleted on both sides, by a Bot API that allows what the real one allows."""

import pytest

from hotline.channels.contract import Outbound, SendError
from hotline.channels.telegram.channel import Telegram
from tests.channels.peers import BOT, PATIENCE, BotApi

NADIA = "700000078"


def deletes(peer: BotApi, *names: int) -> str:
    """What comes back."""
    with peer.serve() as address:
        telegram = Telegram(token=BOT, secret="", api_url=address, timeout=PATIENCE)
        try:
            return telegram.send(Outbound("row-1", "telegram", NADIA, "", deletes=tuple(map(str, names))))
        finally:
            telegram.close()


def test_a_chat_is_deleted_in_calls_of_a_hundred_and_nothing_is_said() -> None:
    peer = BotApi()
    assert deletes(peer, *range(1, 251)) == ""
    assert [call["message_ids"] for call in peer.taken] == [
        list(range(1, 101)),
        list(range(101, 201)),
        list(range(201, 251)),
    ]
    assert {call["chat_id"] for call in peer.taken} == {NADIA}


def test_one_that_is_too_old_does_not_save_the_others() -> None:
    peer = BotApi(too_old={2})
    assert deletes(peer, 1, 2, 3) == ""
    assert [int(call["message_id"]) for call in peer.taken] == [1, 3]


@pytest.mark.parametrize(
    ("answer", "code", "retryable"), [((502, "no JSON"), "no_answer", True), ((403, {"ok": False}), "403", False)]
)
def test_it_is_tried_again_even_if_it_may_have_been_done(
    answer: tuple[int, object], code: str, retryable: bool
) -> None:
    with pytest.raises(SendError) as failure:
        deletes(BotApi(next_answers=[answer]), 1)
    assert (failure.value.code, failure.value.retryable, failure.value.unknown) == (code, retryable, False)
