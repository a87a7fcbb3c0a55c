"""What officers do in the console: see their queue, read a report, accept, note, close; by hand where power is out."""

from hotline.casework.queue import Line, Queue, queue
from hotline.casework.timeline import Happening, Trip
from hotline.casework.work import Casework, Result, Sheet

__all__ = ["Casework", "Happening", "Line", "Queue", "Result", "Sheet", "Trip", "queue"]
