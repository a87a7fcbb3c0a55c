"""Random kills under load: what is lost, what is doubled, and how late the rest is. Takes about two minutes a database."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from hotline import reports
from hotline.core import db
from hotline.core.priority import Priority
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.bench.output import line
from tests.journeys.processes import Town, town
from tests.journeys.told import DANGER
from tests.servers import RedisServer, wait_until

KILLS = 50  # on each database
PAUSE = (0.6, 1.4)  # seconds from one kill to the next
RATE = 3  # reports a second from outside
TIMERS = 4  # timers a second that fall due meanwhile
DOWN = 10.0  # seconds that everything is down before all of it is started again
REPEAT = 0.3  # seconds until the provider repeats what was not taken
VICTIMS = ("clock", "worker", "web", "redis")
MINE = "+9231"  # the reporters of this measure


def run(urls: dict[str, str], _redis_url: str) -> None:
    """Both measures on each database, each with a Redis of its own to be killed."""
    for name, url in urls.items():
        redis = RedisServer()
        redis.start()
        try:
            with town(url, redis) as here:
                here.start("web", "worker", "clock")
                _Siege(here, name).measure()
        finally:
            redis.stop()


@dataclass
class _Siege:
    """The measure on one database."""

    here: Town
    name: str
    dice: Random = field(default_factory=lambda: Random(7))
    taken: set[str] = field(default_factory=set)  # numbers whose report the web took with a 200
    in_flight: set[str] = field(default_factory=set)  # rows to officers that a killed worker had in hand
    due: dict[str, datetime] = field(default_factory=dict)  # report id -> when its timer is due

    def measure(self) -> None:
        """Kill one thing after another, then everything at once."""
        until = KILLS * sum(PAUSE) / 2
        self._timers(until, priority=1)
        stop = threading.Event()
        load = threading.Thread(target=self._load, args=(stop,))
        load.start()
        for _ in range(KILLS):
            time.sleep(self.dice.uniform(*PAUSE))
            self._kill(self.dice.choice(VICTIMS))
        stop.set()
        load.join()
        self._settled()
        self._tell_single()
        self._restart_of_everything()

    def _load(self, stop: threading.Event) -> None:
        senders: list[threading.Thread] = []
        while not stop.wait(1 / RATE):
            senders.append(threading.Thread(target=self._report, args=(f"{MINE}{len(senders):08d}",)))
            senders[-1].start()
        for sender in senders:
            sender.join()

    def _report(self, phone: str) -> None:
        """One report, which the provider repeats until it is taken."""
        while self.here.gateway.text(phone, DANGER, MessageSid=f"SM{phone[1:]:0>32}") != 200:
            time.sleep(REPEAT)
        self.taken.add(phone)

    def _kill(self, victim: str) -> None:
        if victim == "redis":
            self.here.redis.kill()
            self.here.redis.start()
            return
        self.here.kill(victim)
        if victim == "worker":
            self.in_flight |= {row.id for row in self.here.rows("sending") if row.address_id}
        # not `Town.start`: it waits for the web, and nothing may wait for anything here
        self.here.running[victim] = self.here.site.start(self.here.command(victim))

    def _timers(self, seconds: float, priority: int) -> None:
        """Reports whose timers fall due one after the other from now on."""
        site, start = self.here.site, self.here.site.database.now() + timedelta(seconds=1)
        with site.database.transaction() as tx:
            key = Report(id="x", circle="karachi", integrity=False)
            reports.lock_to_circle(tx, site.keys, key, reports.new_data_key(), start)
            for number in range(int(seconds * TIMERS)):
                due = start + timedelta(seconds=number / TIMERS)
                report_id = db.new_id()
                self.due[report_id] = due
                tx.add(Report(
                    id=report_id, kind="tip", status="open", priority=priority, reasons=[], integrity=False,
                    circle="karachi", channel="sms", opened_at=start, updated_at=start, policy=site.rules.id, level=0,
                    generation=1, round=0, timer="accept", due_at=due, climbs_at=due,
                    key_id=key.key_id,
                ))  # fmt: skip

    def _settled(self) -> None:
        """Return when all that is due has left and every report that was sent has been taken."""
        wait_until(lambda: not self._waiting(), "the last page", 120)

    def _waiting(self) -> bool:
        last = max(self.due.values())
        with self.here.site.database.reading() as tx:
            climbs = tx.execute(
                sa.select(sa.func.count(sa.distinct(OutboxRow.report_id))).where(OutboxRow.report_id.in_(self.due))
            ).scalar_one()
        return (
            self.here.site.database.now() < last or climbs < len(self.due) or bool(self.here.rows("queued", "sending"))
        )

    def _tell_single(self) -> None:
        with self.here.site.database.reading() as tx:
            kept = tx.execute(
                sa.select(sa.func.count()).select_from(Report).where(Report.id.not_in(self.due))
            ).scalar_one()
        doubles = {public: self._doubles(public=public) for public in (True, False)}
        what = f"{KILLS} kills, {self.name}"
        line(f"reports lost, {what} ({len(self.taken)} sent)", len(self.taken) - kept, "", 0, at_most=True)
        line(f"doubles to the public, {what}", doubles[True], "", 0, at_most=True)
        line(f"doubles to officers, {what}", doubles[False], "", len(self.in_flight), at_most=True)
        for once, who, bound in ((True, "one kill at most", 20), (False, "several kills", 20 * KILLS)):
            line(f"latest page that {who} held up, {what}", self._latest(once=once), "s", bound, at_most=True)

    def _doubles(self, *, public: bool) -> int:
        messages = Counter(
            (message.number, message.text)
            for message in self.here.gateway.messages()
            if message.direction == "out" and message.number.startswith(MINE) == public
        )
        return sum(times - 1 for times in messages.values())

    def _latest(self, *, once: bool) -> float:
        """Seconds from when a page was due to when the gateway took it; `once`: of rows that lost at most one worker."""
        pages = [row for row in self.here.rows("sent", "delivered") if row.page_id and row.sent_at]
        return max((self._late(row) for row in pages if (row.attempts <= 2) == once), default=0.0)

    def _late(self, row: OutboxRow) -> float:
        due = self.due.get(row.report_id or "", row.created_at)
        return (row.sent_at - due).total_seconds() if row.sent_at else 0.0

    def _restart_of_everything(self) -> None:
        """All is down while timers fall due; then all of it is started."""
        for victim in ("web", "worker", "clock"):
            self.here.kill(victim)
        self.here.redis.kill()
        self.due.clear()
        for priority in (3, 2, 1):  # P1 is written last, and must leave first
            self._timers(DOWN, priority)
        time.sleep(DOWN + 2)
        started = self.here.site.database.now()
        self.here.redis.start()
        self.here.start("web", "worker", "clock")
        self._settled()
        self._tell_restart(started)

    def _tell_restart(self, started: datetime) -> None:
        rows = [row for row in self.here.rows("sent", "delivered", "bundled") if row.report_id in self.due]
        sent = sorted((row for row in rows if row.sent_at), key=lambda row: row.sent_at or started)
        latest = {row.priority: ((row.sent_at or started) - started).total_seconds() for row in sent}
        what = f"restart of everything, {self.name}"
        line(f"last P1 after a {what} ({len(rows)} pages)", latest.get(Priority.P1, 999.0), "s", 90, at_most=True)
        line(f"last page after a {what}", max(latest.values(), default=999.0), "s", 90, at_most=True)
        urgent = [row for row in sent if row.priority == 1]
        ahead = sent[: sent.index(urgent[-1])] if urgent else sent
        before = sum(row.priority > 1 and row.state != "bundled" for row in ahead)  # as many as leave at the same time
        line(f"less urgent messages before the last P1, {what}", before, "", 12, at_most=True)
        ages = [self.due[row.report_id or ""] for row in urgent]
        leaps = sum(
            ages[place] < max(ages[:place], default=ages[0]) - timedelta(seconds=4) for place in range(len(ages))
        )
        line(f"P1 pages out of their order by over 4 s, {what}", leaps, "", 0, at_most=True)
