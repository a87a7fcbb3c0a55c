"""The officers' console: log in, the queue, one report, paper, times, the PIN."""

from hotline.web.console import enclosed, hand, paper, pin, queue, report, response  # their routes
from hotline.web.console.door import blueprint

__all__ = ["blueprint", "enclosed", "hand", "paper", "pin", "queue", "report", "response"]
