"""Twilio's error codes that other files act on."""

OUTSIDE_24_HOURS = "63016"  # since their last message: to the public it is held until they write
