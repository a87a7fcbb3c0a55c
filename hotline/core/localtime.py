"""The time of day in Pakistan, in which duty, safe hours and pages are told."""

from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Karachi")
