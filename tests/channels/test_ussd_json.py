"""USSD by JSON, row by row, in each of the shapes: what is a hop, what is an end, what is malformed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import MAX_TEXT, Forged, Hop, Inbound, Malformed, Request, Screen
from hotline.channels.ussd.json_gateways import JsonUssd
from tests.channels.test_telegram_receive import JSON
from tests.support.handsets import SECRET

PEER, SESSION = "+923000000099", "3c796dac28174f739de4262d08409c51"
HUBTEL = {
    "Type": "Response", "Message": "1", "ServiceCode": "713*2", "Operator": "vodafone", "ClientState": "",
    "Mobile": "923000000099", "SessionId": SESSION, "Sequence": 2, "Platform": "USSD",
}  # fmt: skip
NALO = {
    "USERID": "NALOTest", "MSISDN": "923000000099", "USERDATA": "1", "MSGTYPE": False, "NETWORK": "MTN",
    "SESSIONID": SESSION,
}  # fmt: skip
INFOBIP = {"msisdn": "923000000099", "imsi": "410010000000001", "shortCode": "*384#", "text": "1", "ussdGwId": "7"}
STEP = f"session/{SESSION}/response"
ROOM = {"Type": 160, "MSGTYPE": 120, "msisdn": 160}
RECEIVER = JsonUssd(secret=SECRET)


def call(body: Any, path: str = "", secret: str = SECRET) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    behind = f"/{path}" if path else ""
    return Request("POST", "https://hotline.example/in/ussd/json", {}, {}, {}, raw, secret + behind)


def receive(body: dict[str, Any], path: str = "") -> Inbound:
    (found,) = RECEIVER.receive(call(body, path))
    return found


def test_hubtel_counts_its_hops() -> None:
    expected = Inbound("ussd", f"{SESSION} 2", PEER, "1", hop=Hop(SESSION, "answer"))
    assert receive(HUBTEL) == expected
    assert receive(HUBTEL | {"Type": "response", "Sequence": "2"}) == expected
    assert receive(HUBTEL | {"Type": "Initiation", "Message": "*713*2#"}).hop == Hop(SESSION, "begin")


def test_nalo_and_infobip_do_not_count_so_each_call_has_an_id_of_its_own() -> None:
    for body, path, room in ((NALO, "", 120), (INFOBIP, STEP, 160)):
        first, second = receive(body, path), receive(body, path)
        assert (first.peer, first.text) == (PEER, "1")
        assert first.hop == second.hop == Hop(SESSION, "answer", numbered=False, room=room)
        assert first.provider_id != second.provider_id
    uncounted = {name: value for name, value in HUBTEL.items() if name != "Sequence"}
    assert receive(uncounted).hop == Hop(SESSION, "answer", numbered=False)


@pytest.mark.parametrize("kind", [True, "true", "TRUE"])
def test_nalo_begins(kind: Any) -> None:
    assert receive(NALO | {"MSGTYPE": kind, "USERDATA": "*920*1#"}).hop == Hop(
        SESSION, "begin", numbered=False, room=120
    )


def test_infobip_begins() -> None:
    assert receive(INFOBIP, f"session/{SESSION}/start").hop == Hop(SESSION, "begin", numbered=False)


@pytest.mark.parametrize(
    ("name", "text", "expected", "truncated"),
    [
        ("words", "madad * karo", "madad * karo", False),
        ("a number that is none in quotes", 1, "1", False),
        ("null", None, "", False),
        ("Urdu", "مدد", "مدد", False),
        ("bidi controls are for the core", "\u202emadad", "\u202emadad", False),
        ("NUL", "ma\0dad", "madad", False),
        ("half a surrogate", "\ud800 madad", "\ufffd madad", False),
        ("1 MB", "x" * 1_000_000, "x" * MAX_TEXT, True),
    ],
)
def test_what_was_typed(name: str, text: Any, expected: str, truncated: bool) -> None:
    for body, field, path in ((HUBTEL, "Message", ""), (NALO, "USERDATA", ""), (INFOBIP, "text", STEP)):
        found = receive(body | {field: text}, path)
        assert (found.text, found.truncated) == (expected, truncated)


@pytest.mark.parametrize(
    ("spelling", "peer"),
    [
        ("923000000099", PEER), ("+923000000099", PEER), ("00923000000099", PEER), ("03000000099", PEER),
        (3000000099, PEER), ("SANDBOX", "SANDBOX"), ("\ud800x", "\ufffdx"),
    ],
)  # fmt: skip
def test_who_dials(spelling: Any, peer: str) -> None:
    for body, field, path in ((HUBTEL, "Mobile", ""), (NALO, "MSISDN", ""), (INFOBIP, "msisdn", STEP)):
        assert receive(body | {field: spelling}, path).peer == peer


@pytest.mark.parametrize("word", ["Release", "release", "Timeout", "HijackSession"])
def test_the_end_of_a_session_is_no_message_and_is_answered_in_its_shape(word: str) -> None:
    over = call(HUBTEL | {"Type": word})
    assert RECEIVER.receive(over) == []
    assert json.loads(RECEIVER.answer(over).body)["Type"] == "release"
    over = call({"exitCode": 600, "reason": "timeout"}, f"session/{SESSION}/end")
    assert RECEIVER.receive(over) == []
    assert json.loads(RECEIVER.answer(over).body)["responseExitCode"] == 200


@pytest.mark.parametrize(
    ("name", "body", "path", "field"),
    [
        ("no JSON", b"Type=Response", "", "JSON"),
        ("truncated", json.dumps(HUBTEL).encode()[:40], "", "JSON"),
        ("empty", b"", "", "JSON"),
        ("invalid UTF-8", b'{"Type": "\xff"}', "", "JSON"),
        ("very deep", b"[" * 100_000, "", "JSON"),
        ("a list", [HUBTEL], "", "object"),
        ("no shape", {"SessionId": SESSION}, "", "shape"),
        ("half of Infobip's path", INFOBIP, f"session/{SESSION}", "shape"),
        ("another path", INFOBIP, f"call/{SESSION}/start", "shape"),
        ("an unknown type", HUBTEL | {"Type": "AddToCart"}, "", "Type"),
        ("a type that is none", HUBTEL | {"Type": None}, "", "Type"),
        ("a type that is an object", HUBTEL | {"Type": {}}, "", "Type"),
        ("an unknown MSGTYPE", NALO | {"MSGTYPE": 7}, "", "MSGTYPE"),
        ("an unknown step", INFOBIP, f"session/{SESSION}/pause", "step"),
        ("null for a session", HUBTEL | {"SessionId": None}, "", "SessionId"),
        ("nothing for a session", NALO | {"SESSIONID": ""}, "", "SESSIONID"),
        ("a session with a space", INFOBIP, "session/a b/response", "sessionId"),
        ("half a surrogate for a session", HUBTEL | {"SessionId": "\ud800"}, "", "SessionId"),
        ("null for a hop", HUBTEL | {"Sequence": None}, "", "Sequence"),
        ("a list for a hop", HUBTEL | {"Sequence": [2]}, "", "Sequence"),
        ("no number", {name: value for name, value in NALO.items() if name != "MSISDN"}, "", "MSISDN"),
        ("true for a number", HUBTEL | {"Mobile": True}, "", "Mobile"),
        ("a number without end", HUBTEL | {"Mobile": "9" * 65}, "", "Mobile"),
        ("an object for words", HUBTEL | {"Message": {"a": 1}}, "", "Message"),
    ],
)
def test_what_is_no_hop_names_the_field_and_not_its_content(name: str, body: Any, path: str, field: str) -> None:
    with pytest.raises(Malformed, match=field) as caught:
        RECEIVER.receive(call(body, path))
    assert SESSION not in str(caught.value)
    assert "923000000099" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "guessed", SECRET[:-1], f"{SECRET}x", "\udcff", f"x/{SECRET}"])
def test_whoever_does_not_know_the_secret_is_forged_before_anything_is_read(secret: str) -> None:
    for body in (HUBTEL, NALO, b""):
        with pytest.raises(Forged):
            RECEIVER.receive(call(body, secret=secret))
    with pytest.raises(Forged):
        RECEIVER.delivery(call(HUBTEL, secret=secret))
    assert RECEIVER.delivery(call(HUBTEL)) == []


def answered(body: dict[str, Any], goes_on: bool, path: str = "") -> dict[str, Any]:
    answer = RECEIVER.show(call(body, path), Screen("Salam.\n1 Madad", goes_on=goes_on))
    assert answer.media_type == "application/json"
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_each_is_answered_in_its_own_words() -> None:
    text = "Salam.\n1 Madad"
    assert answered(HUBTEL, True) == {
        "SessionId": SESSION, "Type": "response", "Message": text, "Label": "Salam.", "ClientState": "",
        "DataType": "input", "FieldType": "text",
    }  # fmt: skip
    over = answered(HUBTEL, False)
    assert (over["Type"], over["DataType"]) == ("release", "display")
    nalo = {"USERID": "NALOTest", "MSISDN": "923000000099", "MSG": text}
    assert answered(NALO, True) == {**nalo, "MSGTYPE": True}
    assert answered(NALO, False) == {**nalo, "MSGTYPE": False}
    shown: dict[str, Any] = {"ussdMenu": text, "responseExitCode": 200, "responseMessage": ""}
    assert answered(INFOBIP, True, STEP) == {**shown, "shouldClose": False}
    assert answered(INFOBIP, False, STEP) == {**shown, "shouldClose": True}


@given(JSON, st.sampled_from(["", STEP, "session//start", "a/b/c"]))
def test_any_json_is_hops_or_malformed(body: Any, path: str) -> None:
    try:
        found = RECEIVER.receive(call(body, path))
    except Malformed:
        return
    assert len(found) <= 1


@given(st.sampled_from([HUBTEL, NALO, INFOBIP]), st.dictionaries(st.sampled_from([*HUBTEL, *NALO, *INFOBIP]), JSON))
def test_a_hop_with_anything_in_its_fields_is_a_hop_or_malformed(body: dict[str, Any], changed: dict[str, Any]) -> None:
    path = STEP if body is INFOBIP else ""
    try:
        found = RECEIVER.receive(call(body | changed, path))
        RECEIVER.answer(call(body | changed, path))
    except Malformed:
        return
    assert all(hop.peer and hop.hop is not None for hop in found)
