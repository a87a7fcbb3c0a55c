"""Messages of several people in one transaction: as if each had one of its own, or as if none had come."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from hotline.channels.contract import Inbound
from hotline.core import audit, db
from hotline.intake import handler, receive
from hotline.reports.tables import Status
from tests.journeys.desk import told
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER, KARACHI, NOWHERE
from tests.journeys.world import World

TIPS = (CHILDREN, DANGER, KARACHI, NOWHERE, CHILDREN, "salam")


@pytest.fixture
def crowd(world: World) -> list[Phone]:
    """As many phones as there are tips."""
    return [world.phone(f"person {number}", f"+92300000007{number}") for number in range(len(TIPS))]


def texts(crowd: list[Phone], said: tuple[str, ...], name: str = "first") -> list[Inbound]:
    """What they write, one message each."""
    numbered = enumerate(zip(crowd, said, strict=False))
    return [Inbound("sms", f"{name} {number}", phone.address, text) for number, (phone, text) in numbered]


def test_each_is_answered_and_paged_as_if_alone(world: World, crowd: list[Phone]) -> None:
    assert world.intake.receive_all(texts(crowd, TIPS), world.now) == [True] * len(TIPS)
    world.settle()
    for phone in crowd:
        phone.expects("1 ")
    assert told(world) == sorted(TIPS[:-1])
    assert sorted(report.priority for report in world.reports()) == [1, 2, 2, 2, 2]
    assert world.phone("amna").expects_page() != world.phone("amna").expects_page()
    with world.database.reading() as tx:
        assert audit.verify(tx)[1] is None


def test_the_rows_of_a_burst_are_written_at_its_end(
    world: World, crowd: list[Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written earlier, because something reads, is tracked by the session: a quarter more work a message."""
    early: list[str] = []
    write = db._write_waiting

    def watched(tx: Session) -> None:
        early.extend(type(row).__name__ for row in tx.info.get("new", ()))
        write(tx)

    assert all(world.intake.receive_all(texts(crowd, TIPS), world.now))  # the circles' keys of the month are made
    others = [world.phone(f"other {number}", f"+92300000006{number}") for number in range(len(TIPS))]
    monkeypatch.setattr(db, "_write_waiting", watched)
    assert all(world.intake.receive_all(texts(others, TIPS, "second"), world.now))
    assert early == []


def test_the_conversations_go_on(world: World, crowd: list[Phone]) -> None:
    world.intake.receive_all(texts(crowd, TIPS[:2]), world.now)
    world.settle()
    before = [phone.expects("1 ") for phone in crowd[:2]]
    world.intake.receive_all(texts(crowd, ("1", "1"), "second"), world.now)
    world.settle()
    after = [phone.expects("") for phone in crowd[:2]]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False]
    assert told(world) == sorted(TIPS[:2])


def test_a_repeat_among_them_changes_nothing(world: World, crowd: list[Phone]) -> None:
    first, second, third = texts(crowd, TIPS[:3])
    world.intake.receive(second, world.now)
    world.settle()
    assert world.intake.receive_all([first, second, third], world.now) == [True, False, True]
    world.settle()
    assert told(world) == sorted(TIPS[:3])
    assert [len(world.air.heard[phone.address]) for phone in crowd[:3]] == [1, 1, 1]


def test_an_officers_answer_among_them_counts(world: World, crowd: list[Phone]) -> None:
    amna = world.phone("amna")
    crowd[0].texts(CHILDREN)
    token = amna.expects_page()
    answer = Inbound("sms", "of Amna", amna.address, f"1 {token}")
    assert world.intake.receive_all([*texts(crowd[1:], TIPS[1:3]), answer], world.now) == [True] * 3
    assert [report.status for report in world.reports()].count(Status.ACCEPTED) == 1


def test_all_or_none_and_then_each_by_itself(world: World, crowd: list[Phone], monkeypatch: pytest.MonkeyPatch) -> None:
    handle = handler.handle

    def choking(tx: Any, services: Any, inbound: Inbound, *rest: Any) -> Any:
        replies = handle(tx, services, inbound, *rest)
        if inbound.text == KARACHI:
            raise RuntimeError("a bug")
        return replies

    monkeypatch.setattr(receive, "handle", choking)
    with pytest.raises(RuntimeError):
        world.intake.receive_all(texts(crowd, TIPS), world.now)
    world.settle()
    assert world.reports() == []
    assert [letter.address for letter in world.air.letters] == []
    monkeypatch.undo()
    assert [world.intake.receive(one, world.now) for one in texts(crowd, TIPS)] == [True] * len(TIPS)
    assert told(world) == sorted(TIPS[:-1])
