"""What officers do in the console: see their queue, read a report, accept, note, close; by hand where power is out."""

from hotline.casework.queue import Line, Queue, queue
from hotline.casework.report import Casework, Result, Sheet
from hotline.casework.timeline import Happening, Trip

__all__ = ["Casework", "Happening", "Line", "Queue", "Result", "Sheet", "Trip", "queue"]
