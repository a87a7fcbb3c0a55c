"""The content of SMPP packets: texts, their parts, receipts and hops of USSD, read and written.

Nothing here talks to anybody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hotline.channels import gsm7, phone, sms_encoding
from hotline.channels.contract import DeliveryState, SendError
from hotline.channels.smpp.pdu import (
    MESSAGE_STATE,
    RECEIPTED_ID,
    SAR_NUMBER,
    SAR_REFERENCE,
    SAR_TOTAL,
    Deliver,
    SmppAddress,
)

HAS_HEADER, KIND, RECEIPTS = 0x40, 0x3C, {0x04, 0x20}  # of esm_class: a receipt, or a word in between
INTERNATIONAL, NETWORK, LETTERS = 1, 3, 5  # types of number
ISDN = 1  # the numbering plan of telephone numbers
_CONCATENATED, _CONCATENATED_16, _SINGLE_SHIFT, _LOCKING_SHIFT = 0x00, 0x08, 0x24, 0x25
_MAX_PARTS = 255
_GSM, _UCS2 = 0, 8  # data codings

Coding = Literal["gsm", "latin-1", "iso8859-5", "iso8859-8", "ucs2", "octets"]
_CODINGS: Mapping[int, Coding] = {
    0: "gsm", 1: "latin-1", 3: "latin-1", 6: "iso8859-5", 7: "iso8859-8", 8: "ucs2",
}  # fmt: skip
_OF_A_CLASS: tuple[Coding, ...] = ("gsm", "octets", "ucs2", "octets")  # 3GPP TS 23.038, by bits 3 and 2

# The words of receipts (SMPP 3.4, appendix B) and the numbers of the TLV message_state (5.3.2.35) to ours.
STATES: Mapping[str, DeliveryState] = {
    "ENROUTE": "sent", "DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed",
    "ACCEPTD": "sent", "UNKNOWN": "sent", "REJECTD": "failed",
}  # fmt: skip
_NUMBERED = dict(enumerate(STATES.values(), start=1))
_RECEIPT_ID, _RECEIPT_STATE, _RECEIPT_ERROR = (
    re.compile(rf"\b{name}:\s*({what})", re.I)
    for name, what in (("id", r"[\x21-\x7e]{1,65}"), ("stat", "[a-z]{5,8}"), ("err", "[0-9a-z]{1,8}"))
)


@dataclass(frozen=True, slots=True)
class Part:
    """The place of a part in a longer text. `reference` is the sender's, and comes round again."""

    reference: str
    total: int
    number: int  # from 1


@dataclass(frozen=True, slots=True)
class SmppText:
    """The text that a person wrote, or a part of it; half a surrogate may end it, the rest in the next part."""

    peer: str = field(repr=False)
    text: str = field(repr=False)
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The SMSC's word on what became of a part that it took."""

    message_id: str
    state: DeliveryState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part as it leaves."""

    octets: bytes = field(repr=False)
    data_coding: int
    esm_class: int


def peer(address: SmppAddress) -> str:
    """Return the sender as we know people: E.164 where it is a number, whichever way the network wrote it."""
    plus = "+" if address.ton == INTERNATIONAL and address.digits[:1].isdigit() else ""
    written = f"{plus}{address.digits.removeprefix('00')}" if plus else address.digits
    return phone.normalise(written) if phone.is_phone(written) else phone.normalise(address.digits)


def read(deliver: Deliver) -> SmppText:
    """Return the text of a deliver_sm that is no receipt. Never raises: what can't be decoded is U+FFFD."""
    elements, octets = _header(deliver)
    shift = gsm7.ShiftTable(_octet(elements.get(_LOCKING_SHIFT)), _octet(elements.get(_SINGLE_SHIFT)))
    text = decode(octets, deliver.data_coding, shift)
    return SmppText(peer(deliver.source), text, _part(elements) or _sar(deliver))


def decode(octets: bytes, data_coding: int, shift: gsm7.ShiftTable = gsm7.PLAIN) -> str:
    """Read octets as text. A lone surrogate stays: it may be half of a letter that two parts share."""
    match _coding(data_coding):
        case "gsm":
            # an SMSC whose default alphabet is Latin-1 betrays itself by the first accent
            return gsm7.decode(octets, shift) if not octets or max(octets) < 0x80 else octets.decode("latin-1")
        case "ucs2":
            return _utf16(octets)
        case "octets":
            return _guessed(octets)
        case codec:
            return octets.decode(codec, "replace")


def _coding(data_coding: int) -> Coding:
    if data_coding in _CODINGS:
        return _CODINGS[data_coding]
    if data_coding >= 0xF0:
        return "octets" if data_coding & 4 else "gsm"
    return _OF_A_CLASS[data_coding >> 2 & 3] if 0x10 <= data_coding < 0x40 else "octets"


def _utf16(octets: bytes) -> str:
    order = "utf-16-le" if octets[:2] == b"\xff\xfe" else "utf-16-be"
    whole = octets[: len(octets) // 2 * 2].decode(order, "surrogatepass").removeprefix("\ufeff")
    return whole + "\ufffd" * (len(octets) % 2)


def _guessed(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _header(deliver: Deliver) -> tuple[dict[int, bytes], bytes]:
    """Split off the elements of the user data header; one that does not fit is text.

    Returns the octets behind it, too.
    """
    payload = deliver.payload
    if not deliver.esm_class & HAS_HEADER or not payload or payload[0] >= len(payload):
        return {}, payload
    header, elements = payload[1 : 1 + payload[0]], dict[int, bytes]()
    while len(header) >= 2:
        elements[header[0]] = header[2 : 2 + header[1]]
        header = header[2 + header[1] :]
    return elements, payload[1 + payload[0] :]


def _octet(element: bytes | None) -> int:
    return element[0] if element else 0


def _part(elements: Mapping[int, bytes]) -> Part | None:
    for element, size in ((_CONCATENATED, 1), (_CONCATENATED_16, 2)):
        value = elements.get(element, b"")
        if len(value) == size + 2:
            return _some_part(value[:size].hex(), value[-2], value[-1])
    return None


def _sar(deliver: Deliver) -> Part | None:
    found = [deliver.number(tag) for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER)]
    reference, total, number = (value if value is not None else -1 for value in found)
    return _some_part(f"sar{reference}", total, number)


def _some_part(reference: str, total: int, number: int) -> Part | None:
    return Part(reference, total, number) if 1 <= number <= total <= _MAX_PARTS and total > 1 else None


def is_receipt(deliver: Deliver) -> bool:
    """Tell whether a packet is about a message of ours."""
    return deliver.esm_class & KIND in RECEIPTS


def receipt(deliver: Deliver) -> Receipt | None:
    """Read a receipt, by its TLVs or else by its text; None if it names no message or no state that we know."""
    text = deliver.payload.decode("latin-1")
    named, said, error = (pattern.search(text) for pattern in (_RECEIPT_ID, _RECEIPT_STATE, _RECEIPT_ERROR))
    message_id = deliver.tlvs.get(RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1") or (named[1] if named else "")
    state = _NUMBERED.get(deliver.number(MESSAGE_STATE) or 0) or (STATES.get(said[1].upper()) if said else None)
    if not message_id or state is None:
        return None
    return Receipt(message_id, state, error[1] if error and state == "failed" else "")


def spellings(message_id: str) -> list[str]:
    """List the ways in which an SMSC may have written a receipt's id in its answer: hex there, decimal here, zeros."""
    plain = message_id.lstrip("0") or "0"
    found = [message_id, plain, message_id.lower(), message_id.upper()]
    if re.fullmatch("[0-9]{1,20}", plain):
        found += [f"{int(plain):x}", f"{int(plain):X}", f"{int(plain):08x}", f"{int(plain):08X}"]
    if re.fullmatch("[0-9a-fA-F]{1,16}", plain):
        found += [str(int(plain, 16)), f"{int(plain, 16):010d}"]
    return list(dict.fromkeys(found))


def segments(text: str, reference: int) -> list[Segment]:
    """Cut a text into the parts that leave: unpacked GSM-7 or UCS-2, with a header if there are several.

    Raises SendError.
    """
    plain = sms_encoding.substitute(text)
    pieces = sms_encoding.split(plain)
    if len(pieces) > _MAX_PARTS:
        raise SendError("too_long", retryable=False)
    is_gsm = gsm7.encode(plain) is not None
    coded = [gsm7.encode(piece) or b"" if is_gsm else _ucs2(piece) for piece in pieces]
    coding, total = _GSM if is_gsm else _UCS2, len(coded)
    if total == 1:
        return [Segment(coded[0], coding, 0)]
    return [
        Segment(bytes([5, _CONCATENATED, 3, reference & 0xFF, total, number]) + octets, coding, HAS_HEADER)
        for number, octets in enumerate(coded, start=1)
    ]


def _ucs2(text: str) -> bytes:
    return text.encode("utf-16-be", "replace")


def sender(number: str) -> SmppAddress:
    """Return our own address: a short code, a number, or letters."""
    digits = number.removeprefix("+")
    if not digits.isdigit():
        return SmppAddress(LETTERS, 0, number)
    return SmppAddress(INTERNATIONAL, ISDN, digits) if number.startswith("+") else SmppAddress(NETWORK, 0, digits)


def receiver(number: str) -> SmppAddress:
    """Return the address that a message goes to. Raises SendError: nobody can answer to letters."""
    if number.startswith("+") and number[1:].isdigit():
        return SmppAddress(INTERNATIONAL, ISDN, number[1:])
    if number.isdigit():
        return SmppAddress(NETWORK, 0, number)
    raise SendError("no_number", retryable=False)
