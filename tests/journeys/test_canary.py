"""One number, one CNIC and one name go in by every door and fail in every way; then they are looked for everywhere."""

import io
import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from hotline import reports
from hotline.channels.contract import Outbound, SendError
from hotline.channels.webchat import WebChat
from hotline.cli import main
from hotline.core import db, logs
from hotline.messaging.outbox import OutboxRow
from hotline.monitoring import heartbeats
from tests.journeys.world import World
from tests.servers import wait_until
from tests.web.site import Browser
from tests.web.test_webhooks import GOOD, application, signed
from workers.jobs import Senders

# The subscriber's part begins with 0, so it cannot ring; and it is no run of zeros, of which moments and counters have plenty.
NUMBER, CNIC, NAME, URDU_NAME = "3000718293", "35202-1234567-1", "Canarybird", "کینریبرڈ"
STORY = f"{NAME} {CNIC} from 0{NUMBER} locked ten people in a house in Lahore"
DIGITS = ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९")
URDU_STORY = f"{URDU_NAME} {CNIC} {NUMBER}".translate({ord(str(n)): DIGITS[0][n] for n in range(10)})


def spellings() -> set[bytes]:
    """Every form in which the three could have been written down."""
    ascii_forms = {NUMBER, NUMBER[2:], CNIC, CNIC.replace("-", ""), "1234567", NAME, NAME.lower()}
    others = {form.translate({ord(str(n)): digits[n] for n in range(10)}) for form in ascii_forms for digits in DIGITS}
    forms = ascii_forms | others | {URDU_NAME}
    plain = {form.encode() for form in forms} | {form.encode("utf-16-le") for form in forms}
    escaped = {json.dumps(form)[1:-1].encode() for form in forms}
    return {spelt for form in plain | escaped for spelt in (form, form.hex().encode())}


CANARIES = spellings()


def leaks(where: bytes) -> list[bytes]:
    """The canaries that are found there."""
    return sorted(canary for canary in CANARIES if canary in where or canary in where.lower())


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        URDU_STORY,
        f"+92{NUMBER}",
        CNIC.replace("-", ""),
        NAME.upper(),
        repr(STORY.encode().hex()),
        json.dumps(URDU_STORY),
    ],
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    assert leaks(text.encode())
    assert not leaks(b"P2 report 4821 Lahore. +923000000001")


class Trace:
    """What all loggers said: as the process would print it, and as any other handler would see it."""

    def __init__(self) -> None:
        self.printed, self.seen = io.StringIO(), io.StringIO()

    def listen(self) -> None:
        """After `logs.quiet`, beside and instead of what it has set up."""
        printed, seen = logging.StreamHandler(self.printed), logging.StreamHandler(self.seen)
        printed.setFormatter(logs.JsonFormatter())
        seen.setFormatter(_Bare())
        logging.root.handlers[:] = [printed, seen]
        logging.root.setLevel(logging.DEBUG)

    def everything(self) -> bytes:
        """All of it."""
        return (self.printed.getvalue() + self.seen.getvalue()).encode()


class _Bare(logging.Formatter):
    """Message, arguments and extra fields; no traceback, which only `Lines` is trusted with."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.getMessage()} { ({k: v for k, v in record.__dict__.items() if k not in ('exc_info', 'exc_text')}) }"


@pytest.fixture
def trace() -> Iterator[Trace]:
    """Loggers as they were, afterwards."""
    before = logging.root.handlers[:], logging.root.level
    levels = {name: logging.getLogger(name).level for name in logs.NOISY}
    yield Trace()
    logging.root.handlers[:], logging.root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline on each database, whose worker sleeps."""
    made = World(database_url, tmp_path)
    made.worker_sleeps = True
    yield made
    made.database.engine.dispose()


@pytest.fixture
def app(world: World, tmp_path: Path, redis_url: str, trace: Trace) -> Iterator[Flask]:
    """The whole application, with a doorbell."""
    made = application(world, tmp_path, redis_url=redis_url)
    trace.listen()
    yield made
    made.extensions["hotline"].database.engine.dispose()


class Crash:
    """A gateway whose error quotes everything it was given."""

    def send(self, message: Outbound) -> str:
        """Never succeeds."""
        raise RuntimeError(f"could not send {message.text!r} to {message.address} +92{NUMBER} {STORY}")


def webhook(app: Flask, text: str, number: int, **changed: str) -> int:
    fields = (
        GOOD | {"MessageSid": f"SM{number:032d}", "From": f"+92{NUMBER}", "Body": text, "ProfileName": NAME} | changed
    )
    fields = {name: value for name, value in fields.items() if value}
    return app.test_client().post("/in/twilio", data=fields, headers=signed(fields)).status_code


def by_every_door(app: Flask, world: World) -> None:
    """Messages, answers, codes, repeats, forgeries, gaps, a store that is away."""
    assert webhook(app, STORY, 1) == 200
    assert webhook(app, STORY, 1) == 200
    for number, text in enumerate(("1", URDU_STORY, f"Lahore, {NAME}", URDU_STORY, reports.new_code(), STORY), start=2):
        assert webhook(app, text, number) == 200
    assert webhook(app, STORY * 60, 20) == 200
    assert webhook(app, STORY, 21, MessageSid="") == 400
    assert webhook(app, STORY, 22, From=f"whatsapp:+92{NUMBER}") == 400
    forged = {"From": f"+92{NUMBER}", "Body": STORY}
    path = f"/in/twilio?from={NUMBER}&text={NAME}"
    assert app.test_client().post(path, data=forged).status_code == 403
    assert app.test_client().post(f"/status/twilio?id={NUMBER}", data=forged).status_code == 403
    assert webhook(app, f"1 {CNIC}", 23, From="+923000000001") == 200  # an officer's phone
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE entries RENAME TO away"))
    assert webhook(app, STORY, 24) == 503
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE away RENAME TO entries"))


def by_the_chat(app: Flask) -> None:
    browser = Browser(app.test_client())
    for text in (STORY, URDU_STORY):
        browser.opens("/chat")
        browser.sends("/chat/messages", text=text)
        assert browser.status == 200
    assert NAME in browser.page.text
    browser.opens(f"/chat?text={NAME}&number={NUMBER}")
    browser.client.post("/chat/messages", data={"text": STORY})  # without its token


def fails_in_every_way(world: World, app: Flask) -> None:
    """Sends that are refused, time out, crash the sender; and then some that arrive."""
    failures = [SendError("30003", retryable=False), SendError("timeout", retryable=True, unknown=True)]
    world.air.failures[f"+92{NUMBER}"] = [*failures, SendError("503", retryable=True)]
    world.database.moment = app.extensions["hotline"].database.now()
    while world.air.failures[f"+92{NUMBER}"]:
        assert world.post.deliver_one()
    crashing = Senders(replace(world.post, senders={"sms": Crash(), "webchat": Crash()}), 1)
    held = states(world).count("held")
    crashing.start()
    crashing.ring()
    wait_until(lambda: states(world).count("held") > held, "a crashed send")
    crashing.stop()
    assert webhook(app, STORY, 30) == 200
    world.database.moment = app.extensions["hotline"].database.now()
    world.post = replace(world.post, senders={"sms": world.air, "webchat": WebChat(world.database)})
    world.worker_sleeps = False
    assert webhook(app, STORY, 90) == 200  # whatever crashed stays held: its fate is unknown
    world.database.moment = app.extensions["hotline"].database.now()
    world.settle()
    assert world.air.heard[f"+92{NUMBER}"]


def states(world: World) -> list[str]:
    with world.database.reading() as tx:
        return list(tx.scalars(sa.select(OutboxRow.state)))


def tables(world: World) -> bytes:
    """Every row of every table, and each value of bytes as it is."""
    found = io.BytesIO()
    with world.database.reading() as tx:
        for table in db.Base.metadata.sorted_tables:
            for row in tx.execute(sa.select(table)):
                found.write(repr(tuple(row)).encode())
                found.write(b" ".join(value for value in row if isinstance(value, bytes)))
    return found.getvalue()


def everything_in(url: str) -> bytes:
    """All keys and values of a Redis; RQ packs what a job was given."""
    found = [b""]
    with redis.Redis.from_url(url) as client:
        read: dict[bytes, Any] = {
            b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
            b"list": lambda key: client.lrange(key, 0, -1), b"set": client.smembers,
            b"zset": lambda key: client.zrange(key, 0, -1), b"string": lambda key: [client.get(key)],
        }  # fmt: skip
        for key in client.scan_iter():
            found += [key, *read[client.type(key)](key)]
    return b"\n".join(found + [unpacked(value) for value in found])


def unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""


def test_no_number_no_cnic_and_no_name_is_found_anywhere_it_does_not_belong(
    app: Flask, world: World, trace: Trace, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_every_door(app, world)
    by_the_chat(app)
    wait_until(lambda: b"rq:" in everything_in(redis_url), "the doorbell")
    fails_in_every_way(world, app)
    world.forward(hours=9)
    with world.transaction() as tx:
        heartbeats.beat(tx, heartbeats.CLOCK, world.now)

    monkeypatch.setenv("HOTLINE_DATABASE_URL", str(app.extensions["hotline"].settings.database_url))
    monkeypatch.setenv("HOTLINE_KEYS_DIR", str(tmp_path / "keys"))
    for command in (("reports", "--json"), ("outbox", "--json"), ("reports",), ("outbox",), ("roster",), ("doctor",)):
        output = CliRunner().invoke(main, command).output
        assert output
        assert leaks(output.encode()) == [], command
    dump = tables(world)
    assert b"climbed" in dump
    assert leaks(dump) == []
    assert b"rq:" in everything_in(redis_url)
    assert leaks(everything_in(redis_url)) == []
    said = trace.everything()
    for event in (b"forged webhook", b"not stored", b"send failed"):
        assert event in said
    assert leaks(said) == []
    assert leaks(app.test_client().get("/metrics").data + app.test_client().get("/readyz").data) == []
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert leaks(files) == []
