"""The officers' console: log in, the queue, one report, paper, times, the PIN."""

from hotline.web.console import hand, paper, pin, queue, report, response  # their routes
from hotline.web.console.door import blueprint

__all__ = ["blueprint", "hand", "paper", "pin", "queue", "report", "response"]
