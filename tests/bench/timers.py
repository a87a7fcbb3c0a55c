"""From commit to the gateway at 20 reports a second, and the lateness of escalations among 10,000 open timers."""

import time
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hotline import db, reports
from hotline.demo.gateway import Gateway
from hotline.demo.setup import NUMBER
from hotline.outbox import OutboxRow
from hotline.reports import Report
from tests.bench import load
from tests.bench.output import line, percentile
from tests.servers import wait_until
from tests.site import TOKEN, Site

RATE, SECONDS = 20, 20
OPEN_TIMERS, DUE, DUE_WITHIN = 10_000, 300, 15.0
WEB, WORKER, CLOCK = "hotline.app:create_app()", "python -m workers.jobs", "python -m workers.clock"


def run(urls: dict[str, str], redis_url: str) -> None:
    """Both measures on each database, with real processes and a local gateway."""
    gateway = Gateway(account_sid="AC" + "0" * 32, auth_token=TOKEN, senders=[NUMBER])
    with gateway.serve() as address:
        for name, url in urls.items():
            site = Site(url, redis_url=redis_url, gateway=address)
            _handover(site, name)
            _lateness(site, name)


def _handover(site: Site, name: str) -> None:
    with site.processes(site.gunicorn(WEB), WORKER):
        site.wait()
        load.rate(site.port, load.prepare(site.public, 20))
        started = time.perf_counter()
        for number, request in enumerate(load.prepare(site.public, RATE * SECONDS)):
            time.sleep(max(0.0, started + number / RATE - time.perf_counter()))
            load.rate(site.port, [request], connections=1)
        wait_until(lambda: not _pages(site, unsent=True), "the last page", 60)
    waits = [(row.sent_at - row.created_at).total_seconds() for row in _pages(site) if row.sent_at]
    line(
        f"commit to gateway at {RATE}/s, p99, {name} ({len(waits)} pages)",
        percentile(waits, 0.99),
        "s",
        2.0,
        at_most=True,
    )


def _pages(site: Site, unsent: bool = False) -> list[OutboxRow]:
    rows = sa.select(OutboxRow).where(OutboxRow.page_id.is_not(None))
    if unsent:
        rows = rows.where(OutboxRow.state.in_(("queued", "sending")))
    with site.database.reading() as tx:
        return list(tx.scalars(rows))


def _lateness(site: Site, name: str) -> None:
    due = _open_timers(site)
    with site.processes(WORKER, CLOCK):
        wait_until(lambda: len(_climbed(site, due)) == len(due) and not _pages(site, unsent=True), "the climbs", 90)
    late = [(sent - due[report_id]).total_seconds() for report_id, sent in _climbed(site, due).items()]
    text = f"escalation due to gateway, {OPEN_TIMERS} open, p99, {name}"
    line(text, percentile(late, 0.99), "s", 1.5, at_most=True)


def _open_timers(site: Site) -> dict[str, datetime]:
    """Make the open reports; returns those that fall due, with their moment."""
    start = site.database.now() + timedelta(seconds=6)
    with site.database.transaction() as tx:
        # what the first measure left open must not fall due in the middle of this one
        tx.execute(sa.update(Report).values(due_at=start + timedelta(days=1)))
        rows = []
        for number in range(OPEN_TIMERS):
            soon = timedelta(seconds=number * DUE_WITHIN / DUE) if number < DUE else timedelta(hours=1)
            rows.append(_row(site, start + soon))
        key = Report(id="x", circle="lahore", integrity=False)
        reports.lock_to_circle(tx, site.keys, key, reports.new_data_key(), start)
        tx.execute(sa.insert(Report), [row | {"key_id": key.key_id} for row in rows])
    return {row["id"]: row["due_at"] for row in rows[:DUE]}


def _row(site: Site, due: datetime) -> dict[str, Any]:
    now = site.database.now()
    return {
        "id": db.new_id(), "kind": "tip", "status": "open", "priority": 2, "reasons": [], "integrity": False,
        "circle": "lahore", "channel": "sms", "opened_at": now, "updated_at": now, "policy": site.rules.id, "level": 0,
        "generation": 1, "round": 0, "timer": "accept", "due_at": due,
    }  # fmt: skip


def _climbed(site: Site, due: dict[str, datetime]) -> dict[str, datetime]:
    return {row.report_id: row.sent_at for row in _pages(site) if row.report_id in due and row.sent_at}
