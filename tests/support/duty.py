"""For tests of rosters: shifts by hand, moments in Pakistan's time, and a database whose directory is loaded in pieces."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline import staff
from hotline.cli import loading
from hotline.conversation.places.finder import Places
from hotline.core import db, vault
from hotline.core.datafile import DataFileError
from hotline.core.localtime import LOCAL
from hotline.core.settings import ROOT
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.local.demo.setup import DIRECTORY
from hotline.staff.directory import Gap
from hotline.staff.tables import Shift
from tests.journeys.prepared import Prepared

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # a Monday, ten in the morning in Karachi
RULES = policy.load(ROOT / "flows" / "escalation.yaml")
PLACES = Places.load(ROOT / "flows" / "districts.tsv")
PREPARED: dict[tuple[str, Path | str], Prepared] = {}  # by kind of database and directory


def clock(text: str) -> int:
    """Minutes of the day of "08:00"."""
    return int(text[:2]) * 60 + int(text[3:])


def weekly(days: str, start: str, end: str, **more: object) -> Shift:
    """A shift of Amna's on the days of "mon tue"."""
    given = {"circle": "lahore", "tier": "duty_officer", "officer_id": "amna", **more}
    return Shift(days=days.split(), start_minute=clock(start), end_minute=clock(end), **given)


def rotation(officers: str, every: int, first: str, handover: str, **more: object) -> Shift:
    """Officers in turn, each for `every` days."""
    given = {"circle": "lahore", "tier": "duty_officer", "handover": clock(handover), **more}
    return Shift(rotation=officers.split(), every=every, first_day=date.fromisoformat(first), **given)


def at(moment: str, zone: ZoneInfo = LOCAL) -> datetime:
    """A moment in Pakistan's time: "2026-11-23 10:00", a Monday."""
    return datetime.fromisoformat(moment).replace(tzinfo=zone).astimezone(UTC)


def who(shift: Shift, moment: datetime, kinds: staff.Kinds | None = None, zone: ZoneInfo = LOCAL) -> list[str | None]:
    """Whom a shift puts on duty at a moment."""
    return [span.officer_id for span in staff.spans(shift, moment, moment, kinds or {}, zone)]


def stretches(
    shift: Shift, start: datetime, end: datetime, kinds: staff.Kinds | None = None, zone: ZoneInfo = LOCAL
) -> list[tuple[str, str]]:
    """The spans of a shift, as local days and hours: "Mon 23 20:00"."""
    found = staff.spans(shift, start, end, kinds or {}, zone)
    return [(short(span.begin, zone), short(span.end, zone)) for span in found]


def short(moment: datetime, zone: ZoneInfo = LOCAL) -> str:
    return moment.astimezone(zone).strftime("%a %d %H:%M")


class Duty:
    """A database with a directory that is changed, by default the demo's."""

    def __init__(self, url: str, folder: Path, first: Path | str = DIRECTORY) -> None:
        self.database, self.folder = db.Database(url), folder
        begun = self.database.engine.dialect.name, first
        if begun in PREPARED:
            PREPARED[begun].put(self.database, folder / "keys")
        else:
            vault.make_keys(folder / "keys")
        self.keys = Vault(folder / "keys", "operator")
        if begun not in PREPARED:
            self.load(first)
            PREPARED[begun] = Prepared.taken_from(self.database, folder / "keys")

    def load(self, file: Path | str, now: datetime = NOW) -> None:
        """Load a file, or a text as one."""
        path = self.folder / "staff.yaml"
        path.write_text(file if isinstance(file, str) else file.read_text(encoding="utf-8"), encoding="utf-8")
        with self.database.transaction() as tx:
            loading.load(tx, self.keys, PLACES, RULES.tiers, path, now)

    def refuses(self, text: str) -> list[str]:
        """The problems of a text, without the folder's name."""
        with pytest.raises(DataFileError) as refused:
            self.load(text)
        return [problem.split("staff.yaml:", 1)[1] for problem in refused.value.problems]

    def known(self) -> staff.Directory:
        """The directory as the next transaction sees it."""
        with self.database.reading() as tx:
            return staff.current_directory(tx)

    def holds(self, circle: str, tier: str, now: datetime | str = NOW) -> list[str]:
        """The names of those on duty."""
        moment = at(now) if isinstance(now, str) else now
        return [duty.name for duty in RULES.holders(self.known(), circle, tier, moment)]

    def held(self, circle: str, tier: str, moment: datetime | str) -> list[str]:
        """The names of those who were on duty at a moment, by what the roster said then."""
        when = at(moment) if isinstance(moment, str) else moment
        with self.database.reading() as tx:
            known = staff.read_at(tx, when)
        nobody = tier == RULES.top and not known.desks
        return [] if nobody else [duty.name for duty in RULES.holders(known, circle, tier, when)]

    def gaps(self, days: int = 14, tiers: Sequence[str] = RULES.tiers, now: datetime = NOW) -> list[Gap]:
        """Where nobody is."""
        with self.database.reading() as tx:
            return staff.gaps(tx, tiers, now, days)

    def id(self, name: str) -> str:
        """An officer's id."""
        return next(member.id for member in self.known().members.values() if member.name == name)


def made(url: str, folder: Path, first: Path | str = DIRECTORY) -> Iterator[Duty]:
    """A database for one test."""
    duty = Duty(url, folder, first)
    yield duty
    duty.database.engine.dispose()
