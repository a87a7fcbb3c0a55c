"""USSD by Africa's Talking, row by row: what is a hop, what is forged, what is malformed."""

from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import Answer, Forged, Hop, Inbound, Malformed, Request, Screen
from hotline.channels.ussd.africastalking import AfricasTalking
from tests.support.handsets import SECRET

PEER, SESSION = "+923000000099", "ATUid_6d2b"
GOOD = {"sessionId": SESSION, "phoneNumber": PEER, "networkCode": "41001", "serviceCode": "*384#", "text": "1*2"}
RECEIVER = AfricasTalking(secret=SECRET)


def call(fields: dict[str, str] | bytes, secret: str = SECRET) -> Request:
    raw = fields if isinstance(fields, bytes) else urlencode(fields, errors="surrogatepass").encode()
    form = parse_qs(raw.decode("ascii", "replace"), keep_blank_values=True, errors="replace")
    return Request("POST", "https://hotline.example/in/ussd/africastalking", {}, form, {}, raw, secret)


def hop(text: str, kind: Any = "answer", peer: str = PEER) -> list[Inbound]:
    return [Inbound("ussd", f"{SESSION} {len(text)}", peer, text, hop=Hop(SESSION, kind, joined=True))]


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("a session begins", {"text": ""}, hop("", "begin")),
        ("digits behind the code", {"text": "4821736050"}, hop("4821736050")),
        ("two answers", {}, hop("1*2")),
        ("stars that were typed stay", {"text": "1*a*b**c"}, hop("1*a*b**c")),
        ("Urdu", {"text": "1*مدد"}, hop("1*مدد")),
        ("bidi controls are for the core", {"text": "1*\u202emadad"}, hop("1*\u202emadad")),
        ("NUL", {"text": "1*ma\0dad"}, hop("1*madad")),
        ("half a surrogate", {"text": "1*\ud800"}, hop("1*\ufffd\ufffd\ufffd")),
        ("1 MB", {"text": "x" * 1_000_000}, hop("x" * 1_000_000)),
        ("a number with spaces", {"phoneNumber": "0300 0000099"}, hop("1*2")),
        ("without the plus", {"phoneNumber": "923000000099"}, hop("1*2")),
        ("with two zeros", {"phoneNumber": "00923000000099"}, hop("1*2")),
        ("a plus that became a space", {"phoneNumber": " 923000000099"}, hop("1*2")),
        ("a name for a number", {"phoneNumber": "SANDBOX"}, hop("1*2", peer="SANDBOX")),
        ("fields that nobody knows", {"extra": "1"}, hop("1*2")),
    ],
)
def test_a_hop(name: str, changed: dict[str, str], expected: list[Inbound]) -> None:
    assert RECEIVER.receive(call(GOOD | changed)) == expected


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("no session", {**GOOD, "sessionId": ""}, "sessionId"),
        ("a session with a space", {**GOOD, "sessionId": "a b"}, "sessionId"),
        ("a session without end", {**GOOD, "sessionId": "a" * 129}, "sessionId"),
        ("no number", {**GOOD, "phoneNumber": " "}, "phoneNumber"),
        ("a number without end", {**GOOD, "phoneNumber": "1" * 65}, "phoneNumber"),
        ("no text", {name: value for name, value in GOOD.items() if name != "text"}, "text"),
        ("truncated", b"sessionId=ATUid_6d2b&phoneNumber=%2B9230000", "text"),
        ("empty", b"", "text"),
        ("JSON", b'{"sessionId": "ATUid_6d2b", "text": "1"}', "text"),
        ("binary", b"\xff\xfe\x00", "text"),
    ],
)
def test_what_is_no_hop_names_the_field_and_not_its_content(
    name: str, fields: dict[str, str] | bytes, field: str
) -> None:
    with pytest.raises(Malformed, match=field) as caught:
        RECEIVER.receive(call(fields))
    assert not any(value in str(caught.value) for value in GOOD.values())


@pytest.mark.parametrize("secret", ["", "guessed", SECRET[:-1], f"{SECRET}x", "اردو", "\udcff", f"x/{SECRET}"])
def test_whoever_does_not_know_the_secret_is_forged_before_anything_is_read(secret: str) -> None:
    for fields in (GOOD, {}):
        with pytest.raises(Forged):
            RECEIVER.receive(call(fields, secret))
        with pytest.raises(Forged):
            RECEIVER.delivery(call(fields, secret))


@pytest.mark.parametrize(("goes_on", "shown"), [(True, "CON Salam.\n1 Madad"), (False, "END Salam.\n1 Madad")])
def test_the_answer_says_whether_the_session_goes_on(goes_on: bool, shown: str) -> None:
    assert RECEIVER.show(call(GOOD), Screen("Salam.\n1 Madad", goes_on=goes_on)) == Answer(shown, "text/plain")


@pytest.mark.parametrize("status", ["Incomplete", "Success", "Failed", "a new word"])
def test_the_end_of_a_session_brings_what_was_typed_in_it(status: str) -> None:
    fields = {name: value for name, value in GOOD.items() if name != "text"}
    fields |= {"status": status, "input": "1*2", "lastAppResponse": "CON x", "hopsCount": "2"}
    assert RECEIVER.delivery(call(fields)) == hop("1*2", "end")
    assert RECEIVER.delivery(call({**fields, "input": ""})) == hop("", "end")
    with pytest.raises(Malformed, match="phoneNumber"):
        RECEIVER.delivery(call({**fields, "phoneNumber": ""}))


@given(st.dictionaries(st.sampled_from([*GOOD, "input", "status"]), st.text(max_size=40)), st.binary(max_size=60))
def test_any_form_is_a_hop_or_malformed(fields: dict[str, str], raw: bytes) -> None:
    for sent in (fields, raw):
        for read in (RECEIVER.receive, RECEIVER.delivery):
            try:
                (found,) = read(call(sent))
            except Malformed:
                continue
            assert found.peer
            assert found.hop is not None
