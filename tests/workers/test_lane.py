"""A lane takes what waits together, in order, and outlives what goes wrong."""

import threading

import pytest

from tests.servers import START_SECONDS
from workers.lane import Lane


class Hand:
    """What takes from a lane: waits at the first item until it may go on."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.taken: list[list[int]] = []

    def __call__(self, items: list[int]) -> None:
        """Take; a zero is dropped."""
        self.taken.append(items)
        self.begun.set()
        assert self.go.wait(START_SECONDS)
        if 0 in items:
            raise ValueError("dropped")


@pytest.mark.parametrize(("count", "together"), [(1, [[1]]), (3, [[1], [2, 3]]), (6, [[1], [2, 3, 4], [5, 6]])])
def test_what_came_meanwhile_is_taken_together_up_to_the_bound(count: int, together: list[list[int]]) -> None:
    hand = Hand()
    lane = Lane(hand, 3)
    lane.put(1)
    assert hand.begun.wait(START_SECONDS)
    for item in range(2, count + 1):
        lane.put(item)
    hand.go.set()
    lane.close()
    assert hand.taken == together


def test_what_goes_wrong_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    hand = Hand()
    hand.go.set()
    lane = Lane(hand, 3)
    lane.put(0)
    assert hand.begun.wait(START_SECONDS)
    lane.put(1)
    lane.close()
    assert [item for items in hand.taken for item in items] == [0, 1]
    assert [record.message for record in caplog.records] == ["not taken"]
