"""`hotline load`: a directory from a YAML file; all of it or nothing, and repeating it changes nothing but to wake what waits."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from hotline import staff as roster
from hotline.cli.loading.duties import Duties
from hotline.cli.loading.shapes import DirectoryFile
from hotline.cli.loading.staff import Staff
from hotline.conversation import Places
from hotline.core import audit
from hotline.core.datafile import DataFile, DataFileError
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.intake import recruiters

ALWAYS_TOLD = ("zones", "circles", "officers", "shifts")


def load(tx: Session, vault: Vault, places: Places, tiers: list[str], path: Path, now: datetime) -> dict[str, int]:
    """Load a directory file; how many there were of each kind. Raises DataFileError naming file, line and field of each problem."""
    file = DataFile(path)
    content = file.parse(DirectoryFile)
    staff = Staff(tx, vault, places, file)
    staff.load(content)
    Duties(staff, tiers, now).load(content)
    if staff.problems:
        raise DataFileError(staff.problems)
    recruiters.load(tx, content.agents, now)
    roster.note_spells(tx, now)
    Escalation.roster_changed(tx, now)
    found = {name: len(getattr(content, name)) for name in DirectoryFile.model_fields}
    counts = {name: count for name, count in found.items() if count or name in ALWAYS_TOLD}
    audit.record(tx, "directory_loaded", at=now, actor="operator", report_id=None, **counts)
    return counts


__all__ = ["load"]
