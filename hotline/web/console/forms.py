"""The parsing of forms: a day, a time, words. Whatever the keyboard's digits are."""

from datetime import date, datetime, time

from flask import request

from hotline.channels.contract import clip
from hotline.core.localtime import LOCAL

SIGNS = "-:/."  # between the numbers of a day or a time
MAX_LENGTH = 20


def words(name: str) -> str:
    """A text of the form, as long as a message may be."""
    return clip(request.form.get(name, "").replace("\r\n", "\n").strip())[0]


def moment() -> datetime | None:
    """The fields `day` and `clock` as a local moment; None if they are none. `23-11-2026` and `2026-11-23` are days."""
    day, clock = (_plain(request.form.get(name, "")) for name in ("day", "clock"))
    try:
        numbers = [int(number) for number in day.split("-")]
        year, month, date_ = numbers if numbers[0] > 31 else reversed(numbers)
        at = time.fromisoformat(clock if clock.index(":") > 1 else f"0{clock}")
        return datetime.combine(date(year, month, date_), at.replace(tzinfo=None), LOCAL)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """ASCII digits, `-` within a day, `:` within a time; spaces and direction marks left out."""
    signs = [
        str(int(sign)) if sign.isdecimal() else sign for sign in text[:MAX_LENGTH] if sign.isdecimal() or sign in SIGNS
    ]
    return "".join(signs).replace("/", "-").replace(".", "-")
