"""Officers: who is on duty at a moment, who was, where nobody will be; and what proves that somebody is one of them."""

from hotline.core.localtime import LOCAL
from hotline.staff.accounts import Account, LoginDelay, LoginSession
from hotline.staff.changes import LONGEST, add, away_from, back, check_period, cover, leave, note_spells
from hotline.staff.directory import MAX_OVERLAP, Directory, Duty, Gap, Member, Place, Preference, Window
from hotline.staff.login import (
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
from hotline.staff.pins import MAX_PIN, MIN_PIN, Pin, PinCheck, check_pin, has_pin, set_pin
from hotline.staff.shifts import DAYS, HOLIDAY, ORDINARY, RAMADAN, Kinds, Span, spans, wall
from hotline.staff.store import (
    VERSION_AND_SENDER,
    current_directory,
    gaps,
    gaps_soon,
    known_since,
    on_duty_at,
    read_at,
    recognise,
    sender,
)
from hotline.staff.tables import (
    Circle,
    CircleDistrict,
    Dated,
    DirectoryState,
    Leave,
    Officer,
    OfficerAddress,
    Override,
    Shift,
    SpecialDays,
    Spell,
    Zone,
)
from hotline.staff.throttle import FORGET, HASHER

__all__ = [
    "DAYS", "FORGET", "HASHER", "HOLIDAY", "IDLE", "LIFE", "LOCAL", "LONGEST", "MAX_OVERLAP", "MAX_PASSWORD",
    "MAX_PIN", "MAX_USERNAME", "MIN_PASSWORD", "MIN_PIN", "NOBODY", "ORDINARY", "RAMADAN", "TOUCH",
    "VERSION_AND_SENDER", "Account", "Attempt", "Circle", "CircleDistrict", "Dated", "Directory", "DirectoryState",
    "Duty", "Gap", "Kinds", "Leave", "LoggedIn", "Login", "LoginDelay", "LoginSession", "Member", "Officer",
    "OfficerAddress", "Override", "Pin", "PinCheck", "Place", "Preference", "Refused", "Shift", "Span",
    "SpecialDays", "Spell", "Window", "Zone", "add", "away_from", "back", "check_period", "check_pin", "cover",
    "current_directory", "enrol_totp", "expire", "find", "gaps", "gaps_soon", "has_pin", "known_since", "leave", "log_in",
    "log_out", "log_out_everywhere", "new_device", "note_spells", "on_duty_at", "read_at", "recognise", "sender",
    "set_password", "set_pin", "spans", "touch", "wall",
]  # fmt: skip
