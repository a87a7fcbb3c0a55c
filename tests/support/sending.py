"""What tests of sending share: a gateway that remembers, and the rows of the outbox."""

from dataclasses import replace

import sqlalchemy as sa

from hotline.channels.contract import Outbound, Sender
from hotline.messaging.dispatcher import Dispatcher
from hotline.messaging.outbox import OutboxRow
from tests.journeys.world import World

REPORTER, AMNA, BILAL = "+923000000099", "+923000000001", "+923000000002"
TIP = "لاہور میں اینٹوں کے بھٹے پر کام"
DANGER = "لاہور میں بچی کو آج رات مار دیں گے خطرہ ہے"


class Slow:
    """A gateway that remembers which rows it was given; `dies` is a worker killed in the middle of a send."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.dies = False

    def send(self, message: Outbound) -> str:
        """Deliver."""
        self.taken.append(message.id)
        if self.dies:
            raise KeyboardInterrupt
        return "ref"


def posts(world: World, sender: Sender) -> Dispatcher:
    return replace(world.post, senders={"sms": sender})


def rows(world: World, *, public: bool | None = None) -> list[OutboxRow]:
    with world.database.reading() as tx:
        found = tx.scalars(sa.select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.id)).all()
    return [row for row in found if public is None or (row.contact_id is not None) is public]


def states(world: World, *, public: bool) -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in rows(world, public=public)]
