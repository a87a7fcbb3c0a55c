"""The outbox's SMS leave over the bind, by that process alone; receipts find their message, after a restart too."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.app import Hotline
from hotline.channels import registry
from hotline.channels.contract import Outbound
from hotline.channels.traits import TRAITS
from hotline.core import db, vault
from hotline.core.settings import Settings
from hotline.core.vault import ROLE_KEYS, Vault
from hotline.escalation import paging
from hotline.messaging import outbox
from hotline.messaging.dispatcher import Dispatcher
from hotline.monitoring import heartbeats
from hotline.staff.tables import OfficerAddress
from tests.journeys.told import CHILDREN, NOWHERE
from tests.journeys.world import World
from tests.monitoring.test_watchdog import Watchmen
from tests.servers import wait_until
from tests.smsc import Smsc, smsc
from tests.smsc.process import bound, settings
from workers.jobs import Senders

NADIA = "+923000000078"
AMNA = "+923000000001"


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """The operator's message centre."""
    with smsc() as running:
        yield running


def page(world: World, text: str = "P1") -> str:
    """A page to Amna; its row's id."""
    dedupe = db.new_id()
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.index == world.keys.index("sms", AMNA))).one()
        world.box.answer(tx, (amna.id, "sms"), text, dedupe=dedupe, now=world.now)
    return next(row.id for row in world.rows() if row.dedupe == dedupe)


def state(world: World, row_id: str) -> str:
    """Where a row stands."""
    return next(row.state for row in world.rows() if row.id == row_id)


def test_a_report_by_sms_is_answered_and_paged_over_the_bind(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        assert centre.texts(CHILDREN) == 0
        centre.expect("submitted", to="923000000078")
        paged = centre.expect("submitted", to=AMNA[1:])
        wait_until(
            lambda: all(row.state == "sent" for row in world.rows() if row.not_before <= world.now), "all marked"
        )
        assert centre.reports(paged["id"], "DELIVRD", source_addr=AMNA[1:]) == 0
        assert [row.state for row in world.rows() if row.provider_ref == paged["id"]] == ["delivered"]


@pytest.mark.parametrize(
    ("name", "said", "becomes"),
    [("{}", "DELIVRD", "delivered"), ("{}", "UNDELIV", "failed"), ("{decimal}", "DELIVRD", "delivered")],
)
def test_a_receipt_after_a_restart_finds_its_message(
    world: World, centre: Smsc, name: str, said: str, becomes: str
) -> None:
    with bound(world, centre):
        row_id = page(world)
        wait_until(lambda: state(world, row_id) == "sent", "the page")
        reference = centre.expect("submitted")["id"]
    with bound(world, centre):
        assert centre.reports(name.format(reference, decimal=int(reference, 16)), said) == 0
        assert state(world, row_id) == becomes
        assert centre.reports(reference, "ENROUTE") == 0
        assert centre.reports("deadbeef", "DELIVRD") == 0
        assert state(world, row_id) == becomes


def test_receipts_that_cannot_be_kept_come_again(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        row_id = page(world)
        wait_until(lambda: state(world, row_id) == "sent", "the page")
        reference = centre.expect("submitted")["id"]
        world.database.away = True
        assert centre.reports(reference, "DELIVRD") != 0
        world.database.away = False
        assert centre.reports(reference, "DELIVRD") == 0
        assert state(world, row_id) == "delivered"


def test_a_cut_in_the_middle_sends_a_page_again_and_holds_an_answer_to_the_public(world: World, centre: Smsc) -> None:
    with bound(world, centre):
        centre.tell("answer", **{"with": ["cut"]}, to=NADIA[1:])
        assert centre.texts(NOWHERE) == 0
        wait_until(lambda: world.rows("held"), "the answer that is held")
        centre.expect("bound", times=2)
        centre.tell("answer", **{"with": ["cut"]}, to=AMNA[1:])
        row_id = page(world)
        wait_until(lambda: centre.of("submitted", to=AMNA[1:]), "the page")
        world.forward(seconds=30)
        wait_until(lambda: state(world, row_id) == "sent", "the page, again")
    assert [row.reason for row in world.rows("held")] == [outbox.UNKNOWN_FATE]
    assert len(centre.of("submitted", to=NADIA[1:])) <= 1


class Other:
    """A sender of another channel."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, message: Outbound) -> str:
        """Take it."""
        self.taken.append(message.channel)
        return "ref"


def test_the_worker_leaves_sms_alone_where_there_is_a_bind(world: World) -> None:
    configured = settings(2775)
    senders = registry.senders(configured, world.database)
    assert "sms" not in senders
    row_id, other = page(world), Other()
    with world.transaction() as tx:
        amna = tx.scalars(sa.select(OfficerAddress)).first()
        assert amna is not None
        tx.add(
            OfficerAddress(
                id="telegram", officer_id=amna.officer_id, channel="telegram", index=b"i" * 16,
                address=world.keys.seal_for("worker", b"700000001", "officer telegram telegram"),
            )
        )  # fmt: skip
        world.box.answer(tx, ("telegram", "telegram"), "P1", dedupe=db.new_id(), now=world.now)
    post = Dispatcher(
        world.database, Vault(world.folder / "keys", "worker"), {"telegram": other}, lambda *_: None, paging.text
    )
    running = Senders(post, 2, elsewhere=registry.elsewhere(configured))
    running.start()
    wait_until(lambda: other.taken, "the page by Telegram")
    running.stop()
    assert (other.taken, state(world, row_id)) == (["telegram"], "queued")
    assert registry.elsewhere(Settings()) == frozenset()


def test_the_channels_that_are_not_the_binds_are_all_there_are(world: World) -> None:
    assert {*registry.senders(Settings(), world.database)} | {"sms", "ussd"} <= TRAITS.keys()


def test_the_process_needs_the_keys_of_intake_and_worker_and_no_others(tmp_path: Path, sqlite_url: str) -> None:
    vault.make_keys(tmp_path / "all")
    (tmp_path / "some").mkdir()
    for file in (tmp_path / "all").iterdir():
        if file.suffix == ".pub" or file.stem in ROLE_KEYS["smpp"]:
            file.rename(tmp_path / "some" / file.name)
    parts = Hotline(Settings(database_url=sqlite_url, keys_dir=tmp_path / "some"), "smpp")
    parts.build("intake", "escalation", "database")
    with pytest.raises(vault.KeyMissing):
        parts.vault.open_as("console", b"", "report")
    parts.database.engine.dispose()


def test_a_bind_that_is_gone_is_an_alarm_and_one_that_never_was_is_none(world: World, centre: Smsc) -> None:
    watchmen = Watchmen(world)
    watchmen.pass_by(60)
    assert "alarm" not in world.events()
    with bound(world, centre) as process:
        process.tick()
    with world.database.reading() as tx:
        assert heartbeats.last(tx, heartbeats.SMPP) == world.now
    watchmen.pass_by(40)
    assert world.record("alarm") == []
    watchmen.pass_by(20)
    assert [data["kind"] for _, data in world.record("alarm")] == ["gateway_failing"]
    with world.transaction() as tx:
        heartbeats.beat(tx, heartbeats.SMPP, world.now + timedelta(seconds=5))
    watchmen.pass_by(10)
    assert len(world.record("alarm_over")) == 1
