"""Whether the hotline itself is well: heartbeats, alarms, drills, figures."""
