"""The drill goes the whole way by itself; its failure is an alarm; nobody else can hold one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.app import create_app
from hotline.channels import drill as channel
from hotline.channels.contract import Forged, Malformed, Outbound, Request, SendError
from hotline.channels.drill import DrillLine
from hotline.cli import loading
from hotline.conversation import places
from hotline.core import audit, db, vault
from hotline.core.settings import ROOT, Settings
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.local.demo.setup import DIRECTORY
from hotline.monitoring import alarms, drill, heartbeats
from hotline.monitoring.drill import Drill
from hotline.reports.tables import Report
from tests.journeys.phones import Phone
from tests.journeys.world import World

URL = "https://hotline.example"
SECRET = b"s" * 32


class Ground:
    """A hotline that holds drills, with the way of their calls in the story's hands."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken = False  # the public address does not answer
        self.line = DrillLine(SECRET, URL, self.post)
        world.post = replace(world.post, senders={**world.post.senders, channel.CHANNEL: self.line})
        self.drills = Drill(world.clock_engine, self.line.call, timedelta(days=1), lambda act: act())
        with world.transaction() as tx:
            drill.prepare(tx, world.keys, world.rules.tiers, world.now)

    def post(self, url: str, body: bytes, signature: str) -> None:
        """What the internet does between a call and the door."""
        assert url == f"{URL}/in/drill"
        if self.broken:
            raise ConnectionRefusedError
        for inbound in self.line.receive(signed(body, signature)):
            self.world.intake.receive(inbound, self.world.now)  # type: ignore[arg-type]  # it gives no delivery reports

    def pass_by(self, **delta: float) -> None:
        """Let time pass; the clock looks before and after."""
        for moved in ({}, delta):
            self.world.forward(**moved)
            self.drills.look(self.world.database, self.world.now)
            self.world.settle()


def signed(body: bytes, signature: str) -> Request:
    return Request("POST", f"{URL}/in/drill", {channel.SIGNATURE: signature}, {}, {}, body)


@pytest.fixture
def ground(world: World) -> Ground:
    """A hotline that holds drills daily."""
    made = Ground(world)
    made.pass_by(seconds=1)
    return made


@pytest.fixture
def fatima(world: World) -> Phone:
    """HQ's desk."""
    return world.phone("fatima", "+923000000005")


def reports(world: World) -> list[tuple[str, str, str, str | None]]:
    with world.database.reading() as tx:
        found = tx.scalars(sa.select(Report).order_by(Report.opened_at)).all()
        return [(report.kind, report.circle, report.status, report.outcome) for report in found]


def test_a_drill_is_held_once_a_day_from_the_door_to_the_answer_and_told_to_nobody(
    world: World, ground: Ground
) -> None:
    ground.pass_by(hours=23)
    assert reports(world) == []
    ground.pass_by(hours=1, seconds=1)
    ground.pass_by(seconds=10)
    assert reports(world) == [("test", "drill", "closed", "test")]
    ground.pass_by(hours=20)
    assert len(reports(world)) == 1
    ground.pass_by(hours=4)
    ground.pass_by(seconds=10)
    assert reports(world) == [("test", "drill", "closed", "test")] * 2
    assert world.events("drill_begun", "drill_passed", "drill_failed") == ["drill_begun", "drill_passed"] * 2
    world.everybody_is_silent()


def no_worker(world: World, _ground: Ground) -> None:
    world.worker_sleeps = True


def no_door(_world: World, ground: Ground) -> None:
    ground.broken = True


@pytest.mark.parametrize("fault", [no_worker, no_door])
def test_a_drill_that_is_not_answered_within_two_minutes_is_told_to_hq_and_held_again_until_one_passes(
    world: World, ground: Ground, fatima: Phone, fault: Callable[[World, Ground], None]
) -> None:
    fault(world, ground)
    ground.pass_by(hours=24)
    ground.pass_by(seconds=90)
    with world.database.reading() as tx:
        assert alarms.current(tx) == []
    ground.pass_by(seconds=31)
    with world.transaction() as tx:
        assert [alarm.kind for alarm in alarms.current(tx)] == ["drill_failed"]
        alarms.tell(tx, world.box, world.rules.tiers, world.now)
    world.worker_sleeps = ground.broken = False
    world.settle()
    fatima.expects("Hotline: the drill failed at 10:02. Look at the console.")
    ground.pass_by(minutes=15)
    ground.pass_by(seconds=10)
    with world.database.reading() as tx:
        assert alarms.current(tx) == []
    assert {state for *_, state, _ in reports(world)} == {"closed"}
    world.everybody_is_silent()


def test_two_clocks_hold_one_drill(world: World, ground: Ground) -> None:
    other = Drill(world.clock_engine, ground.line.call, timedelta(days=1), lambda act: act())
    world.forward(hours=25)
    with world.database.reading() as tx:
        begun = heartbeats.last(tx, drill.BEGUN)
    assert begun is not None
    for each in (ground.drills, other):  # both saw that one is due
        each._begin(world.database, begun, world.now)
    assert world.events("drill_begun") == ["drill_begun"]
    assert len(reports(world)) == 1


def test_before_a_directory_with_drills_is_loaded_nothing_happens(world: World) -> None:
    calls: list[str] = []
    drills = Drill(world.clock_engine, lambda peer, _text: calls.append(peer), timedelta(days=1))
    drills.look(world.database, world.now)
    world.forward(hours=30)
    drills.look(world.database, world.now)
    assert calls == []


def test_the_circle_of_drills_has_no_gap_no_district_and_is_made_once(world: World, ground: Ground) -> None:
    with world.transaction() as tx:
        drill.prepare(tx, world.keys, world.rules.tiers, world.now)
    with world.database.reading() as tx:
        assert [gap for gap in staff.gaps(tx, world.rules.tiers, world.now) if gap.circle == "drill"] == []
        assert "drill" not in staff.current_directory(tx).districts.values()
    assert world.events("drill_prepared") == ["drill_prepared"]


def test_a_page_that_is_sent_twice_is_answered_once(world: World, ground: Ground) -> None:
    ground.pass_by(hours=24)
    page = Outbound("7f3c", "drill", "robot", "P2 report 4821 Drill. Reply 1 4821 to accept, 2 4821 to pass.")
    ground.line.send(page)
    ground.line.send(page)
    assert len(world.events("token_unknown")) == 1


@pytest.mark.parametrize("said", ["Report 4821 is yours. Reply 4821 for its facts.", "Hotline: no SMS has left.", ""])
def test_the_robot_answers_pages_and_nothing_else(said: str) -> None:
    calls: list[bytes] = []
    line = DrillLine(SECRET, URL, lambda _url, body, _signature: calls.append(body))
    assert line.send(Outbound("1", "drill", "robot", said)) == "heard"
    assert calls == []


def test_an_address_that_does_not_answer_is_a_send_that_is_tried_again() -> None:
    def refuse(_url: str, _body: bytes, _signature: str) -> None:
        raise ConnectionRefusedError

    with pytest.raises(SendError) as failed:
        DrillLine(SECRET, URL, refuse).call("reporter", "Drill")
    assert failed.value.retryable


GENUINE = json.dumps({"id": "1", "from": "reporter", "text": "Drill"}).encode()


def sign(body: bytes, secret: bytes = SECRET) -> str:
    found: list[str] = []
    line = DrillLine(secret, URL, lambda _url, _body, signature: found.append(signature))
    return line._sign(body)


@pytest.mark.parametrize(
    ("body", "signature", "outcome"),
    [
        (GENUINE, "", Forged),
        (GENUINE, "é", Forged),
        (GENUINE, sign(GENUINE, b"o" * 32), Forged),
        (GENUINE, sign(GENUINE + b" "), Forged),
        (b"{}", sign(b"{}"), Malformed),
        (b"[]", sign(b"[]"), Malformed),
        (b"\xff", sign(b"\xff"), Malformed),
        (b'{"id": 1, "from": "a", "text": "b"}', sign(b'{"id": 1, "from": "a", "text": "b"}'), Malformed),
    ],
)
def test_a_call_that_is_not_ours_is_refused(body: bytes, signature: str, outcome: type[Exception]) -> None:
    with pytest.raises(outcome):
        DrillLine(SECRET, URL).receive(signed(body, signature))


def test_the_door_takes_a_signed_call_and_refuses_any_other(database_url: str, tmp_path: Path) -> None:
    vault.make_keys(tmp_path / "keys")
    settings = Settings(database_url=database_url, keys_dir=tmp_path / "keys", public_url=URL)
    secret = vault.drill_secret(tmp_path / "keys")
    store, rules = db.Database(database_url), policy.load(ROOT / "flows" / "escalation.yaml")
    with store.transaction() as tx:
        policy.register(tx, rules, store.now())
        keys, found = Vault(tmp_path / "keys", "operator"), places.Places.load(ROOT / "flows" / "districts.tsv")
        loading.load(tx, keys, found, rules.tiers, DIRECTORY, store.now())
        drill.prepare(tx, keys, rules.tiers, store.now())
    app = create_app(settings)
    client = app.test_client()
    statuses = []
    DrillLine(secret, URL, lambda _url, body, signature: statuses.append(
        client.post("/in/drill", data=body, headers={channel.SIGNATURE: signature}).status_code)).call("reporter", "x")  # fmt: skip
    statuses.append(client.post("/in/drill", data=GENUINE, headers={channel.SIGNATURE: sign(GENUINE)}).status_code)
    assert statuses == [200, 403]
    with store.reading() as tx:
        assert tx.execute(sa.select(Report.circle)).scalars().all() == ["drill"]
        assert audit.verify(tx)[1] is None
    for database in (store, app.extensions["hotline"].database):
        database.engine.dispose()


@pytest.mark.parametrize(("change", "held"), [({}, True), ({"drill_every": "PT0S"}, False), ({"demo": True}, False)])
def test_where_drills_are_off_there_is_no_door_for_them(
    world: World, tmp_path: Path, change: dict[str, object], held: bool
) -> None:
    settings = Settings(keys_dir=tmp_path / "keys", **change)  # type: ignore[arg-type]  # pydantic converts them
    assert (drill.of(settings, world.clock_engine) is not None) is held


def test_keys_made_before_there_were_drills_hold_none(world: World, tmp_path: Path) -> None:
    (tmp_path / "keys" / "drill.key").unlink()
    assert drill.of(Settings(keys_dir=tmp_path / "keys"), world.clock_engine) is None
