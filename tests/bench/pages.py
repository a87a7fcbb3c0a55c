"""Pages a second from the outbox to a gateway: one worker with ten senders, through Twilio's own library."""

import itertools
import queue
import threading
import time
from datetime import timedelta

import sqlalchemy as sa

from hotline.channels.contract import Outbound
from hotline.channels.twilio.channel import Twilio
from hotline.core import db
from hotline.core.priority import Priority
from hotline.local.demo.setup import NUMBER
from hotline.messaging.doorbell import Doorbell
from hotline.messaging.outbox import Outbox, OutboxRow
from hotline.messaging.pages import Page
from hotline.staff.tables import OfficerAddress
from tests.bench import circles
from tests.bench.output import line
from tests.bench.stub import stub
from tests.servers import wait_until
from tests.support.site import SID, TOKEN, Site

SENDERS = 10
COUNT, BOUND = 3000, {"sqlite": 200, "postgresql": 300}
SLOW, SLOW_COUNT, SLOW_BOUND = 1.0, 150, 11  # seconds a message
BATCH = 100  # pages in one transaction
TEXT = "P1 report {0} Gujrat. Reply 1 {0} to accept, 2 {0} to pass."
TOKENS = itertools.count(1000)
WORKER = "python -m workers.jobs"


def run(urls: dict[str, str], redis_url: str) -> None:
    """A fast gateway and a slow one on each database."""
    with stub() as fast, stub(SLOW) as slow:
        for name, url in urls.items():
            site = Site(url, redis_url=redis_url, gateway=fast)
            del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each look: for tests only
            site.environment["HOTLINE_SENDERS"] = str(SENDERS)
            circles.staff(site)
            alone = _alone(fast)
            rate = _rate(site, COUNT, 0.0)
            line(f"pages, {name} ({alone:.0f}/s by the library alone)", rate, "pages/s", BOUND[name])
            site.environment["HOTLINE_TWILIO_API_URL"] = slow
            line(f"pages, gateway of {SLOW:g} s, {name}", _rate(site, SLOW_COUNT, SLOW), "pages/s", SLOW_BOUND)


def _rate(site: Site, count: int, delay: float) -> float:
    """Pages a second from the first that begins to leave to the last that has left, while there is no lack of them."""
    report_id = _put(site, count)
    circles.count_rows(site)
    with site.processes(WORKER):
        wait_until(lambda: _left(site) == 0, "the last page", 120)
    times = sa.select(sa.func.min(OutboxRow.sent_at), sa.func.max(OutboxRow.sent_at), sa.func.count(OutboxRow.sent_at))
    with site.database.reading() as tx:
        first, last, sent = tx.execute(times.where(OutboxRow.report_id == report_id)).one()
    if sent != count or first is None or last is None:
        raise RuntimeError(f"{count - sent} of {count} pages did not leave")
    return count / ((last - first).total_seconds() + delay)


def _left(site: Site) -> int:
    time.sleep(0.2)  # a question now and then: the database has other things to do
    with site.database.reading() as tx:
        waiting = OutboxRow.state.in_(("queued", "sending"))
        return tx.execute(sa.select(sa.func.count()).select_from(OutboxRow).where(waiting)).scalar_one()


def _put(site: Site, count: int) -> str:
    """Pages of P1, which are never bundled, to all officers by turns; returns the report they are about."""
    now = site.database.now()
    outbox = Outbox(site.keys, Doorbell(""))
    report_id = next(iter(circles.wait_for(site, [("karachi", 1, now + timedelta(hours=1))])))
    with site.database.reading() as tx:
        officers = tx.execute(sa.select(OfficerAddress.id, OfficerAddress.officer_id)).all()
    for start in range(0, count, BATCH):
        with site.database.transaction() as tx:
            for number in range(start, min(count, start + BATCH)):
                address_id, officer_id = officers[number % len(officers)]
                page = Page(
                    id=db.new_id(), report_id=report_id, officer_id=officer_id, generation=number, level=0,
                    tier="duty_officer", token=str(next(TOKENS)), created_at=now,
                )  # fmt: skip
                db.add(tx, page)
                outbox.page(
                    tx, (address_id, "sms"), TEXT.format(page.token), dedupe=page.id, now=now, priority=Priority.P1,
                    page_id=page.id, report_id=report_id,
                )  # fmt: skip
    return report_id


def _alone(address: str) -> float:
    """The other side: as many threads that only send, without an outbox."""
    twilio = Twilio(
        account_sid=SID, auth_token=TOKEN, sms_from=NUMBER, public_url="http://127.0.0.1:9", api_url=address
    )
    todo: queue.SimpleQueue[Outbound | None] = queue.SimpleQueue()

    def send() -> None:
        while (message := todo.get()) is not None:
            twilio.send(message)

    twilio.send(Outbound("warm", "sms", "+923000001000", "warm"))
    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for number in range(COUNT // 2):
        todo.put(Outbound(str(number), "sms", f"+92300000{1000 + number % 200}", TEXT.format(1000 + number)))
    for _ in threads:
        todo.put(None)
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return COUNT // 2 / (time.perf_counter() - started)
