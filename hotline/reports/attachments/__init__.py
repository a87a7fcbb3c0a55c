"""Attachments, what people send beside words: the original sealed as evidence, a copy without metadata for officers."""

from hotline.reports.attachments.collector import DUE_COLUMNS, Collector
from hotline.reports.attachments.enclosing import enclose, forget
from hotline.reports.attachments.reading import Opened, of_report, open_part
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment, AttachmentBody, AttachmentState

__all__ = [
    "COPY",
    "DUE_COLUMNS",
    "ORIGINAL",
    "Attachment",
    "AttachmentBody",
    "AttachmentState",
    "Collector",
    "Opened",
    "enclose",
    "forget",
    "of_report",
    "open_part",
]  # fmt: skip
