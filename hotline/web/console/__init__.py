"""The officers' console: log in, the queue, one report, paper, times, the PIN."""

from hotline.web.console import attachments as enclosed
from hotline.web.console import on_behalf as hand
from hotline.web.console import pin, queue, release, report
from hotline.web.console import prints as paper
from hotline.web.console import response_times as response  # their routes
from hotline.web.console.login import blueprint

__all__ = ["blueprint", "enclosed", "hand", "paper", "pin", "queue", "release", "report", "response"]
