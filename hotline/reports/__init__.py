"""The record: reports, their sealed entries and the keys these are sealed with."""

from hotline.reports import attachments
from hotline.reports.attachments.collector import Collector
from hotline.reports.attachments.reading import Opened
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment, AttachmentState
from hotline.reports.codes import by_code, looks_like_code, new_code
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
from hotline.reports.keys import circle_key, lock_to_circle, new_data_key
from hotline.reports.tables import CircleKey, Entry, Outcome, Report, Status
from hotline.reports.triage import AsideRule, Assessment, Rating, Sorting, Triage

__all__ = [
    "COPY", "ORIGINAL", "AsideRule", "Assessment", "Attachment", "AttachmentState", "CircleKey", "Collector", "Entry",
    "NewEntry", "Opened", "Outcome", "Pen", "Rating", "Report", "Sorting", "Status", "Triage", "Written", "attachments",
    "by_code", "circle_key", "has_note", "leave_note", "leave_words", "lock_to_circle", "looks_like_code",
    "new_code", "new_data_key", "note", "pick_up", "read_entries", "write",
]  # fmt: skip
