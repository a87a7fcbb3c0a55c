"""The watch over the hotline itself: heartbeats, alarms, drills, figures."""

from hotline.monitoring import alarms, diagnosis, drill, heartbeats, metrics, response_times, watchdog
from hotline.monitoring.alarms import AlarmKind
from hotline.monitoring.doctor import findings, read_files
from hotline.monitoring.drill import Aside, Drill, in_a_thread
from hotline.monitoring.heartbeats import MAX_SWEEP_AGE
from hotline.monitoring.response_times import Measure, Table
from hotline.monitoring.watchdog import Watchdog

__all__ = [
    "MAX_SWEEP_AGE", "AlarmKind", "Aside", "Drill", "Measure", "Table", "Watchdog", "alarms", "diagnosis", "drill",
    "findings", "heartbeats", "in_a_thread", "metrics", "read_files", "response_times", "watchdog",
]  # fmt: skip
