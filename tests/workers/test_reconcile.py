"""A webhook that never came: the message is found at Twilio, once, and nothing that was taken in is taken in again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound, SendError
from hotline.channels.twilio.channel import Twilio
from hotline.local.demo.gateway import Gateway
from hotline.messaging import inbox
from hotline.messaging.inbox import InboundRow
from tests.channels.peers import PATIENCE
from tests.journeys.told import CHILDREN
from tests.journeys.world import World
from workers.reconcile import OVERLAP, YOUNG, Reconcile

LONG = timedelta(minutes=1)  # more than a test takes

OURS, REPORTER, NAME = "+923000000090", "+923000000099", "twilio:ACdemo"


@dataclass
class Line:
    """An account at Twilio, and the process that asks it."""

    world: World
    gateway: Gateway
    process: Reconcile

    def texts(self, text: str, *, lost: bool = True) -> None:
        """Somebody texts; lost: Twilio's call to us never comes. Else it does, by the very door."""
        self.gateway.lose_next()
        self.gateway.text(REPORTER, text)
        kept = self.gateway.messages()[-1]
        if not lost:
            self.world.intake.receive(Inbound("sms", kept.sid, REPORTER, text), self.world.now)

    def cursor(self) -> str:
        """How far was looked."""
        with self.world.database.reading() as tx:
            return inbox.read_offset(tx, NAME)


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    gateway = Gateway(account_sid="ACdemo", auth_token="token", senders=[OURS, f"whatsapp:{OURS}"])
    with gateway.serve() as url:
        world.database.moment = world.database.wall() + YOUNG + LONG  # the stand-in goes by it: all are old enough
        twilio = Twilio(
            account_sid="ACdemo", auth_token="token", sms_from=OURS, whatsapp_from=OURS, public_url="http://127.0.0.1:9",
            api_url=url, timeout=PATIENCE,
        )  # fmt: skip
        yield Line(world, gateway, Reconcile(twilio, world.intake, NAME))


def test_what_no_webhook_brought_is_taken_in_once_and_what_came_is_left_alone(line: Line) -> None:
    line.texts(CHILDREN, lost=False)
    line.texts("they hold ten people")
    line.texts("in a house by the canal")
    assert line.process.look() == 2
    assert line.world.written() == [CHILDREN, "they hold ten people", "in a house by the canal"]
    assert line.process.look() == 0
    assert len(line.world.reports()) == 1


def test_each_look_begins_an_hour_before_the_last(line: Line) -> None:
    assert line.process.look() == 0
    first = line.cursor()
    assert first == line.world.now.isoformat()
    line.texts(CHILDREN)
    line.world.database.moment += OVERLAP - timedelta(minutes=1)
    assert line.process.look() == 1
    assert line.cursor() > first


def test_while_twilio_fails_the_cursor_stays_and_the_message_is_found_later(line: Line) -> None:
    line.texts(CHILDREN)
    line.gateway.fail_next(status=503)
    with pytest.raises(SendError):
        line.process.look()
    assert line.cursor() == ""
    assert line.process.look() == 1


def test_one_that_cannot_be_stored_holds_up_none_and_is_asked_for_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.texts("first " + CHILDREN)
    line.texts("second")
    receive = line.world.intake.receive

    def stumbles(inbound: Inbound, *rest: object) -> bool:
        if inbound.text == "second":
            raise RuntimeError("cannot be stored")
        return receive(inbound, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(line.world.intake), "receive", lambda _self, *given: stumbles(*given))
    assert line.process.look() == 1
    assert line.cursor() == ""
    monkeypatch.undo()
    assert line.process.look() == 1
    assert line.cursor()


def test_whatsapp_is_asked_for_too(line: Line) -> None:
    line.gateway.lose_next()
    line.gateway.text(f"whatsapp:{REPORTER}", CHILDREN)
    assert line.process.look() == 1
    assert line.world.report().channel == "whatsapp"


def test_a_young_one_is_left_to_its_webhook_which_says_more(line: Line) -> None:
    line.texts(CHILDREN)
    line.world.database.moment -= LONG + LONG
    assert line.process.look() == 0
    line.world.database.moment += LONG + LONG
    assert line.process.look() == 1


def test_what_came_by_its_webhook_is_not_even_claimed_again(line: Line) -> None:
    line.texts(CHILDREN, lost=False)
    line.process.look()
    with line.world.database.reading() as tx:
        assert tx.scalars(sa.select(InboundRow.repeats)).all() == [0]
