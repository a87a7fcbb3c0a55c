"""What SMPP's packets say, row by row: alphabets, headers, addresses, receipts, and packets that nobody can read."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels import gsm7
from hotline.channels.gsm7 import ShiftTable
from hotline.channels.smpp import pdu
from hotline.channels.smpp import text as smpp_text
from hotline.channels.smpp.pdu import Deliver, SmppAddress, Unreadable
from hotline.channels.smpp.text import Part, Receipt

PHONE, CODE = SmppAddress(1, 1, "923000000078"), SmppAddress(3, 0, "8398")
URDU = ShiftTable(locking=13, single=13)


def deliver(octets: bytes, coding: int = 0, esm_class: int = 0, tlvs: dict[int, bytes] | None = None) -> Deliver:
    """What an SMSC hands over."""
    return Deliver(PHONE, CODE, esm_class, coding, octets, tlvs or {})


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"\x00\x01\x02", 0, "@£$"),
        (b"\x1b\x65\x1b\x3c1\x1b\x3e", 0, "€[1]"),
        (b"\x1b\x41", 0, "A"),  # not in the extension: the plain letter
        (b"\x1b\x1b1", 0, " 1"),
        (b"caf\xe9", 0, "café"),  # an SMSC whose default is Latin-1
        (b"caf\xe9", 1, "café"),
        (b"caf\xe9", 3, "café"),
        ("سلام".encode("utf-16-be"), 8, "سلام"),
        ("\ufeffسلام".encode("utf-16-be"), 8, "سلام"),
        (b"\xff\xfe" + "سلام".encode("utf-16-le"), 8, "سلام"),
        ("سلام".encode("utf-16-be"), 0x18, "سلام"),  # UCS-2 with a message class
        (b"hello", 0xF1, "hello"),
        ("سلام".encode(), 4, "سلام"),  # octets without a name
        (b"caf\xe9", 4, "café"),
        (b"\xd8\x3d\xde\x4f", 8, "🙏"),
        (b"\xd8\x3d", 8, "\ud83d"),
        (b"\x00", 8, "\ufffd"),
        (b"", 8, ""),
    ],
)
def test_octets_are_read_as_their_coding_says(octets: bytes, coding: int, text: str) -> None:
    assert smpp_text.decode(octets, coding) == text


@pytest.mark.parametrize(
    ("octets", "shift", "text"),
    [
        ("00 42 41", URDU, "اطض"),
        ("02 1b32 1b14", ShiftTable(locking=13), "ب2^"),
        ("1b20 1b33 1b2f", ShiftTable(single=13), "۴؟\\"),
        ("1b41 1b65 1b75", ShiftTable(single=13), "A€u"),
        ("41", ShiftTable(locking=1), "A"),  # a language that we have no table of
    ],
)
def test_urdus_shift_tables(octets: str, shift: ShiftTable, text: str) -> None:
    if octets.startswith("02"):
        text = "ب" + gsm7.URDU_LOCKING[0x32] + "^"
    assert smpp_text.decode(bytes.fromhex(octets), 0, shift) == text


def test_the_tables_have_a_place_for_each_septet() -> None:
    assert {len(table) for table in (gsm7.DEFAULT, gsm7.URDU_LOCKING, gsm7.URDU_SINGLE)} == {128}


@given(st.text(alphabet=sorted(set(gsm7.DEFAULT) - {"\x1b"} | set(gsm7.EXTENSION.values())), max_size=200))
def test_what_is_encoded_is_read_back(text: str) -> None:
    octets = gsm7.encode(text)
    assert octets is not None
    assert gsm7.decode(octets) == text


@pytest.mark.parametrize("text", ["ں", "’", "\x1b"])
def test_what_gsm_lacks_is_not_encoded(text: str) -> None:
    assert gsm7.encode(text) is None


@pytest.mark.parametrize(
    ("found", "part", "text"),
    [
        (deliver(b"\x05\x00\x03\x42\x02\x01hi", 0, 0x40), Part("42", 2, 1), "hi"),
        (deliver(b"\x06\x08\x04\x01\x42\x02\x02hi", 0, 0x40), Part("0142", 2, 2), "hi"),
        (deliver(b"\x0b\x05\x04\x00\x00\x00\x00\x00\x03\x42\x02\x01hi", 0, 0x40), Part("42", 2, 1), "hi"),
        (deliver(b"\x05\x00\x03\x42\x01\x01hi", 0, 0x40), None, "hi"),  # one of one
        (deliver(b"\x05\x00\x03\x42\x02\x03hi", 0, 0x40), None, "hi"),  # the third of two
        (deliver(b"\x05\x00\x03\x42\x02\x00hi", 0, 0x40), None, "hi"),
        (deliver(b"hi", 0, 0x40), None, "hi"),  # the header does not fit: it is text
        (deliver(b"", 0, 0x40), None, ""),
        (deliver(b"hi", 0, 0, {0x20C: b"\x02\xbc", 0x20E: b"\x03", 0x20F: b"\x01"}), Part("sar700", 3, 1), "hi"),
        (deliver(b"hi", 0, 0, {0x20C: b"\x02\xbc", 0x20E: b"\x7f\xff\xff\xff", 0x20F: b"\x01"}), None, "hi"),
        (deliver(b"hi", 0, 0, {0x20C: b"\x02\xbc", 0x20E: b"\x03"}), None, "hi"),
        (deliver(b"", 8, 0, {0x424: "ہاں".encode("utf-16-be")}), None, "ہاں"),
    ],
)
def test_a_header_says_which_part_it_is(found: Deliver, part: Part | None, text: str) -> None:
    read = smpp_text.read(found)
    assert (read.part, read.text) == (part, text)


@pytest.mark.parametrize(
    ("ton", "digits", "peer"),
    [
        (1, "923000000078", "+923000000078"),
        (1, "+923000000078", "+923000000078"),
        (1, "00923000000078", "+923000000078"),
        (1, "03000000078", "+923000000078"),  # a network that calls every number international
        (0, "03000000078", "+923000000078"),
        (0, "923000000078", "+923000000078"),
        (2, "3000000078", "+923000000078"),
        (1, "4915112345678", "+4915112345678"),
        (3, "8398", "8398"),
        (1, "8398", "8398"),
        (5, "JazzCash", "JazzCash"),
    ],
)
def test_a_sender_is_spelled_in_one_way(ton: int, digits: str, peer: str) -> None:
    assert smpp_text.peer(SmppAddress(ton, 1, digits)) == peer


WORDS = "id:{} sub:001 dlvrd:001 submit date:2611271200 done date:2611271201 stat:{} err:{} text:"


@pytest.mark.parametrize(
    ("text", "tlvs", "receipt"),
    [
        (WORDS.format("0000002a", "DELIVRD", "000"), {}, Receipt("0000002a", "delivered")),
        (WORDS.format("0000002a", "UNDELIV", "00a"), {}, Receipt("0000002a", "failed", "00a")),
        (WORDS.format("0000002a", "EXPIRED", "000").upper(), {}, Receipt("0000002A", "failed", "000")),
        (WORDS.format("0000002a", "ENROUTE", "000"), {}, Receipt("0000002a", "sent")),
        ("", {0x1E: b"0000002a\0", 0x427: b"\x02"}, Receipt("0000002a", "delivered")),
        (WORDS.format("1", "UNKNOWN", "000"), {0x1E: b"2a\0", 0x427: b"\x05"}, Receipt("2a", "failed", "000")),
        (WORDS.format("0000002a", "WEIRDLY", "000"), {}, None),
        ("stat:DELIVRD", {}, None),
        ("hello", {}, None),
    ],
)
def test_a_receipt_is_read_by_its_tlvs_or_its_words(text: str, tlvs: dict[int, bytes], receipt: Receipt | None) -> None:
    found = deliver(text.encode(), 0, 4, tlvs)
    assert smpp_text.is_receipt(found)
    assert smpp_text.receipt(found) == receipt


@pytest.mark.parametrize(("answered", "reported"), [("2a", "42"), ("0000002A", "42"), ("42", "2a"), ("0042", "42")])
def test_hex_here_and_decimal_there_is_the_same_message(answered: str, reported: str) -> None:
    assert answered.lstrip("0") in {name.lstrip("0") for name in smpp_text.spellings(reported)}


def packet(body: bytes, length: int | None = None) -> bytes:
    """A deliver_sm with this body."""
    return struct.pack(">LLLL", length or 16 + len(body), 5, 0, 7) + body


BODY = b"\0\x01\x01923000000078\0\x03\x00" + b"8398\0" + b"\0\0\0" + b"\0\0" + b"\0\0\x08\0"


def test_a_packet_is_read_with_parameters_that_the_library_does_not_expect() -> None:
    tlvs = b"\x05\x01\x00\x01\x12" + b"\x14\x00\x00\x02\xff\xff" + b"\x13\x83\x00\x09cut"
    read = pdu.read(packet(BODY + b"\x02hi" + tlvs)).deliver
    assert read is not None
    assert (read.source, read.destination, read.data_coding, read.short_message) == (PHONE, CODE, 8, b"hi")
    assert read.tlvs == {0x501: b"\x12", 0x1400: b"\xff\xff"}


@pytest.mark.parametrize("cut", range(len(BODY) + 1))
def test_a_packet_that_breaks_off_is_unreadable(cut: int) -> None:
    with pytest.raises(Unreadable):
        pdu.read(packet((BODY + b"\x02hi")[:cut]))


@given(st.binary(max_size=300))
def test_no_packet_makes_the_reader_stumble(body: bytes) -> None:
    try:
        read = pdu.read(packet(body)).deliver
    except Unreadable:
        return
    assert read is not None
    smpp_text.read(read)
    smpp_text.receipt(read)


def test_nobody_sees_a_number_or_a_text_by_printing_a_packet() -> None:
    shown = repr(deliver(b"They keep ten people")) + repr(smpp_text.read(deliver(b"They keep ten people")))
    assert "3000000078" not in shown
    assert "ten people" not in shown
