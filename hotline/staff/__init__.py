"""Zones, circles, officers, shifts: who is on duty at a moment, who was, and where nobody will be."""

from hotline.roster.changes import LONGEST, add, away_from, back, check_period, cover, leave, note_spells
from hotline.roster.snapshot import MAX_OVERLAP, Directory, Duty, Gap, Member, Place, Preference, Window
from hotline.roster.spans import DAYS, HOLIDAY, LOCAL, ORDINARY, RAMADAN, Kinds, Span, spans, wall
from hotline.roster.store import (
    VERSION_AND_SENDER,
    directory,
    gaps,
    gaps_soon,
    known_since,
    on_duty_at,
    read_at,
    recognise,
    sender,
)
from hotline.roster.tables import (
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

__all__ = [
    "DAYS", "HOLIDAY", "LOCAL", "LONGEST", "MAX_OVERLAP", "ORDINARY", "RAMADAN", "VERSION_AND_SENDER", "Circle", "CircleDistrict", "Dated",
    "Directory", "DirectoryState", "Duty", "Gap", "Kinds", "Leave", "Member", "Officer", "OfficerAddress", "Override",
    "Place", "Preference", "Shift", "Span", "SpecialDays", "Spell", "Window", "Zone", "add", "away_from", "back",
    "check_period", "cover", "directory", "gaps", "gaps_soon", "known_since", "leave", "note_spells", "on_duty_at", "read_at", "recognise",
    "sender", "spans", "wall",
]  # fmt: skip
