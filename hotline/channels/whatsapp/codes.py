"""Meta's error codes that other files act on."""

OUTSIDE_24_HOURS = "131047"  # since their last message: to the public it is held until they write
