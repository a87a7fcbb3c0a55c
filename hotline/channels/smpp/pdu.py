"""SMPP 3.4 packets, written and read with smpplib, which knows their fields. Its client is not used: it waits for one
answer at a time, loses its place in the stream on a time-out, and logs every packet as it came.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smpplib import command, consts, pdu, smpp

HEADER, MAX_LENGTH = 16, 70_000  # octets of a packet: the longest payload is 64 KiB

OK = consts.SMPP_ESME_ROK
NOT_NOW = consts.SMPP_ESME_RX_T_APPN  # keep it, and deliver it again later
REJECTED = consts.SMPP_ESME_RX_R_APPN
NO_SUCH_COMMAND = consts.SMPP_ESME_RINVCMDID

PAYLOAD, RECEIPTED_ID, MESSAGE_STATE, USER_REFERENCE = 0x0424, 0x001E, 0x0427, 0x0204
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F
USSD_OPERATION, USSD_SESSION = 0x0501, 0x1383


class Unreadable(Exception):
    """A packet that breaks off, or whose lengths do not fit."""


@dataclass(frozen=True, slots=True)
class SmppAddress:
    """A number as the network writes it: type of number, numbering plan, and the rest."""

    ton: int
    npi: int
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deliver:
    """A deliver_sm of the SMSC's: a message of a person, a part of one, a hop of USSD, or a receipt."""

    source: SmppAddress
    destination: SmppAddress
    esm_class: int
    data_coding: int
    short_message: bytes = field(repr=False)
    tlvs: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def payload(self) -> bytes:
        """Return the octets of the text, wherever the SMSC put them."""
        return self.short_message or self.tlvs.get(PAYLOAD, b"")

    def number(self, tag: int) -> int | None:
        """Return an optional parameter as a number; None if it is not there."""
        return int.from_bytes(self.tlvs[tag], "big") if self.tlvs.get(tag) else None


@dataclass(frozen=True, slots=True)
class Packet:
    """Any packet from the SMSC.

    `message_id`: of the answer to a submit; `deliver`: of a deliver_sm that can be read.
    """

    name: str
    status: int
    sequence: int
    message_id: str = ""
    deliver: Deliver | None = None


class _DeliverSM(command.DeliverSM):  # type: ignore[misc]  # smpplib has no types
    """A deliver_sm without smpplib's stumbling over optional parameters that it does not expect, USSD's among them.

    And which begins anew at the packet's start where a string has no end.
    """

    def _parse_string(self, field: str, data: bytes, pos: int, length: int | None = None) -> tuple[bytes, int]:
        data.index(b"\0", pos)
        found: tuple[bytes, int] = super()._parse_string(field, data, pos, length)
        return found

    def parse_optional_params(self, data: bytes) -> None:
        """Keep each parameter as it came; one that breaks off is left out."""
        self.tlvs: dict[int, bytes] = {}
        at = 0
        while at + 4 <= len(data):
            tag, length = struct.unpack_from(">HH", data, at)
            if at + 4 + length <= len(data):
                self.tlvs.setdefault(tag, bytes(data[at + 4 : at + 4 + length]))
            at += 4 + length


def read(raw: bytes) -> Packet:
    """Read a whole packet, its length included. Raises Unreadable; a command that nobody knows has the name ""."""
    _, code, status, sequence = struct.unpack_from(">LLLL", raw)
    try:
        name = str(pdu.extract_command(raw) or "")
    except Exception:  # noqa: BLE001  # smpplib's own kind, or a KeyError
        name = ""
    if name == "deliver_sm":
        return Packet(name, status, sequence, deliver=_deliver(raw))
    message_id = raw[HEADER:].partition(b"\0")[0].decode("latin-1") if name == "submit_sm_resp" else ""
    return Packet(name or f"{code:08x}", status, sequence, message_id)


def _deliver(raw: bytes) -> Deliver:
    found = _DeliverSM("deliver_sm", sequence=0)
    try:
        found.parse(raw)
        source, destination = _address(found, "source", "source_addr"), _address(found, "dest", "destination_addr")
        text = bytes(found.short_message or b"")
        if vars(found).get("sm_length") != len(text):  # the last of the fields that every one has
            raise Unreadable
        return Deliver(
            source, destination, found.esm_class, found.data_coding, text, getattr(found, "tlvs", None) or {}
        )
    except (struct.error, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable from error


def _address(found: Any, prefix: str, name: str) -> SmppAddress:
    ton, npi = getattr(found, f"{prefix}_addr_ton"), getattr(found, f"{prefix}_addr_npi")
    return SmppAddress(ton, npi, getattr(found, name).decode("latin-1"))


def write(name: str, sequence: int, status: int = OK, **fields: Any) -> bytes:
    """Write a packet to the SMSC as octets."""
    made = smpp.make_pdu(name, sequence=sequence, **fields)
    made.sequence, made.status = sequence, status
    raw: bytes = made.generate()
    return raw


def submit(sequence: int, source: SmppAddress, destination: SmppAddress, octets: bytes, **fields: Any) -> bytes:
    """Write a submit_sm; `fields` by smpplib's names."""
    return write(
        "submit_sm", sequence, source_addr_ton=source.ton, source_addr_npi=source.npi, source_addr=source.digits,
        dest_addr_ton=destination.ton, dest_addr_npi=destination.npi, destination_addr=destination.digits,
        short_message=octets, **fields,
    )  # fmt: skip
