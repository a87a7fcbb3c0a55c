"""GSM 03.38 as octets, a septet each: how SMSCs hand texts over in SMPP's data coding 0. Billing is `sms_encoding`'s.

The tables are 3GPP TS 23.038 (release 17): 6.2.1 the default alphabet and its extension, A.2.13 and A.3.13 Urdu's single
and locking shift (national language 13). Urdu's are read only: Urdu leaves as UCS-2, for its table lacks letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ESCAPE, NOTHING = 0x1B, "\ufffd"
URDU = 13  # the national language identifier of its tables

DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION: Mapping[int, str] = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
URDU_LOCKING = (
    "\u0627\u0622\u0628\u067b\u0680\u067e\u06a6\u062a\u06c2\u067f\n\u0679\u067d\r\u067a\u067c"
    "\u062b\u062c\u0681\u0684\u0683\u0685\u0686\u0687\u062d\u062e\u062f\x1b\u068c\u0688\u0689\u068a"
    " !\u068f\u068d\u0630\u0631\u0691\u0693)(\u0699\u0632,\u0696.\u0698"
    "0123456789:;\u069a\u0633\u0634?"
    "\u0635\u0636\u0637\u0638\u0639\u0641\u0642\u06a9\u06aa\u06ab\u06af\u06b3\u06b1\u0644\u0645\u0646"
    "\u06ba\u06bb\u06bc\u0648\u06c4\u06d5\u06c1\u06be\u0621\u06cc\u06d0\u06d2\u064d\u0650\u064f\u0657"
    "\u0654abcdefghijklmno"
    "pqrstuvwxyz\u0655\u0651\u0653\u0656\u0670"
)
URDU_SINGLE = (
    "@£$¥¿\"¤%&'\f*+\r-/"
    "<=>¡^¡_#*\u0600\u0601\x1b\u06f0\u06f1\u06f2\u06f3"
    "\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9\u060c\u060d{}\u060e\u060f\u0610\u0611\u0612\\"
    "\u0613\u0614\u061b\u061f\u0640\u0652\u0658\u066b\u066c\u0672\u0673\u06cd[~]\u06d4"
    "|ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd"
    "\ufffd\ufffd\ufffd\ufffd\ufffd€\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
    "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
)


@dataclass(frozen=True, slots=True)
class ShiftTable:
    """The national languages that a text's header names: of its letters, and of what follows an escape. 0: none."""

    locking: int = 0
    single: int = 0


PLAIN = ShiftTable()
_OCTETS = {letter: bytes([code]) for code, letter in enumerate(DEFAULT)}
_OCTETS |= {letter: bytes([ESCAPE, code]) for code, letter in EXTENSION.items()}


def encode(text: str) -> bytes | None:
    """Write an octet for each septet; returns None if a letter is in neither table."""
    found = [_OCTETS.get(letter) for letter in text if letter != DEFAULT[ESCAPE]]
    return None if None in found or len(found) < len(text) else b"".join(octets or b"" for octets in found)


def decode(octets: bytes, shift: ShiftTable = PLAIN) -> str:
    """Read octets as text.

    What no table knows is U+FFFD; a letter that the extension lacks is the plain one, as on phones.
    """
    letters = URDU_LOCKING if shift.locking == URDU else DEFAULT
    text, escaped = "", False
    for octet in octets:
        if octet == ESCAPE and not escaped:
            escaped = True
            continue
        plain = letters[octet] if octet < len(letters) else NOTHING
        text += (_escaped(octet, shift) or plain) if escaped else plain
        escaped = False
    return text


def _escaped(octet: int, shift: ShiftTable) -> str:
    if octet == ESCAPE:
        return " "  # an escape to a table that is not written yet: shown as a space, says the standard
    if shift.single != URDU:
        return EXTENSION.get(octet, "")
    return URDU_SINGLE[octet].replace(NOTHING, "") if octet < len(URDU_SINGLE) else ""
