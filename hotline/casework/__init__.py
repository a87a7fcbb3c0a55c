"""Officers' work on reports: their queue, reading, actions; by console, by phone, and by hand where power is out."""

from hotline.casework import access, actions, on_behalf, phone, questions, release, slips
from hotline.casework.actions import Actor
from hotline.casework.on_behalf import AcceptedBy
from hotline.casework.phone.duty_phone import DutyPhone
from hotline.casework.queue import QueueLine, read_queue
from hotline.casework.report import ReportView, open_attachment, read_report
from hotline.casework.results import Fault, Result
from hotline.casework.slips import Slip
from hotline.casework.timeline import Happening, Trip

__all__ = [
    "AcceptedBy", "Actor", "DutyPhone", "Fault", "Happening", "QueueLine", "ReportView", "Result", "Slip", "Trip", "access",
    "actions", "on_behalf", "open_attachment", "phone", "questions", "read_queue", "read_report", "release", "slips",
]  # fmt: skip
