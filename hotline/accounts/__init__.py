"""Who may do what needs proof: passwords, one-time codes and log-ins for the console, PINs for closing by SMS."""

from hotline.accounts.login import (
    IDLE,
    LIFE,
    MAX_PASSWORD,
    MAX_USERNAME,
    MIN_PASSWORD,
    NOBODY,
    TOUCH,
    Attempt,
    LoggedIn,
    Login,
    Refused,
    enrol_totp,
    expire,
    find,
    log_in,
    log_out,
    log_out_everywhere,
    new_device,
    set_password,
    touch,
)
from hotline.accounts.pins import MAX_PIN, MIN_PIN, Pin, PinCheck, check_pin, has_pin, set_pin
from hotline.accounts.tables import Account, LoginDelay, LoginSession
from hotline.accounts.tries import FORGET, HASHER

__all__ = [
    "FORGET", "HASHER", "IDLE", "LIFE", "MAX_PASSWORD", "MAX_PIN", "MAX_USERNAME", "MIN_PASSWORD", "MIN_PIN", "NOBODY",
    "TOUCH", "Account", "Attempt", "LoggedIn", "Login", "LoginDelay", "LoginSession", "Pin", "PinCheck", "Refused",
    "check_pin", "enrol_totp", "expire", "find", "has_pin", "log_in", "log_out", "log_out_everywhere", "new_device",
    "set_password", "set_pin", "touch",
]  # fmt: skip
