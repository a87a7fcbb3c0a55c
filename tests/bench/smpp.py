"""SMS over SMPP: deliver_sm committed and answered a second against bare commits over the same bind, and a burst with a restart in it."""

import signal
from itertools import count
from statistics import median

import sqlalchemy as sa

from hotline.local.demo.setup import TEST_TEXT
from hotline.messaging.inbox import InboundRow
from hotline.reports.tables import Report
from tests.bench.output import line
from tests.servers import wait_until
from tests.smsc import CODE, PASSWORD, SYSTEM_ID, Smsc, smsc
from tests.support.site import Site

COUNT, WARM, BURST = 800, 200, 2000  # messages
WINDOW = 20  # without an answer at the same time, as operators allow
ROUNDS = 3  # of each side, turn by turn; the median counts: the machine is shared
PROCESS, BARE = "python -m workers.smpp", "python -m tests.bench.bare_smpp"

_phones = count()  # each flood has phones of its own


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
    rounds = [(_measured(site, centre, BARE), _measured(site, centre, PROCESS)) for _ in range(ROUNDS)]
    bare, full = (median(rates) for rates in zip(*rounds, strict=True))
    line(f"SMPP in, {name} ({full:.0f}/s of {bare:.0f}/s bare)", full / bare, "ratio", 0.3)


def _measured(site: Site, centre: Smsc, command: str) -> float:
    """Messages a second, after some that are not counted. Each is another one: the SMSC's numbers go on."""
    binds = len(centre.of("bound"))
    process = site.start(command)
    wait_until(lambda: len(centre.of("bound")) > binds, "the bind")
    _flood(centre, WARM)
    with site.database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    rate = COUNT / _flood(centre, COUNT)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return rate


def _flood(centre: Smsc, messages: int) -> float:
    """Seconds until all were answered with OK."""
    before = len(centre.of("flooded"))
    _begin(centre, messages)
    wait_until(lambda: len(centre.of("flooded")) > before, "the messages", 300)
    return float(centre.of("flooded")[-1]["seconds"])


def _begin(centre: Smsc, messages: int) -> None:
    first = next(_phones) * BURST
    centre.tell("flood", **{"count": messages, "window": WINDOW, "text": TEST_TEXT, "from": first})


def _burst(site: Site, centre: Smsc, name: str) -> None:
    """The process is killed in the middle, started again, ended politely, and started again."""
    before = _taken(site)
    binds = len(centre.of("bound"))
    process = site.start(PROCESS)
    wait_until(lambda: len(centre.of("bound")) > binds, "the bind")
    seen = len(centre.events)
    _begin(centre, BURST)
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
