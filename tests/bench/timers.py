"""From commit to the gateway at 20 reports a second; then, among many open timers, how late those are that fall due."""

import time
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from hotline.escalation.sweep import any_due
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.bench import circles, load
from tests.bench.output import line, percentile
from tests.bench.stub import stub
from tests.journeys.told import DANGER
from tests.servers import wait_until
from tests.support.site import Site

RATE, SECONDS = 20, 20  # reports a second from outside, and for how long
OPEN = {"sqlite": 10_000, "postgresql": 100_000}  # timers that are not due
DUE, DUE_WITHIN = 300, 15.0  # of P1 and of P2 each, evenly within so many seconds
AT_ONCE = 1000  # within one second
WARM = 20  # timers before each measure: what a process does for the first time only
SOON = timedelta(seconds=2)
WEB, WORKER, CLOCK = "hotline.app:create_app()", "python -m workers.jobs", "python -m workers.clock"


def run(urls: dict[str, str], redis_url: str) -> None:
    """All measures on each database, with real processes and a gateway that takes everything at once."""
    with stub() as address:
        for name, url in urls.items():
            site = Site(url, redis_url=redis_url, gateway=address)
            del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each look: for tests only
            codes = circles.staff(site)
            _handover(site, name)
            _open(site, codes, OPEN[name])
            with site.processes(WORKER, CLOCK):
                _warm(site, codes)
                _lateness(site, name, codes)
                _at_once(site, name, codes)


def _handover(site: Site, name: str) -> None:
    with site.processes(site.gunicorn(WEB), WORKER):
        site.wait()
        load.rate(site.port, load.prepare(site.public, WARM, DANGER))
        wait_until(lambda: _all_sent(site), "the first pages", 60)
        warm, requests = _newest(site), load.prepare(site.public, RATE * SECONDS, DANGER)
        started = time.perf_counter()
        for number, request in enumerate(requests):
            time.sleep(max(0.0, started + number / RATE - time.perf_counter()))
            load.rate(site.port, [request], connections=1)
        wait_until(lambda: _all_sent(site), "the last page", 60)
    waits = [
        (row.sent_at - row.created_at).total_seconds()
        for row in _pages(site, warm + timedelta.resolution)
        if row.sent_at
    ]
    text = f"commit to gateway at {RATE}/s, p99, {name} ({len(waits)} pages)"
    line(text, percentile(waits, 0.99), "s", 2.0, at_most=True)


def _open(site: Site, codes: list[str], count: int) -> None:
    """Leave nothing that is due or waits for a receipt, and make the timers that wait."""
    start = site.database.now() + timedelta(hours=1)
    with site.database.transaction() as tx:
        tx.execute(sa.update(Report).values(due_at=start, climbs_at=start))
        tx.execute(sa.update(OutboxRow).values(receipt_by=None))
    dice = Random(7)
    circles.wait_for(
        site,
        (
            (dice.choice(codes), dice.choice((1, 2, 3)), start + timedelta(seconds=dice.uniform(0, 3600)))
            for _ in range(count)
        ),
    )
    circles.count_rows(site)


def _warm(site: Site, codes: list[str]) -> None:
    now = site.database.now()
    due = circles.wait_for(site, ((codes[number], 1, now) for number in range(WARM)))
    wait_until(lambda: _sent(site, now) >= len(due), "the first climbs", 60)


def _lateness(site: Site, name: str, codes: list[str]) -> None:
    """P1 and P2 by turns, three of each for a circle."""
    start = site.database.now() + SOON
    due = {
        priority: circles.wait_for(
            site,
            (
                (codes[number % len(codes)], priority, start + timedelta(seconds=number * DUE_WITHIN / DUE))
                for number in range(DUE)
            ),
        )
        for priority in (1, 2)
    }
    _sleep_until(site, start + timedelta(seconds=DUE_WITHIN))
    wait_until(lambda: _sent(site, start) >= 2 * DUE, "the climbs", 90)
    sent = {row.report_id: row.sent_at for row in _pages(site, start) if row.sent_at and row.report_id}
    late = {
        priority: [(sent[report_id] - moment).total_seconds() for report_id, moment in due[priority].items()]
        for priority in due
    }
    of = f"{OPEN[name]:,} open, p99, {name}"
    line(f"P1 due to gateway, {of}", percentile(late[1], 0.99), "s", 1.0, at_most=True)
    line(f"P2 due to gateway, {of}", percentile(late[2], 0.99), "s", 2.0, at_most=True)
    line(f"both due to gateway, {of}", percentile(late[1] + late[2], 0.99), "s", 1.5, at_most=True)


def _at_once(site: Site, name: str, codes: list[str]) -> None:
    """Many within one second: how long after its end the last one is in the outbox, seen from outside."""
    start = site.database.now() + SOON
    end = start + timedelta(seconds=1)
    step = timedelta(seconds=1) / AT_ONCE
    timers = ((codes[number % len(codes)], 1, start + number * step) for number in range(AT_ONCE))
    due = circles.wait_for(site, timers)
    _sleep_until(site, end)
    wait_until(lambda: not _any_due(site, end), "the offers", 60)
    late = (site.database.now() - end).total_seconds()
    offered = {row.report_id for row in _pages(site, start)} & due.keys()
    wait_until(lambda: _all_sent(site), "the last page", 60)
    gateway = max((row.sent_at - end).total_seconds() for row in _pages(site, start) if row.sent_at)
    text = f"{len(offered)} due in one second to outbox, the last, {name} (gateway {gateway:.2f} s)"
    line(text, late, "s", 2.0, at_most=True)


def _sleep_until(site: Site, moment: datetime) -> None:
    """Without a question to the database, which has other things to do."""
    time.sleep(max(0.0, (moment - site.database.now()).total_seconds()))


def _any_due(site: Site, moment: datetime) -> bool:
    with site.database.reading() as tx:
        return tx.execute(any_due(moment)).first() is not None


def _all_sent(site: Site) -> bool:
    waiting = sa.select(OutboxRow.id).where(OutboxRow.page_id.is_not(None), OutboxRow.state.in_(("queued", "sending")))
    with site.database.reading() as tx:
        return tx.execute(waiting.limit(1)).first() is None


def _sent(site: Site, since: datetime) -> int:
    pages = sa.and_(OutboxRow.page_id.is_not(None), OutboxRow.created_at >= since, OutboxRow.sent_at.is_not(None))
    with site.database.reading() as tx:
        return tx.execute(sa.select(sa.func.count()).where(pages)).scalar_one()


def _newest(site: Site) -> datetime:
    """When the last page was made, by the clock of the process that made it."""
    with site.database.reading() as tx:
        return tx.execute(sa.select(OutboxRow.created_at).order_by(OutboxRow.created_at.desc()).limit(1)).scalar_one()


def _pages(site: Site, since: datetime) -> list[OutboxRow]:
    with site.database.reading() as tx:
        return list(
            tx.scalars(sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None), OutboxRow.created_at >= since))
        )
