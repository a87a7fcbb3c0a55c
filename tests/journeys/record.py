"""What is on record in a story: reports, pages, rows, events; and the ledger that must balance."""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from hotline import reports
from hotline.core import audit
from hotline.core.vault import Vault
from hotline.messaging.outbox import OutboxRow, OutboxState
from hotline.messaging.pages import Page, PageState
from hotline.reports.tables import Report, Status
from tests.journeys.clock import Clock
from tests.journeys.gateways import Air
from tests.journeys.phones import Phone


class Book:
    """The reading side of a world."""

    database: Clock
    keys: Vault
    airs: dict[str, Air]

    def report(self) -> Report:
        """The one report of the story."""
        with self.database.reading() as tx:
            return tx.scalars(sa.select(Report)).one()

    def reports(self) -> list[Report]:
        """All of them, oldest first."""
        with self.database.reading() as tx:
            return list(tx.scalars(sa.select(Report).order_by(Report.opened_at, Report.id)))

    def written(self) -> list[str]:
        """What stands on the one report, opened as the console would."""
        with self.database.transaction() as tx:
            report = tx.scalars(sa.select(Report)).one()
            return [entry.text for entry in reports.read_entries(tx, reports.pick_up(tx, self.keys, report))]

    def events(self, *names: str) -> list[str]:
        """The names of the events on record, those of `names` only if given."""
        return [event for event, _ in self.record(*names)]

    def record(self, *names: str) -> list[tuple[str, dict[str, Any]]]:
        """Events on record with their data, those of `names` only if given."""
        with self.database.reading() as tx:
            rows = tx.scalars(sa.select(audit.AuditRow).order_by(audit.AuditRow.seq)).all()
            return [(row.event, dict(row.data)) for row in rows if not names or row.event in names]

    def about(self, event: str) -> list[str]:
        """The ids of the reports of an event's rows, in the order in which they were written."""
        with self.database.reading() as tx:
            mine = sa.select(audit.AuditRow.report_id).where(audit.AuditRow.event == event)
            return [found for found in tx.scalars(mine.order_by(audit.AuditRow.seq)) if found is not None]

    def pages(self, report: Report | None = None) -> list[Page]:
        """All pages, oldest first, or those of one report."""
        with self.database.reading() as tx:
            found = tx.scalars(sa.select(Page).order_by(Page.created_at, Page.level, Page.id)).all()
        return [page for page in found if report is None or page.report_id == report.id]

    def rows(self, *states: str) -> list[OutboxRow]:
        """Outbox rows, those in `states` only if given."""
        with self.database.reading() as tx:
            found = tx.scalars(sa.select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.id)).all()
        return [row for row in found if not states or row.state in states]

    def told_of(self, phone: Phone) -> list[str]:
        """The ids of the reports that a phone was told of, in that order."""
        reports_of = {row.id: row.report_id for row in self.rows()}
        letters = (letter for air in self.airs.values() for letter in air.letters if letter.address == phone.address)
        return [found for letter in letters if (found := reports_of[letter.row]) is not None]

    def ledger_balances(self, *, doubles: int = 0) -> None:
        """Every report has a person or a timer, every page its end or its report; nothing left twice; the record holds.

        `doubles`: messages to officers that may have left twice, because their fate was unknown. To the public none.
        """
        self._every_report_is_with_somebody()
        self._every_page_is_accounted_for()
        self._nothing_left_twice(doubles)
        with self.database.reading() as tx:
            assert audit.verify(tx)[1] is None, "the record is broken"

    def _every_report_is_with_somebody(self) -> None:
        now = self.database.now()
        for report in self.reports():
            if report.status == Status.CLOSED:
                assert report.due_at is None, f"a closed report has a timer: {report.id}"
                continue
            assert report.due_at is not None, f"{report.id} has no timer"
            assert report.due_at > now, f"the timer of {report.id} was missed"
            assert (report.accepted_by is not None) == (report.status == Status.ACCEPTED)

    def _every_page_is_accounted_for(self) -> None:
        generations = {report.id: report for report in self.reports()}
        rows = Counter(row.page_id for row in self.rows() if row.page_id)
        for page in self.pages():
            report = generations[page.report_id]
            assert rows[page.id] or self._bundled(page), f"a page of {page.tier} was never offered to a gateway"
            if page.state == PageState.OPEN:
                assert report.status != Status.CLOSED, "a closed report rings"
                assert page.generation == report.generation, "a page of an earlier circle rings"
                assert page.overdue == (report.status == Status.ACCEPTED), "an accepted report rings"
        late = [
            row
            for row in self.rows(OutboxState.QUEUED.value, OutboxState.SENDING.value)
            if row.not_before < self.database.now()
        ]
        assert late == [], f"{len(late)} messages never left"

    def _bundled(self, page: Page) -> bool:
        """Whether a page was told within another one's message."""
        del page
        return False

    def _nothing_left_twice(self, doubles: int) -> None:
        arrivals = Counter(letter.row for air in self.airs.values() for letter in air.letters)
        rows = {row.id: row for row in self.rows()}
        twice = [rows[row_id] for row_id, times in arrivals.items() if times > 1]
        assert [row.id for row in twice if row.contact_id is not None] == [], "the public was told something twice"
        assert len(twice) <= doubles, f"{len(twice)} pages left twice"
        gone = {row.id for row in rows.values() if row.state in (OutboxState.SENT.value, OutboxState.DELIVERED.value)}
        assert gone - set(arrivals) == set(), "a message counts as sent and never arrived"
