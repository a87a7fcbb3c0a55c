"""An aggregator's calls, row by row, in the shapes that are shipped: what counts, what is forged, what is malformed."""

import json
from pathlib import Path
from typing import Any

import pytest

from hotline.channels.aggregator import mapping
from hotline.channels.aggregator.channel import STEP, HttpAggregator
from hotline.channels.contract import MAX_TEXT, Delivery, Forged, Inbound, Malformed, Request
from hotline.core.datafile import DataFileError
from tests.channels.peers import PATIENCE

SECRET, ID, REPORTER = "word-of-the-aggregator", "8c75cd1d-81a7-4c88", "+923000000099"
URDU = "مدد".encode("utf-16-be").hex()


def aggregator(named: str = "jasmin", url: str = "http://127.0.0.1:9/", **changed: Any) -> HttpAggregator:
    settings = {"username": "hotline", "password": "pass", "secret": SECRET, "sender": "8398", "timeout": PATIENCE}
    shape = mapping.load(named)
    return HttpAggregator(mapping=shape, url=url, public_url="https://hotline.example", **{**settings, **changed})


def form(secret: str = SECRET, **fields: str) -> Request:
    """Jasmin's call."""
    named = {"from": REPORTER, "to": "8398", "id": ID, "coding": "0", "content": "help"} | fields
    listed = {name: [value] for name, value in named.items()}
    return Request("POST", "https://hotline.example/in/http", {}, listed, {}, b"", secret)


def query(secret: str = SECRET, **fields: str) -> Request:
    """M3Tech's call."""
    listed = {name: [value] for name, value in ({"MobileNo": "923000000099", "SMS": "مدد"} | fields).items()}
    return Request("POST", "https://hotline.example/in/http", {}, {}, listed, b"", secret)


def said(text: str, peer: str = REPORTER, *, truncated: bool = False) -> list[Inbound]:
    return [Inbound("sms", f"http:{ID}", peer, text, truncated)]


@pytest.mark.parametrize(
    ("name", "request_", "expected"),
    [
        ("a tip", form(content="مدد"), said("مدد")),
        ("national spelling", form(**{"from": "03000000099"}), said("help")),
        ("no plus", form(**{"from": "923000000099"}), said("help")),
        ("two zeros", form(**{"from": "00923000000099"}), said("help")),
        ("a plus become a space", form(**{"from": " 923000000099"}), said("help")),
        ("a name for a sender", form(**{"from": "TELENOR"}), said("help", "TELENOR")),
        ("nothing said", form(content=""), said("")),
        ("UCS-2 in hexadecimal digits", form(content="?", coding="8", binary=URDU), said("مدد")),
        ("the same in capitals", form(content="?", coding="8", binary=URDU.upper()), said("مدد")),
        ("GSM-7 in hexadecimal digits", form(content="", coding="0", binary="00411b65"), said("@A€")),
        ("Latin-1 in hexadecimal digits", form(content="", coding="3", binary="e9"), said("é")),
        ("half a letter", form(coding="8", binary="064506"), said("م\ufffd")),
        ("half a surrogate", form(content="\ud800"), said("\ufffd")),
        ("bidi controls and a NUL", form(content="\u202ea\0b"), said("\u202eab")),
        ("one megabyte", form(content="x" * 10**6), said("x" * MAX_TEXT, truncated=True)),
    ],
)  # fmt: skip
def test_what_counts(name: str, request_: Request, expected: list[Inbound]) -> None:
    assert aggregator().receive(request_) == expected, name


@pytest.mark.parametrize("secret", ["", "word", SECRET + "x", "\udc80"])
def test_without_the_secret_nothing_is_read(secret: str) -> None:
    for read in (aggregator().receive, aggregator().delivery):
        with pytest.raises(Forged):
            read(form(secret))


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (form(**{"from": " "}), "from"),
        (form(coding="8", binary="06 4"), "binary"),
        (form(coding="8", binary="hotline"), "binary"),
        (Request("POST", "", {"content-type": "text/plain"}, {}, {}, b"from=1&content=x", SECRET), "from"),
    ],
)
def test_what_cannot_be_read_names_the_field(request_: Request, field: str) -> None:
    with pytest.raises(Malformed, match=field) as caught:
        aggregator().receive(request_)
    assert "hotline" not in str(caught.value)


def test_a_query_without_an_id_is_a_message_like_others() -> None:
    [message] = aggregator("m3tech").receive(query())
    assert (message.peer, message.text) == (REPORTER, "مدد")


@pytest.mark.parametrize("no_id", ["", "0", "null", "(null)", "None", "x" * 129, "a b"])
def test_messages_without_an_id_do_not_collide_and_a_repeat_is_one(no_id: str) -> None:
    calls = [form(id=no_id), form(id=no_id, **{"from": "+923000000098"}), form(id=no_id, content="other")]
    one = aggregator(clock=lambda: 10.0 * STEP)
    ids = [one.receive(each)[0].provider_id for each in calls]
    assert len(set(ids)) == len(calls)
    assert one.receive(form(id=no_id, **{"from": "03000000099"}))[0].provider_id == ids[0]
    assert aggregator(clock=lambda: 10.0 * STEP + STEP - 1).receive(calls[0])[0].provider_id == ids[0]
    assert aggregator(clock=lambda: 11.0 * STEP).receive(calls[0])[0].provider_id != ids[0]


def test_the_providers_own_time_counts_before_ours() -> None:
    calls = [query(ReceivedTime="2026-11-27 08:21:37"), query(ReceivedTime="2026-11-27 08:21:38")]
    early, late = aggregator("m3tech", clock=lambda: 0.0), aggregator("m3tech", clock=lambda: 1e9)
    assert early.receive(calls[0])[0].provider_id == late.receive(calls[0])[0].provider_id
    assert early.receive(calls[0])[0].provider_id != early.receive(calls[1])[0].provider_id


def report(state: str, outbox_id: str = "7f3c", named: str = "message_status") -> Request:
    listed = {"id": [ID], named: [state]}
    return Request("POST", "", {}, listed, {"id": [outbox_id], "Status": [state]}, b"", SECRET)


@pytest.mark.parametrize(
    ("word", "state"),
    [("DELIVRD", "delivered"), ("UNDELIV", "failed"), ("ESME_ROK", "sent"), ("ESME_RTHROTTLED", "failed")],
)
def test_what_its_reports_mean(word: str, state: Any) -> None:
    assert aggregator().delivery(report(word)) == [Delivery("7f3c", state)]


@pytest.mark.parametrize(
    ("request_", "field"), [(report("1", ""), "id"), (report(" "), "Status"), (report("9"), "Status")]
)
def test_a_report_that_cannot_be_read_names_the_field(request_: Request, field: str) -> None:
    with pytest.raises(Malformed, match=field):
        aggregator("m3tech").delivery(request_)


def test_jasmin_hears_its_word_and_nothing_else() -> None:
    assert aggregator().answer(form()).body == aggregator().acknowledge(report("DELIVRD")).body == "ACK/Jasmin"


JSON = """
in: {where: json, sender: msisdn, text: message, id: mid}
status: {where: json, state: s, states: {ok: delivered}}
out: {where: json, to: t, text: m, unicode: {field: m}, taken: 'ok'}
"""


def test_a_mapping_of_ones_own_reads_json(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(JSON, encoding="utf-8")
    own = aggregator(str(path))
    body = json.dumps({"msisdn": 923000000099, "message": "مدد", "mid": 7, "more": {"a": 1}, "flag": True}).encode()
    assert own.receive(Request("POST", "", {}, {}, {}, body, SECRET)) == [Inbound("sms", "http:7", REPORTER, "مدد")]
    for bad in (b"", b"{", b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(Malformed, match="body"):
            own.receive(Request("POST", "", {}, {}, {}, bad, SECRET))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sender: msisdn, ", "", "own.yaml:2: in.sender: "),
        ("where: json, state", "where: body, state", "own.yaml:3: status.where: "),
        ("{ok: delivered}", "{ok: arrived}", "own.yaml:3: status.states.ok: "),
        ("{ok: delivered}", "{}", "own.yaml:3: status.states: "),
        ("to: t", "to: t, recipient: r", "own.yaml:4: out.recipient: "),
        ("taken: 'ok'", "taken: '('", "own.yaml:4: out.taken: "),
    ],
)
def test_a_mapping_with_an_error_names_file_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(JSON.replace(old, new), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        mapping.load(str(path))
    assert told in str(caught.value)


def test_a_name_that_is_not_shipped_is_said() -> None:
    with pytest.raises(DataFileError, match=r"mappings/jazmin\.yaml: "):
        mapping.load("jazmin")
