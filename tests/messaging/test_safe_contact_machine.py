"""Any sequence of messages, sleeping workers and clock moves: nothing fails, nothing said is lost, nothing leaves unsafely."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.channels.contract import Outbound
from hotline.messaging import safe_contact
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.journeys.clock import MONDAY
from tests.journeys.desk import kept
from tests.journeys.world import LOADED, World

WINDOW = timedelta(minutes=15)
KARACHI = ZoneInfo("Asia/Karachi")
WORDS = st.sampled_from(
    ["1", "2", "3", "9", "0", "", "😀", "salam", "X", "مدد", "گلاب", "چمبیلی", "subah 10 se 12", "raat 9 ke baad", "wrong number",
     "call mat karna", "CODE", "CODE", "Lahore", "the van is white and has a broken light", "لاہور میں 12 لوگ بند ہیں",
     "jaan ka khatra hai"]
)  # fmt: skip
# To the questions where safe hours and a check word are chosen: without it few walks come there.
ROAD = ("مدد", "1", "2", "9", "9", "9", "9", "9", "9", "9", "2", "subah 10 se 12", "گلاب", "9", "9", "1")
STEPS = st.one_of(
    st.tuples(st.just("says"), WORDS),
    st.tuples(st.just("waits"), st.sampled_from([1, 14, 16, 70, 600, 1500])),
    st.tuples(st.just("worker"), st.booleans()),
    st.tuples(st.just("clock"), st.none()),
)


class Watched:
    """A gateway that knows the rules by itself, from what was told and when, and not from the rows."""

    def __init__(self, world: World) -> None:
        self.world, self.last, self.silent, self.hours, self.ids = world, MONDAY, False, False, set[str]()
        self.air = world.air

    def __getattr__(self, name: str) -> Any:
        """The rest is the story's gateway."""
        return getattr(self.air, name)

    def send(self, message: Outbound) -> str:
        """Raises AssertionError for a message that must not leave now."""
        if message.address != "+923000000099":
            return self.air.send(message)
        assert message.id not in self.ids, "said twice"
        self.ids.add(message.id)
        now = self.world.now
        assert not self.silent, "said to somebody under duress"
        within = self.hours and now.astimezone(KARACHI).hour in (10, 11, 21, 22)
        assert now - self.last <= WINDOW or within, f"said {now - self.last} after their last word"
        return self.air.send(message)


def fresh(world: World) -> Watched:
    """Nobody has written yet."""
    with world.transaction() as tx:
        for name in ("outbox", "pages", "entries", "reports", "contacts"):
            tx.execute(sa.text(f"DELETE FROM {name}"))
    gateway = Watched(world)
    gateway.air = getattr(gateway.air, "air", gateway.air)
    world.post.senders["sms"] = gateway  # type: ignore[index]
    world.worker_sleeps = False
    return gateway


def the_contact(world: World) -> Contact | None:
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Contact).where(Contact.erased_at.is_(None))).first()


def says(world: World, gateway: Watched, text: str) -> None:
    gateway.last = world.now
    before = the_contact(world)
    world.send("+923000000099", text)
    after = the_contact(world)
    assert after is not None
    gateway.hours = after.safety == "safe_hours"
    gateway.silent = after.safety == "duress"
    order = ["unknown", "ok_now", "safe_hours", "pull_only", "never", "duress"]
    assert before is None or order.index(before.safety) <= order.index(after.safety), "loosened by a message"


@pytest.mark.long
@pytest.mark.parametrize(
    "road",
    [(), ROAD, (*ROAD, "wrong number")],
    ids=["from the beginning", "with hours and a word", "under duress"],
)
def test_any_walk_is_safe_and_loses_nothing(world: World, road: tuple[str, ...]) -> None:
    @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.lists(STEPS, max_size=14))
    def walk(steps: list[tuple[str, Any]]) -> None:
        gateway, said, code = fresh(world), list[str](), ""
        for text in road:
            says(world, gateway, text)
        for what, value in steps:
            if what == "says":
                text = code or "9" if value == "CODE" else value
                says(world, gateway, text)
                said += [text] if LOADED.words.substance(text) and len(text) > 12 else []
            elif what == "waits":
                world.forward(minutes=value)
            elif what == "worker":
                world.worker_sleeps = not value
                world.settle()
            else:
                with world.transaction() as tx:
                    safe_contact.release_due(tx, world.now)
                world.settle()
            world.database.moment += timedelta(seconds=1)
        told = [text for _, text in kept(world)]
        not_told = {"wrong number", "call mat karna"}  # signs, not words
        assert [text for text in said if text not in told and text not in not_told] == []
        with world.database.reading() as tx:
            public = sa.select(OutboxRow.state).where(OutboxRow.contact_id.is_not(None))
            states = set(tx.scalars(public))
            assert tx.scalars(sa.select(Report.id)).all() is not None
        assert states <= {"queued", "sent", "delivered", "held", "withdrawn"}

    walk()
