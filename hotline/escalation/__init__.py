"""The timer of each report: offered tier by tier until a human being accepts it, then watched until it is closed.

1. `begin` offers a new report to the first tier of its circle that somebody holds; each empty tier is put on record.
2. `sweep` finds reports whose `due_at` has passed and moves each on:
   waiting for acceptance -> the next occupied tier (the last repeats), or the same one again within its wait;
   accepted but idle -> a tier above is told.
3. `accept` stops the first timer and starts the second; `act` starts the third; `close` ends it.
4. `generation` rises when a report changes hands (transfer); answers to older generations change nothing.
"""

from hotline.escalation import paging, policy
from hotline.escalation.engine import Accepted, Escalation
from hotline.escalation.policy import Policy, Waits
from hotline.escalation.sweep import DUE_COLUMNS, STUCK_WAIT, SWEEP_LIMIT

__all__ = [
    "DUE_COLUMNS", "STUCK_WAIT", "SWEEP_LIMIT", "Accepted", "Escalation", "Policy", "Waits", "paging", "policy",
]  # fmt: skip
