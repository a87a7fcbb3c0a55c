"""The record: reports, their sealed entries and the keys these are sealed with."""

from hotline.reports.codes import CODE_DIGITS, by_code, looks_like_code, new_code
from hotline.reports.entries import (
    NewEntry,
    Pen,
    Written,
    has_note,
    leave_note,
    leave_words,
    note,
    pick_up,
    read_entries,
    write,
)
from hotline.reports.keys import PublicKey, circle_key, key_of, lock_to_circle, new_data_key
from hotline.reports.tables import CircleKey, Entry, Outcome, Report, Status, lane

__all__ = [
    "CODE_DIGITS",
    "CircleKey",
    "Entry",
    "NewEntry",
    "Outcome",
    "Pen",
    "PublicKey",
    "Report",
    "Status",
    "Written",
    "by_code",
    "circle_key",
    "has_note",
    "key_of",
    "lane",
    "leave_note",
    "leave_words",
    "lock_to_circle",
    "looks_like_code",
    "new_code",
    "new_data_key",
    "note",
    "pick_up",
    "read_entries",
    "write",
]  # fmt: skip
