"""One spelling per phone number, so that a returning contact is found however a provider writes the sender."""

import re
import unicodedata

import phonenumbers

HOME = "PK"  # numbers without a country code are Pakistani
_HOME_MOBILE = re.compile(
    r"\+923[0-9]{9}", re.ASCII
)  # as nearly all come; normal already, and a tenth of a millisecond
_WRITTEN_NUMBER = re.compile(r"\+?[0-9(][0-9 .()/-]*")
_DIGITS_OF_A_NUMBER = range(7, 18)  # fewer is a short code; more is "00" and the 15 digits that E.164 allows


def normalise(raw: str) -> str:
    """Return `raw` in E.164 (`+923000000001`) if it is a phone number, else as given, stripped.

    Short codes, names and opaque ids are senders too and stay as they are. Never raises.
    """
    return raw if _HOME_MOBILE.fullmatch(raw) else _e164(raw) or raw.strip()


def is_phone(raw: str) -> bool:
    """Tell whether `raw` is a phone number that can be texted, in any spelling: no short code, name or opaque id."""
    return _e164(raw) is not None


def _e164(raw: str) -> str | None:
    written = _ascii(raw)
    if not _WRITTEN_NUMBER.fullmatch(written):
        return None
    digits = re.sub(r"\D", "", written)
    if len(digits) not in _DIGITS_OF_A_NUMBER:
        return None
    international = f"+{digits.removeprefix('00')}"
    # A form decoder turns the + of +39... into a space: the number abroad is then the better reading.
    abroad_first = written.startswith("+") or raw.startswith(" ")
    readings = [(international, None), (digits, HOME)]
    found = (_valid(*reading) for reading in (readings if abroad_first else reversed(readings)))
    return next((number for number in found if number), None)


def _ascii(raw: str) -> str:
    """Write digits of any script as ASCII, without spaces around and the bidi controls that phones add on copying."""
    visible = "".join(letter for letter in raw if unicodedata.category(letter) != "Cf").strip()
    return "".join(str(unicodedata.digit(letter, letter)) for letter in visible)


def _valid(number: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
