"""Hops of USSD at the way in: what is new in each, which is a repeat, and what is kept of a session."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any, Literal

import pytest
import sqlalchemy as sa

from hotline.channels.contract import MAX_TEXT, Hop, Inbound, Screen
from hotline.intake.ussd import UssdSession
from hotline.messaging import contacts
from hotline.messaging.contacts import Contact
from hotline.messaging.inbox import InboundRow
from hotline.reports.tables import Entry
from tests.journeys.world import World
from workers.clock import Clock

PEER = "+923000000099"
MENU, FIRST, GOODBYE = "Salam.", "Kis bare mein?", "Theek hai. Shukriya."
Kind = Literal["begin", "answer", "end"]


@dataclass
class Line:
    """A phone at the way in itself."""

    world: World
    session: str = "s1"
    shape: Hop = field(default_factory=lambda: Hop("", "answer"))
    _numbers: Any = field(default_factory=lambda: count(1))

    def hop(self, text: str, kind: Kind = "answer", number: int | None = None) -> Screen:
        """A hop; without a number a new one."""
        number = next(self._numbers) if number is None else number
        hop = replace(self.shape, session=self.session, kind=kind)
        provider_id = f"{self.session} {len(text) if hop.joined else number}"
        return self.world.intake.show(Inbound("ussd", provider_id, PEER, text, hop=hop), self.world.now)


@pytest.fixture
def line(world: World) -> Line:
    """A phone whose provider counts the hops."""
    return Line(world)


@pytest.fixture
def joined(world: World) -> Line:
    """A phone whose provider sends all that was typed."""
    return Line(world, shape=Hop("", "answer", joined=True))


@pytest.fixture
def uncounted(world: World) -> Line:
    """A phone whose provider does not count."""
    return Line(world, shape=Hop("", "answer", numbered=False))


def stored(world: World) -> int:
    with world.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(InboundRow)).scalar_one()


def test_a_session_begins_with_the_menu_whatever_code_was_dialled(line: Line) -> None:
    for number, dialled in enumerate(("", "*384#", "*384*1#", "713*8", "384")):
        line.session = f"s{number}"
        screen = line.hop(dialled, "begin")
        assert screen.text.startswith(MENU)
        assert screen.goes_on


def test_a_message_that_is_no_hop_has_no_screen(world: World) -> None:
    with pytest.raises(ValueError, match="hop"):
        world.intake.show(Inbound("ussd", "1", PEER, ""), world.now)


def test_a_repeat_shows_the_same_again_and_changes_nothing(line: Line, world: World) -> None:
    line.hop("", "begin", 1)
    assert line.hop("1", number=2).text.startswith(FIRST)
    asked = line.hop("1", number=3)
    assert line.hop("1", number=3) == asked
    assert line.hop("1", number=2) == asked  # an older one: what the session shows by now
    assert (world.written(), stored(world)) == (["1"], 3)


def test_the_last_screen_of_a_conversation_is_repeated_too(line: Line) -> None:
    line.hop("", "begin", 1)
    line.hop("1", number=2)
    over = line.hop("X", number=3)
    assert over == Screen(GOODBYE, goes_on=False)
    assert line.hop("X", number=3) == over


def test_the_same_answer_twice_is_two_answers_where_hops_are_counted(line: Line, world: World) -> None:
    line.hop("", "begin")
    for text in ("1", "1", "1"):
        line.hop(text)
    assert world.written() == ["1", "1"]


@pytest.mark.parametrize(("seconds", "kept"), [(0, 0), (2, 0), (2.1, 1)])
def test_the_same_answer_within_moments_is_one_where_they_are_not(
    uncounted: Line, world: World, seconds: float, kept: int
) -> None:
    uncounted.hop("", "begin")
    first = uncounted.hop("1")
    world.database.moment += timedelta(seconds=seconds)
    assert (uncounted.hop("1") == first) == (kept == 0)
    assert len(world.reports()) == kept


def test_what_was_seen_is_stripped_and_stars_that_were_typed_stay(joined: Line, world: World) -> None:
    joined.hop("", "begin")
    joined.hop("1")
    joined.hop("1*5")
    joined.hop("1*5**Lahore* ke paas*")
    joined.hop("1*5**Lahore* ke paas**1")
    assert world.written() == ["5", "*Lahore* ke paas*", "1"]


def test_a_text_that_does_not_go_on_from_there_is_taken_whole(joined: Line, world: World) -> None:
    joined.hop("", "begin")
    joined.hop("1")
    joined.hop("1*5")
    joined.hop("7*8*bachay qaid hain")
    assert world.written() == ["5", "7*8*bachay qaid hain"]


def test_an_empty_answer_is_asked_again(joined: Line) -> None:
    first = joined.hop("", "begin")
    assert joined.hop("") == first  # nothing was added: a repeat
    assert joined.hop("1").text.startswith(FIRST)
    assert FIRST in joined.hop("1*").text


def test_a_session_whose_beginning_was_lost_begins_where_it_is_heard_first(joined: Line, world: World) -> None:
    assert joined.hop("1*2").text.startswith(MENU)
    assert world.reports() == []


def test_a_long_text_is_cut_after_what_was_seen_and_marked(joined: Line, world: World) -> None:
    joined.hop("", "begin")
    words = "they keep ten people in the cellar " * 30_000
    before = "1*5*Lahore*1"
    for end in (1, 3, 10, 12):
        joined.hop(before[:end])
    joined.hop(f"{before}*{words}")
    assert world.written()[-1] == words[:MAX_TEXT]
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Entry.truncated).where(Entry.truncated)).all() == [True]
    assert not joined.hop(
        f"{before}*{words}*2"
    ).goes_on  # no, nothing more: what was seen is stripped in its whole length


@pytest.mark.parametrize("text", ["", "User timeout", "1"])
def test_the_end_of_a_session_is_no_answer(line: Line, world: World, text: str) -> None:
    line.hop("", "begin")
    line.hop("1")
    line.hop(text, "end")
    assert world.reports() == []
    line.session = "s2"
    assert FIRST in line.hop("", "begin").text


def test_the_end_of_a_session_brings_what_was_lost_and_nothing_twice(joined: Line, world: World) -> None:
    joined.hop("", "begin")
    joined.hop("1")
    joined.hop("1*5", "end")
    joined.hop("1*5", "end")
    joined.hop("7*8*9", "end")  # of another session, or written in another way: nothing is known of it
    assert world.written() == ["5"]


def test_a_session_that_nobody_knows_ends_with_what_was_typed(joined: Line, world: World) -> None:
    joined.hop("bachay qaid hain", "end")
    assert world.written() == ["bachay qaid hain"]
    assert joined.hop("", "end").text  # something, and nothing is stored
    assert stored(world) == 1


def test_nothing_that_was_typed_or_shown_can_be_read_in_the_table(joined: Line, world: World) -> None:
    joined.hop("", "begin")
    for text in ("1", "1*5", "1*5*Lahore bhatta"):
        joined.hop(text)
    with world.database.reading() as tx:
        row = tx.scalars(sa.select(UssdSession)).one()
    found = row.id + (row.body or b"")
    assert not any(word in found for word in (b"Lahore", b"bhatta", b"Kya", b"s1", PEER.encode()))


def test_a_row_that_cannot_be_opened_is_a_session_that_is_not_known(line: Line, world: World) -> None:
    line.hop("", "begin", 1)
    with world.transaction() as tx:
        tx.execute(sa.update(UssdSession).values(body=b"x" * 200))
    assert line.hop("", "begin", 1) == Screen(GOODBYE, goes_on=False)
    assert line.hop("1", number=2).text.startswith(FIRST)


def test_sessions_are_forgotten_after_an_hour_and_their_messages_never_taken_twice(line: Line, world: World) -> None:
    line.hop("", "begin", 1)
    line.hop("1", number=2)
    line.hop("5", number=3)
    for minutes, left in ((59, 1), (2, 0)):
        world.database.moment += timedelta(minutes=minutes)
        Clock(world.database, world.clock_engine).tick()
        with world.database.reading() as tx:
            assert len(tx.scalars(sa.select(UssdSession)).all()) == left
    assert line.hop("5", number=3) == Screen(GOODBYE, goes_on=False)
    assert world.written() == ["5"]


def test_a_smaller_screen_is_paged_and_a_repeat_shows_its_page(world: World) -> None:
    line = Line(world, shape=Hop("", "answer", room=60))
    line.hop("", "begin", 1)
    second = line.hop("99", number=2)
    assert line.hop("99", number=2) == second
    third = line.hop(" 99. ", number=3)
    assert third != second
    assert line.hop("99", number=2) == third
    assert line.hop("1", number=4).text.startswith(FIRST)


def test_a_last_text_of_several_pages_ends_with_the_last(world: World) -> None:
    line = Line(world, shape=Hop("", "answer", room=80))
    line.hop("", "begin")
    for text in ("english", "5", "1"):
        line.hop(text)
    shown = [line.hop("1"), line.hop("99"), line.hop("99")]
    assert [screen.goes_on for screen in shown] == [True, True, False]
    assert shown[0].text.startswith("This line")


def test_the_code_that_is_dialled_is_no_try_at_a_check_word(line: Line, world: World) -> None:
    line.hop("", "begin")
    for text in ("1", "5"):
        line.hop(text)
    with world.transaction() as tx:
        contacts.set_word(tx.scalars(sa.select(Contact)).one(), world.keys, "gulab", world.now - timedelta(hours=1))
    for number in range(5):
        line.session = f"again {number}"
        screen = line.hop("*384*1#", "begin")
        assert screen.goes_on
        assert "lafz" in screen.text
    assert "Pichli" not in screen.text
    assert line.hop("gulab").text.startswith("Kahan?")
    assert "duress" not in world.events()
