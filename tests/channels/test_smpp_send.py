"""Texts leave over the bind as an SMSC wants them, and each way to fail says whether to try again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.channels.contract import Outbound, SendError
from hotline.channels.smpp.bind import Bind
from hotline.channels.smpp.link import BindAccount
from hotline.channels.smpp.receipts import Awaited
from hotline.channels.smpp.text import Receipt
from tests.servers import wait_until
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc, smsc

NADIA = "+923000000078"
LONG = "آپ کا پیغام مل گیا ہے۔ " * 12
MESSAGE = Outbound("row-1", "sms", NADIA, "P1 report 4821 Gujrat. Reply 1 4821 to accept, 2 4821 to pass.")


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """The operator's message centre."""
    with smsc() as running:
        yield running


@contextmanager
def binding(port: int, awaited: Awaited | None = None, enquire: float = 30.0, **account: Any) -> Iterator[Bind]:
    """A bind that keeps itself up, until the block ends."""
    known = replace(BindAccount("127.0.0.1", port, SYSTEM_ID, PASSWORD, sender=CODE, rate=1000.0), **account)
    bind, stop = Bind(known, lambda *_: None, awaited or Awaited(), enquire), threading.Event()
    thread = threading.Thread(target=bind.run, args=(stop,))
    thread.start()
    try:
        yield bind
    finally:
        stop.set()
        bind.leave()
        thread.join()


@contextmanager
def bound(centre: Smsc, awaited: Awaited | None = None, **account: Any) -> Iterator[Bind]:
    """As `binding`, once it stands."""
    with binding(centre.port, awaited, **account) as bind:
        wait_until(lambda: bind.bound, "the bind")
        yield bind


def failure(bind: Bind, message: Outbound = MESSAGE) -> SendError:
    """What a send that fails says."""
    with pytest.raises(SendError) as failed:
        bind.send(message)
    return failed.value


def test_a_page_is_one_part_of_gsm_with_a_receipt_and_an_end(centre: Smsc) -> None:
    with bound(centre) as bind:
        assert bind.send(MESSAGE) == "00000001"
        told = centre.expect("submitted")
    assert (told["to"], told["ton"], told["npi"], told["sender"]) == ("923000000078", 1, 1, CODE)
    assert (told["coding"], told["esm_class"], told["receipt"], told["text"]) == (0, 0, 1, MESSAGE.text)
    end = datetime.fromisoformat(told["validity"].replace("Z", "+00:00"))
    assert abs(end - datetime.now(UTC) - timedelta(minutes=15)) < timedelta(minutes=1)


def test_a_long_urdu_text_leaves_in_numbered_parts(centre: Smsc) -> None:
    with bound(centre) as bind:
        assert bind.send(Outbound("row-1", "sms", NADIA, LONG)) == f"{5:08x}"
        parts = [centre.expect("submitted", times=number) for number in range(1, 6)]
    assert "".join(part["text"] for part in parts) == LONG
    headers = [bytes.fromhex(part["udh"][0]) for part in parts]
    assert [tuple(header[:2]) + tuple(header[3:]) for header in headers] == [(0, 3, 5, n) for n in range(1, 6)]
    assert len({header[2] for header in headers}) == 1
    assert {(part["coding"], part["esm_class"]) for part in parts} == {(8, 0x40)}


@pytest.mark.parametrize(
    ("answers", "address", "text", "code", "retryable", "unknown"),
    [
        ([0x58], NADIA, "P1", "smpp_58", True, False),  # throttled
        ([0x14], NADIA, "P1", "smpp_14", True, False),  # queue full
        ([0x08], NADIA, "P1", "smpp_8", True, False),  # its own trouble
        ([0x0A], NADIA, "P1", "smpp_a", True, False),  # our sender
        ([0x45], NADIA, "P1", "smpp_45", True, False),  # submit failed
        ([0x0B], NADIA, "P1", "smpp_b", False, False),  # no such number
        ([0x01], NADIA, "P1", "smpp_1", False, False),
        ([0x411], NADIA, "P1", "smpp_411", True, False),  # a vendor's own
        (["cut"], NADIA, "P1", "cut_off", True, True),
        ([0, 0x0B], NADIA, LONG, "smpp_b", False, True),  # the first part is out
        ([0, "cut"], NADIA, LONG, "cut_off", True, True),
        ([], "JazzCash", "P1", "no_number", False, False),
        ([], NADIA, "آ" * 67 * 256, "too_long", False, False),
    ],
)
def test_each_way_to_fail_says_whether_to_try_again(
    centre: Smsc, answers: list[Any], address: str, text: str, code: str, retryable: bool, unknown: bool
) -> None:
    with bound(centre) as bind:
        centre.tell("answer", **{"with": answers})
        error = failure(bind, Outbound("row-1", "sms", address, text))
    assert (error.code, error.retryable, error.unknown) == (code, retryable, unknown)
    assert error.wait == (5 if code in {"smpp_58", "smpp_14"} else 0)


def test_an_answer_that_does_not_come_leaves_the_fate_unknown(centre: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.channels.smpp.bind.TIMEOUT", 0.3)
    with bound(centre) as bind:
        centre.tell("answer", **{"with": ["silence"]})
        error = failure(bind)
    assert (error.code, error.retryable, error.unknown) == ("timeout", True, True)


def test_without_a_bind_nothing_has_left(centre: Smsc) -> None:
    with binding(centre.port, password="wrong") as bind:
        centre.expect("refused")
        error = failure(bind)
    assert (error.code, error.retryable, error.unknown) == ("not_bound", True, False)


def test_a_part_behind_another_is_tried_again_when_it_is_throttled(centre: Smsc) -> None:
    with bound(centre) as bind:
        centre.tell("answer", **{"with": [0, 0x58, 0x58, 0]})
        bind.send(Outbound("row-1", "sms", NADIA, LONG))
    taken = [each["text"] for each in centre.of("submitted", how=0)]
    assert "".join(taken) == LONG


def test_the_bind_comes_back_after_a_cut_and_takes_leave_at_the_end(centre: Smsc) -> None:
    with bound(centre) as bind:
        centre.tell("cut")
        centre.expect("bound", times=2)
        wait_until(lambda: bind.bound, "the bind")
        assert bind.send(MESSAGE) == "00000001"
    centre.expect("unbound")


def test_an_operator_that_answers_no_question_is_left(centre: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.channels.smpp.link.TIMEOUT", 0.5)
    centre.tell("deaf")
    with bound(centre, enquire=0.1):
        centre.expect("closed")
        centre.expect("bound", times=2)


def test_the_window_bounds_what_is_under_way(centre: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.channels.smpp.bind.TIMEOUT", 0.5)
    with bound(centre, window=2) as bind:
        centre.tell("answer", **{"with": ["silence"] * 3})
        threads = [threading.Thread(target=failure, args=(bind,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        centre.expect("submitted", times=2)
        assert failure(bind).code in {"window_full", "timeout"}
        for thread in threads:
            thread.join()


def test_a_message_of_parts_has_arrived_with_its_last_part_and_failed_with_any(centre: Smsc) -> None:
    awaited = Awaited()
    with bound(centre, awaited) as bind:
        bind.send(Outbound("row-1", "sms", NADIA, LONG))
        bind.send(MESSAGE)
    ids = [f"{number:08x}" for number in range(1, 7)]
    for message_id in ids[:4]:
        assert awaited.take(Receipt(message_id, "delivered")) is None
    assert awaited.take(Receipt(ids[0], "delivered")) is None  # a receipt that comes again
    whole = awaited.take(Receipt(ids[4], "delivered"))
    assert whole is not None
    assert (whole.outbox_id, whole.state) == ("row-1", "delivered")
    failed = awaited.take(Receipt(ids[5].lstrip("0"), "failed", "5"))
    assert failed is not None
    assert (failed.outbox_id, failed.state, failed.detail) == ("row-1", "failed", "5")
    assert not awaited.knows(Receipt("77", "delivered"))
