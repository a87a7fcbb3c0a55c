"""The officers' console: log in, the queue, one report."""

from hotline.web.console import queue, report  # their routes
from hotline.web.console.door import blueprint

__all__ = ["blueprint", "queue", "report"]
