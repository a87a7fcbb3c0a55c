"""What officers do in the console: see their queue, read a report, accept, note, close; by hand where power is out."""

from hotline.casework.queue import Queue, QueueLine, queue
from hotline.casework.report import Casework, ReportView, Result
from hotline.casework.timeline import Happening, Trip

__all__ = ["Casework", "Happening", "Queue", "QueueLine", "ReportView", "Result", "Trip", "queue"]
