"""Telegram is asked for messages: each is committed before it is confirmed, so none is lost and none is taken twice."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound
from hotline.channels.telegram.channel import Telegram
from hotline.intake.receive import Intake
from hotline.messaging import inbox
from hotline.monitoring import watchdog
from hotline.monitoring.alarms import AlarmKind
from hotline.reports.tables import Report
from tests.channels.mailbox import Mailbox
from tests.channels.peers import BOT, PATIENCE
from tests.channels.test_telegram_receive import AMNA, message, pressed
from tests.channels.test_telegram_send import refusal
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, KARACHI
from tests.journeys.world import World
from workers.pull import FIRST_PAUSE, MAX_PAUSE, OTHERS, RETRY, TRIED_FOR, Pull

SINDHI = "سکر ۾ ٻارن کان ڪم"
MARK = "telegram:42"


def telegram(url: str) -> Telegram:
    return Telegram(token=BOT, secret="", api_url=url, timeout=PATIENCE)


class Line:
    """A bot that is asked for messages, and Telegram at its other end."""

    def __init__(self, world: World, box: Mailbox, url: str) -> None:
        self.world, self.box = world, box
        self.telegram, self.intake = telegram(url), world.intake
        self.starts()

    def starts(self) -> None:
        """The process starts, or starts again."""
        self.pull = Pull(self.telegram, self.intake, wait=0)

    def turn(self) -> float:
        """Ask once, and let follow what follows."""
        pause = self.pull.turn()
        self.world.settle()
        return pause

    def reports(self) -> int:
        with self.world.database.reading() as tx:
            return tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar_one()

    def phone(self, number: str = AMNA) -> Phone:
        return self.world.phone("somebody", f"telegram:{number}")


def says(text: str, number: int, **changed: Any) -> dict[str, Any]:
    """Somebody writes to the bot; each update is another message."""
    return {**message(text=text, message_id=number, **changed), "update_id": number}


def other(person: int) -> dict[str, Any]:
    """Somebody else."""
    return {"sender": {"id": person, "is_bot": False, "first_name": "X"}, "chat": {"id": person, "type": "private"}}


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    box = Mailbox()
    with box.serve() as url:
        made = Line(world, box, url)
        made.phone()
        yield made
        made.telegram.close()


def test_a_message_is_stored_then_confirmed_and_taken_once(line: Line) -> None:
    line.box.arrives(says(CHILDREN, 9))
    assert line.turn() == 0
    assert (line.reports(), len(line.box.kept)) == (1, 1)
    line.phone().expects("")
    assert line.turn() == 0
    assert (line.reports(), line.box.kept, line.box.asked) == (1, [], [None, 10])
    line.phone().is_silent()


def test_what_telegram_brings_late_is_a_report_at_once_and_the_answer_waits_until_they_write(line: Line) -> None:
    now = line.world.now
    line.box.arrives(says(CHILDREN, 9, date=int((now - timedelta(hours=9)).timestamp())))
    line.turn()
    assert line.reports() == 1
    line.phone().is_silent()  # who holds the phone now?
    line.world.database.moment += timedelta(minutes=1)
    line.box.arrives(says(KARACHI, 10, date=int(line.world.now.timestamp())))
    line.turn()
    assert len(line.phone().reads_all()) == 2
    line.box.arrives(says("hello", 11, date=int((now - timedelta(hours=8)).timestamp())))
    line.turn()
    line.phone().expects("")  # they wrote a moment ago, whatever came late


def test_many_people_in_one_answer(line: Line) -> None:
    line.box.arrives(*(says(CHILDREN, 20 + n, **other(70 + n)) for n in range(5)))
    line.turn()
    line.box.arrives(says(KARACHI, 30, **other(80)))
    line.turn()
    assert (line.reports(), [one["update_id"] for one in line.box.kept]) == (6, [30])


def test_only_what_we_read_is_asked_for(line: Line) -> None:
    line.box.arrives({"update_id": 3, "my_chat_member": {"brandnew": 1}}, says(CHILDREN, 4))
    line.turn()
    assert (line.reports(), [one["update_id"] for one in line.box.kept]) == (1, [4])


def test_a_store_that_is_away_keeps_nothing_and_loses_nothing(line: Line) -> None:
    def goes_away() -> None:
        line.world.database.away = True

    line.box.gave = goes_away  # while Telegram answers
    line.box.arrives(says(CHILDREN, 9), says(KARACHI, 10, **other(80)))
    pauses = [line.pull.turn() for _ in range(7)]
    assert pauses == [FIRST_PAUSE, 2, 4, 8, 16, MAX_PAUSE, MAX_PAUSE]
    assert len(line.box.kept) == 2
    line.box.gave, line.world.database.away = (lambda: None), False
    assert line.turn() == 0
    assert line.reports() == 2


class Dying(Telegram):
    """The process is killed after the commit, before it has moved the cursor."""

    def taken(self, update: dict[str, Any]) -> None:
        raise KeyboardInterrupt


def test_a_process_killed_between_commit_and_cursor_takes_nothing_twice(line: Line) -> None:
    dying = Dying(token=BOT, secret="", api_url=line.telegram._account[1], timeout=PATIENCE)
    line.box.arrives(says(CHILDREN, 9), says(KARACHI, 10, **other(80)))
    with pytest.raises(KeyboardInterrupt):
        Pull(dying, line.intake, wait=0).turn()
    dying.close()
    assert (line.reports(), len(line.box.kept)) == (1, 2)
    line.starts()
    line.turn()
    assert (line.reports(), line.box.asked) == (2, [None, None])
    line.phone().expects("")
    line.phone().is_silent()


def test_what_cannot_be_read_is_passed_over_without_a_word_of_it(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    bad = {"update_id": 9, "message": {"text": CHILDREN, "from": {"id": AMNA}}}
    line.box.arrives(bad, {"message": CHILDREN}, says(KARACHI, 11))
    assert line.turn() == 0
    assert line.reports() == 1
    line.turn()
    assert line.box.kept == []
    assert [record.msg for record in caplog.records].count("update passed over") == 2
    assert not [word for word in (CHILDREN, AMNA, BOT) if word in caplog.text]


def test_a_pressed_button_is_told_that_it_was(line: Line) -> None:
    line.box.arrives(pressed())
    line.turn()
    assert line.box.pressed == ["4382bfdwdsb323b2d9"]


def test_a_press_that_telegram_has_forgotten_holds_up_nothing(line: Line) -> None:
    def forgotten() -> None:
        line.box.next_answers.append(refusal(400, "Bad Request: query is too old"))

    line.box.gave = forgotten
    line.box.arrives(pressed(), says(CHILDREN, 9002))
    assert (line.turn(), line.reports()) == (0, 1)


def test_a_webhook_that_is_set_is_said_once_and_then_it_goes_on(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.box.webhook = True
    line.box.arrives(says(CHILDREN, 9))
    assert [line.turn(), line.turn()] == [FIRST_PAUSE, 2 * FIRST_PAUSE]
    said = [record.msg for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1
    assert "deleteWebhook" in said[0]
    line.box.webhook = False
    assert (line.turn(), line.reports()) == (0, 1)


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (refusal(500, "Internal"), FIRST_PAUSE),
        ((502, "<html>"), FIRST_PAUSE),
        (refusal(429, "Too Many Requests", parameters={"retry_after": 37}), 37),
        (refusal(401, "Unauthorized"), FIRST_PAUSE),
    ],
)
def test_a_telegram_that_fails_is_asked_again(line: Line, answer: Any, pause: float) -> None:
    line.box.arrives(says(CHILDREN, 9))
    line.box.next_answers.append(answer)
    assert line.turn() == pause
    assert (line.turn(), line.reports()) == (0, 1)


def test_numbers_that_begin_anew_after_a_week_confirm_nothing_unseen(line: Line) -> None:
    line.box.arrives(says(CHILDREN, 9_000))
    line.turn()
    line.turn()
    line.world.database.moment += timedelta(days=8)
    line.box.arrives(says(KARACHI, 5, **other(80)))
    line.turn()
    assert line.reports() == 2
    line.turn()
    assert line.box.asked == [None, 9_001, None, 6]


class Choking(Intake):
    """An intake with a bug: one text brings it down."""

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        if inbound.text == SINDHI:
            raise RuntimeError("a bug")
        return super().receive(inbound, now)


def test_one_message_that_cannot_be_stored_holds_up_no_other(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    intake = line.world.intake
    line.intake = Choking(intake.database, intake.services, intake.phones)
    line.starts()
    line.box.arrives(says(SINDHI, 9), says(KARACHI, 10, **other(80)))
    assert [line.turn() for _ in range(30)] == [RETRY] * 30
    assert (line.reports(), len(line.box.kept)) == (1, 2)  # alone it is tried for ever, as long as Telegram keeps it
    line.box.arrives(*(says(CHILDREN, 11 + n, **other(90 + n)) for n in range(OTHERS)))
    assert (line.turn(), line.reports()) == (RETRY, 1 + OTHERS)
    assert line.turn() == RETRY  # what is wrong may mend itself
    line.world.database.moment += TRIED_FOR
    assert line.turn() == 0
    assert "update passed over" in caplog.text
    line.turn()
    assert line.box.kept == []
    assert SINDHI not in caplog.text


def test_a_telegram_that_is_silent_is_an_alarm(line: Line) -> None:
    def trouble() -> bool:
        with line.world.database.reading() as tx:
            return (AlarmKind.GATEWAY_FAILING, "telegram") in set(watchdog._gateways(tx, line.world.now))

    line.turn()
    line.box.webhook = True
    line.turn()
    assert not trouble()
    line.world.database.moment += timedelta(seconds=60)
    line.turn()
    assert trouble()
    line.box.webhook = False
    line.turn()
    assert not trouble()


def test_a_cursor_stands_where_it_was_put(world: World) -> None:
    with world.database.transaction() as tx:
        assert inbox.read_offset(tx, MARK) == ""
        inbox.store_offset(tx, MARK, "1")
    with world.database.transaction() as tx:
        inbox.store_offset(tx, MARK, "2")
        inbox.store_offset(tx, "twilio", "SM1")
    with world.database.reading() as tx:
        assert (inbox.read_offset(tx, MARK), inbox.read_offset(tx, "twilio")) == ("2", "SM1")


def test_where_it_is_asked_nobody_can_call(tmp_path: Path) -> None:
    from hotline.channels import registry
    from hotline.core.settings import Settings

    asks = Settings.model_validate({"telegram_token": BOT, "telegram_poll": True})
    called = Settings.model_validate({"telegram_token": BOT, "telegram_secret": "x"})
    assert ("telegram" in registry.receivers(called), called.telegram_pulled) == (True, False)
    assert ("telegram" in registry.receivers(asks), asks.telegram_pulled, asks.telegram) == (False, True, True)
    assert not Settings.model_validate({"telegram_token": BOT}).telegram
    assert not Settings.model_validate({"telegram_poll": True}).telegram_pulled
