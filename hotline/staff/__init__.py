"""Officers: who is on duty at a moment, who was, where nobody will be; and what proves that somebody is one of them."""

from hotline.staff.accounts import Account
from hotline.staff.changes import add, away_from, back, check_period, cover, leave, note_spells
from hotline.staff.directory import MAX_OVERLAP, Directory, Duty, Gap, Member, Place, Preference
from hotline.staff.login import (
    NOBODY,
    Attempt,
    LoggedIn,
    enrol_totp,
    expire,
    find,
    log_in,
    log_out,
    new_device,
    set_password,
    touch,
)
from hotline.staff.pins import MAX_PIN, MIN_PIN, Pin, PinCheck, check_pin, has_pin, set_pin
from hotline.staff.shifts import DAYS, HOLIDAY, RAMADAN, Kinds, spans, wall
from hotline.staff.store import (
    VERSION_AND_SENDER,
    current_directory,
    gaps,
    gaps_soon,
    known_since,
    read_at,
    recognise,
    sender,
)
from hotline.staff.tables import (
    Circle,
    CircleDistrict,
    Dated,
    Leave,
    Officer,
    OfficerAddress,
    Override,
    Shift,
    SpecialDays,
    Zone,
)
from hotline.staff.throttle import HASHER

__all__ = [
    "DAYS", "HASHER", "HOLIDAY", "MAX_OVERLAP", "MAX_PIN", "MIN_PIN", "NOBODY", "RAMADAN", "VERSION_AND_SENDER",
    "Account", "Attempt", "Circle", "CircleDistrict", "Dated", "Directory", "Duty", "Gap", "Kinds", "Leave",
    "LoggedIn", "Member", "Officer", "OfficerAddress", "Override", "Pin", "PinCheck", "Place", "Preference",
    "Shift", "SpecialDays", "Zone", "add", "away_from", "back", "check_period", "check_pin", "cover",
    "current_directory", "enrol_totp", "expire", "find", "gaps", "gaps_soon", "has_pin", "known_since", "leave",
    "log_in", "log_out", "new_device", "note_spells", "read_at", "recognise", "sender",
    "set_password", "set_pin", "spans", "touch", "wall",
]  # fmt: skip
