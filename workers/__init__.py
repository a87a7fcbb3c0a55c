"""Processes beside the web: `jobs` sends what waits in the outbox, `clock` moves the timers."""
