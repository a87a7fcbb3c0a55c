"""What is kept between two messages comes back as it was, and what cannot be read is nothing."""

import pytest

from hotline.conversation.turn import Session
from hotline.intake.state import ConversationState

SESSION = Session("help", "r", "where", "ur", report="x", carry="pen", facts={"safe": "yes"})


@pytest.mark.parametrize(
    "state",
    [
        ConversationState(),
        ConversationState(SESSION),
        ConversationState(pen="p"),
        ConversationState(SESSION, None, True, "report"),
    ],
)
def test_it_comes_back_as_it_was(state: ConversationState) -> None:
    assert ConversationState.load(state.dump()) == state


@pytest.mark.parametrize("text", ["", "{", "after [1]", "[1]", "[1, 2, 3, 4]", '["{}", null, false, null]', "null"])
def test_what_cannot_be_read_is_nothing(text: str) -> None:
    assert ConversationState.load(text) == ConversationState()
