"""`python -m tests.kannel.story [BURST]`: a tip by a real Kannel to the officer and back, a burst while the web dies. Prints JSON."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable

import sqlalchemy as sa

from hotline import staff
from hotline.messaging.inbox import InboundRow
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from hotline.staff.tables import Officer
from tests.kannel.gateway import PASSWORD, SECRET, Kannel
from tests.servers import wait_until
from tests.support.site import Site

REPORTER_HEARS = "+923000000099"
REPORTER, OTHER, AMNA = "03000000099", "00923000000098", "+923000000001"
TIP = "لاہور میں اینٹوں کے بھٹے پر بچے قید ہیں۔ مالک انہیں مارتا ہے اور جانے نہیں دیتا۔ جلدی آئیں۔"
BURST = 100
WEB_PORT = 8001
PIN = "482736"
QUESTION, ANSWER = "Which colour is the gate?", "the gate is green"


class Town:
    """The hotline's processes and its gateway."""

    def __init__(self) -> None:
        # Not one of those that callers get: while the web is away, a caller that tries again would end up with itself.
        self.site = Site("", port=WEB_PORT)
        self.gateway = Kannel(self.site.folder, self.site.public)
        self.site.environment |= {
            "HOTLINE_TWILIO_ACCOUNT_SID": "", "HOTLINE_KANNEL_SENDSMS_URL": self.gateway.url,
            "HOTLINE_KANNEL_USERNAME": "hotline", "HOTLINE_KANNEL_PASSWORD": PASSWORD, "HOTLINE_KANNEL_SECRET": SECRET,
        }  # fmt: skip
        self.running: list[subprocess.Popen[bytes]] = []

    def web(self) -> subprocess.Popen[bytes]:
        """A web process that answers."""
        process = self.site.start(self.site.gunicorn("hotline.app:create_app()"))
        self.running.append(process)
        self.site.wait()
        return process

    def count(self, table: type) -> int:
        """Rows of a table."""
        with self.site.database.reading() as tx:
            return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

    def states(self) -> set[str]:
        """Where the messages of the outbox stand."""
        with self.site.database.reading() as tx:
            return set(tx.scalars(sa.select(OutboxRow.state)))

    def heard(self, number: str, count: int = 1) -> list[str]:
        """What a phone got, once it is as much."""
        until(lambda: len(self.gateway.heard[number]) >= count, f"message {count} to {number}")
        return self.gateway.heard[number]

    def stop(self) -> None:
        """End everything."""
        self.gateway.stop()
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait as long as a busy machine may take."""
    wait_until(holds, what)


def play(town: Town, burst: int) -> dict[str, object]:
    """The whole story; what was seen."""
    seen: dict[str, object] = {}
    web = town.web()
    town.gateway.start()
    town.running.append(town.site.start("python -m workers.jobs"))
    town.running.append(town.site.start("python -m workers.clock"))
    town.gateway.texts(REPORTER, TIP)
    page = town.heard(AMNA)[0]
    seen["page"] = re.sub(r"\d{4,6}", "#", page)
    seen["answered"] = bool(town.heard(REPORTER_HEARS))
    token = re.findall(r"\d{4,6}", page)[0]
    town.gateway.texts(AMNA, f"1 {token}")
    seen["accepted"] = len(town.heard(AMNA, 2)) == 2
    answers = len(town.heard(REPORTER_HEARS))
    with town.site.database.transaction() as tx:
        staff.set_password(tx, "amna", "correct horse battery")
    with town.site.database.transaction() as tx:
        officer = tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one()
        staff.set_pin(tx, officer.id, PIN, town.site.database.now())
    town.gateway.texts(AMNA, f"ask {token} {PIN} {QUESTION}")
    seen["asked"] = QUESTION in town.heard(REPORTER_HEARS, answers + 1)[-1].replace("\0", "")  # UCS-2
    town.gateway.texts(REPORTER, ANSWER)
    town.heard(REPORTER_HEARS, answers + 2)
    until(lambda: town.states() == {"delivered"}, "all reports of delivery")
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()
    town.gateway.texts(OTHER, "children held in Lahore kiln")
    town.web()
    until(lambda: town.count(Report) == 2, "the text that met nobody")
    before, web = town.count(InboundRow), town.running[-1]
    for number in range(burst):
        town.gateway.texts(f"+92300001{number:04d}", f"child labour in Lahore, house {number}")
    until(lambda: town.count(InboundRow) >= before + burst // 4, "a part of the burst")
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()
    town.web()
    until(lambda: town.count(InboundRow) >= before + burst, f"the burst: {town.count(InboundRow) - before}")
    seen["reports"], seen["messages"] = town.count(Report), town.count(InboundRow)
    return seen


def main() -> None:
    """Play it and print what was seen."""
    town = Town()
    try:
        sys.stdout.write(json.dumps(play(town, int(sys.argv[1]) if len(sys.argv) > 1 else BURST)))
    finally:
        town.stop()


if __name__ == "__main__":
    main()
