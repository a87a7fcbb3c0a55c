"""SMS over SMPP: deliver_sm committed and answered a second against bare commits, and a burst with a restart in it."""

import signal
import threading
import time
from itertools import count

import sqlalchemy as sa

from hotline.contacts import InboundRow
from hotline.reports import Report
from tests.bench.output import line
from tests.journeys.told import NOWHERE
from tests.servers import wait_until
from tests.site import Site
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc, smsc
from workers.smpp_door import LANES

COUNT, WARM, BURST = 800, 200, 2000  # messages
WINDOW = 20  # without an answer at the same time, as operators allow
BARE_SECONDS = 2.0
PROCESS = "python -m workers.smpp"

_metadata = sa.MetaData()
_rows = sa.Table("bare_commits", _metadata, sa.Column("id", sa.String, primary_key=True))


def run(urls: dict[str, str], redis_url: str) -> None:
    """Both measures on each database."""
    for name, url in urls.items():
        with smsc() as centre:
            site = Site(url, redis_url=redis_url)
            del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each message: for tests only
            site.environment |= {
                "HOTLINE_SMPP_HOST": "127.0.0.1", "HOTLINE_SMPP_PORT": str(centre.port), "HOTLINE_SMPP_SENDER": CODE,
                "HOTLINE_SMPP_SYSTEM_ID": SYSTEM_ID, "HOTLINE_SMPP_PASSWORD": PASSWORD,
                "HOTLINE_SMPP_RATE": "1",  # the answers wait: what comes in is measured, as in `inbound`
            }  # fmt: skip
            _rate(site, centre, name)
            _burst(site, centre, name)
            site.database.engine.dispose()


def _rate(site: Site, centre: Smsc, name: str) -> None:
    process = site.start(PROCESS)
    centre.expect("bound")
    _flood(centre, WARM, 0)
    with site.database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    rate = COUNT / _flood(centre, COUNT, WARM)
    process.send_signal(signal.SIGKILL)
    process.wait()
    bare = _bare(site)
    line(f"SMPP in, {name} ({rate:.0f}/s of {bare:.0f} commits/s)", rate / bare, "ratio", 0.3)


def _flood(centre: Smsc, messages: int, first: int) -> float:
    """Seconds until all were answered with OK."""
    before = len(centre.of("flooded"))
    centre.tell("flood", **{"count": messages, "window": WINDOW, "text": NOWHERE, "from": first})
    wait_until(lambda: len(centre.of("flooded")) > before, "the messages", 300)
    return float(centre.of("flooded")[-1]["seconds"])


def _bare(site: Site) -> float:
    """Commits of one row a second, by as many threads as there are lanes."""
    _metadata.create_all(site.database.engine)
    numbers, deadline = count(), time.monotonic() + BARE_SECONDS

    def commit() -> None:
        while time.monotonic() < deadline:
            with site.database.transaction() as tx:
                tx.execute(sa.insert(_rows).values(id=str(next(numbers))))

    threads = [threading.Thread(target=commit) for _ in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(numbers) / BARE_SECONDS


def _burst(site: Site, centre: Smsc, name: str) -> None:
    """The process is killed in the middle, started again, ended politely, and started again."""
    before = _taken(site)
    binds, first = len(centre.of("bound")), WARM + COUNT
    process = site.start(PROCESS)
    wait_until(lambda: len(centre.of("bound")) > binds, "the bind")
    seen = len(centre.events)
    centre.tell("flood", **{"count": BURST, "window": WINDOW, "text": NOWHERE, "from": first})
    for taken, ending in ((500, signal.SIGKILL), (1000, signal.SIGTERM)):
        wait_until(lambda enough=taken: _told(centre, seen) >= enough, "a part of the burst", 120)  # type: ignore[misc]
        process.send_signal(ending)
        process.wait()
        process = site.start(PROCESS)
    wait_until(lambda: any(event["event"] == "flooded" for event in centre.events[seen:]), "the burst", 300)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rows, reports = (after - earlier for after, earlier in zip(_taken(site), before, strict=True))
    line(f"lost of {BURST} by SMPP with two restarts, {name}", max(0, BURST - reports), "", 0, at_most=True)
    line(f"doubled of {BURST} by SMPP with two restarts, {name}", max(0, rows - BURST), "", 0, at_most=True)


def _told(centre: Smsc, seen: int) -> int:
    return max((event["count"] for event in centre.events[seen:] if event["event"] == "taken"), default=0)


def _taken(site: Site) -> tuple[int, int]:
    """Messages taken in, and reports that came of them."""
    with site.database.reading() as tx:
        rows, reports = (
            tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (InboundRow, Report)
        )
        return rows, reports
