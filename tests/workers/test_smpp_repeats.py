"""Which deliver_sm is one that comes again: row by row, without a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from hotline.channels.smpp.pdu import Deliver, SmppAddress
from workers import smpp_repeats
from workers.smpp_repeats import PROMPT, WINDOW, Repeats

BEGAN = datetime(2026, 11, 23, 5, 0, 30, tzinfo=UTC)
ANSWERED = 100.0  # monotonic: when the first one's answer left


@dataclass
class Line:
    """A connection."""

    confirmed: float = 0.0


class Store:
    """What was taken in, and when."""

    def __init__(self) -> None:
        self.rows: dict[str, datetime] = {}
        self.asked = 0

    def seen(self, names: Iterable[str]) -> dict[str, datetime]:
        """Those that are there."""
        self.asked += 1
        return {name: self.rows[name] for name in names if name in self.rows}


def taken(repeats: Repeats, store: Store, line: Line, now: datetime, *, slow: float = 0.0) -> str:
    """A message arrives, is taken in and answered; its id."""
    name = repeats.name("like", line, now)
    store.rows.setdefault(name, now)
    repeats.answered("like", (name, now), line, (ANSWERED - slow, ANSWERED))
    return name


@pytest.mark.parametrize(
    ("same_line", "confirmed", "slow", "later", "repeat"),
    [
        (True, 0.0, 0.0, 20, False),  # the same answer to the next question
        (True, 0.0, PROMPT + 1, 20, True),  # the SMSC may have given up on ours
        (False, 0.0, 0.0, 20, True),  # the connection took our answer with it
        (False, ANSWERED - 1, 0.0, 20, True),
        (False, ANSWERED + 1, 0.0, 20, False),  # it had arrived
        (False, ANSWERED + 1, PROMPT + 1, 20, True),  # and the SMSC had given up on it before
        (False, 0.0, 0.0, WINDOW.total_seconds() + 1, False),
    ],
)
def test_a_text_that_comes_again(same_line: bool, confirmed: float, slow: float, later: float, repeat: bool) -> None:
    store, first = Store(), Line(confirmed)
    repeats = Repeats(store.seen)
    name = taken(repeats, store, first, BEGAN, slow=slow)
    again = taken(repeats, store, first if same_line else Line(), BEGAN + timedelta(seconds=later))
    assert (again == name) == repeat


@pytest.mark.parametrize(("later", "repeat"), [(20, True), (179, True), (181, False), (400, False)])
def test_after_a_restart_the_database_remembers(later: float, repeat: bool) -> None:
    store = Store()
    name = taken(Repeats(store.seen), store, Line(), BEGAN)
    assert (taken(Repeats(store.seen), store, Line(), BEGAN + timedelta(seconds=later)) == name) == repeat


def test_the_last_of_several_that_were_alike_is_the_one_that_comes_again() -> None:
    store, line = Store(), Line()
    repeats = Repeats(store.seen)
    names = [taken(repeats, store, line, BEGAN + timedelta(seconds=seconds)) for seconds in (0, 5, 9)]
    assert len(set(names)) == 3
    restarted = Repeats(store.seen)
    line = Line()
    assert taken(restarted, store, line, BEGAN + timedelta(seconds=30)) == names[2]
    assert taken(restarted, store, line, BEGAN + timedelta(seconds=40)) not in names


def test_memory_alone_is_asked_once_it_knows_all_that_counts() -> None:
    store = Store()
    repeats = Repeats(store.seen)
    repeats.name("first", Line(), BEGAN)
    repeats.name("second", Line(), BEGAN + WINDOW - timedelta(seconds=1))
    assert store.asked == 2
    for seconds in (0, 1, 200):
        repeats.name(f"another {seconds}", Line(), BEGAN + WINDOW + timedelta(seconds=seconds))
    assert store.asked == 2


def test_what_failed_may_have_been_taken_in_and_is_a_repeat() -> None:
    store = Store()
    repeats = Repeats(store.seen)
    repeats.name("first", Line(), BEGAN)
    later = BEGAN + 2 * WINDOW
    name = repeats.name("like", Line(), later)
    store.rows[name] = later  # and then the connection to the database was lost
    repeats.doubt()
    assert repeats.name("like", Line(), later + WINDOW - timedelta(seconds=10)) == name


def test_what_makes_two_messages_the_same() -> None:
    def like(text: bytes = b"1", sender: str = "923000000078", code: str = "8398", reference: bytes = b"") -> str:
        tlvs = {0x0204: reference} if reference else {}
        return smpp_repeats.content(Deliver(SmppAddress(1, 1, sender), SmppAddress(3, 0, code), 0, 0, text, tlvs))

    others = [like(b"2"), like(sender="923000000079"), like(code="8399"), like(reference=b"\1")]
    assert len({like(), *others}) == 5
    assert like() == like()


@pytest.mark.parametrize("committed", [True, False])
def test_what_failed_after_an_earlier_text_like_it_comes_again_under_its_own_id(committed: bool) -> None:
    store, line = Store(), Line()
    repeats = Repeats(store.seen)
    first = taken(repeats, store, line, BEGAN)
    second = repeats.name("like", line, BEGAN + timedelta(seconds=5))
    if committed:
        store.rows[second] = BEGAN + timedelta(seconds=5)
    repeats.doubt()  # it was not answered
    assert taken(repeats, store, line, BEGAN + timedelta(seconds=6)) == second
    assert taken(repeats, store, line, BEGAN + timedelta(seconds=9)) not in {first, second}
