"""What a story arranges: who is on duty, by which rules, what becomes of a report elsewhere than on a phone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from hotline.cli import loading
from hotline.conversation import placenames
from hotline.conversation.flow import Flows
from hotline.conversation.places.finder import Places
from hotline.core.settings import ROOT
from hotline.escalation import policy
from hotline.escalation.engine import Escalation
from hotline.escalation.policy import Policy
from hotline.intake.exchange import Services
from hotline.intake.receive import Intake
from hotline.reports.tables import Outcome, Report
from hotline.reports.triage import Fallback, Triage
from hotline.staff.tables import Officer, Shift
from tests.journeys.record import Book
from tests.journeys.staff import directory_of

FLOWS = ROOT / "flows"
PLACES = Places.load(FLOWS / "districts.tsv")
PLACE_NAMES = placenames.load(FLOWS / "districts.tsv")
TRIAGE = Triage.load(FLOWS / "triage.yaml", Flows.load(FLOWS).words)


class Stage(Book):
    """The arranging side of a world."""

    folder: Path
    rules: Policy
    engine: Escalation
    clock_engine: Escalation
    services: Services
    intake: Intake
    settle: Callable[[], None]

    @property
    def transaction(self) -> Callable[[], AbstractContextManager[Session]]:
        """A transaction of the story's database."""
        return self.database.transaction

    def load(self, staff: Path) -> None:
        """Load a directory file."""
        with self.transaction() as tx:
            loading.load(tx, self.keys, PLACES, self.rules.tiers, staff, self.database.now())

    def directory(self, content: str | dict[str, Any]) -> None:
        """Load a directory given in the story: YAML, or what it would be read as."""
        path = self.folder / "story-directory.yaml"
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        self.load(path)

    def triage(self, priority: str) -> None:
        """What no rule shows to be urgent has this priority from now on (the flows' own rules say P2)."""
        said = Fallback(priority=priority, reason="The story says so")
        rules = TRIAGE.file.model_copy(update={"default": said, "second_reader": None})
        self.services = replace(self.services, triage=replace(TRIAGE, file=rules))
        self.intake = replace(self.intake, services=self.services)

    def transfer(self, circle: str, report: Report | None = None) -> None:
        """The report, or the only one, goes to another circle."""
        with self.transaction() as tx:
            moved = tx.get_one(Report, (report or self.report()).id)
            moved.circle = circle
            self.engine.transfer(tx, moved, self.database.now(), actor="operator")
        self.settle()

    def close(self, report: Report | None = None) -> None:
        """The report, or the only one, is closed in the console."""
        with self.transaction() as tx:
            self.engine.close(
                tx, tx.get_one(Report, (report or self.report()).id), Outcome.INQUIRY, "amna", self.database.now()
            )
        self.settle()

    def staff(self, lines: str) -> None:
        """These people from now on, and nobody else: all others have no shift. How the lines are read: `staff.py`."""
        content = directory_of(lines)
        kept = {officer["username"] for officer in content["officers"]}
        with self.transaction() as tx:
            for shift in tx.scalars(sa.select(Shift)):
                tx.delete(shift)
            for officer in tx.scalars(sa.select(Officer).where(Officer.username.not_in(kept))):
                officer.active = False
        self.directory(content)

    def policy(self, text: str) -> None:
        """Change escalation.yaml by a few lines of it; new reports begin with the result."""
        path = self.folder / "story-escalation.yaml"
        now = yaml.safe_load((FLOWS / "escalation.yaml").read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump(_merge(now, yaml.safe_load(text))), encoding="utf-8")
        self.rules = policy.load(path)
        with self.transaction() as tx:
            policy.register(tx, self.rules, self.database.now())
        for engine in (self.engine, self.clock_engine):
            engine.ladder = replace(engine.ladder, current=self.rules)


def _merge(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: _merge(old.get(key), value) for key, value in new.items()}
    return new
