"""What officers do in the console: see their queue, read a report, accept, note, close; by hand where power is out."""

from hotline.casework import access, on_behalf, phone, questions, slips
from hotline.casework.on_behalf import AcceptedBy
from hotline.casework.phone.duty_phone import DutyPhone
from hotline.casework.questions import Asked
from hotline.casework.queue import read_queue
from hotline.casework.report import Casework, ReportView, Result
from hotline.casework.slips import Fault, Slip, SlipResult
from hotline.casework.timeline import Happening, Trip

__all__ = [
    "AcceptedBy", "Asked", "Casework", "DutyPhone", "Fault", "Happening", "ReportView", "Result", "Slip",
    "SlipResult", "Trip", "access", "on_behalf", "phone", "questions", "read_queue", "slips",
]  # fmt: skip
