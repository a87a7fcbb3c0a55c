"""Two clocks, four workers, a web process: killed at random while reports come in; and a database that goes away."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
import sqlalchemy as sa

from hotline.core import audit
from hotline.core.db import migrate
from hotline.reports.tables import Report, Status
from tests.journeys.processes import Town, town
from tests.journeys.told import DANGER
from tests.servers import START_SECONDS, PostgresServer, RedisServer, wait_until

CROWD = ("worker", "worker-2", "worker-3", "worker-4", "clock", "clock-2")
AMNA, BILAL = "+923000000001", "+923000000002"
REPORTS, KILLS = 24, 8


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database; SQLite makes its own in the site's folder."""
    found: str = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return found


@pytest.mark.long
def test_two_clocks_and_four_workers_are_killed_at_random_and_every_report_is_paged_and_climbs(
    url: str, own_redis: RedisServer
) -> None:
    dice = Random(7)
    with town(url, own_redis) as here:
        here.start("web", *CROWD)
        for number in range(REPORTS):
            here.send(f"+9230000011{number:02d}", DANGER)
            if number % (REPORTS // KILLS) == 0:
                killed = dice.choice(CROWD)
                here.kill(killed)
                here.start(killed)
        _every_page_reaches(here, AMNA)
        here.forward(minutes=5)
        here.kill("clock")
        _every_page_reaches(here, BILAL)
        here.settled()
        _nothing_was_said_to_the_public_twice(here)


def _every_page_reaches(here: Town, number: str) -> None:
    """The number of a report stands in its page; one that a killed worker had in hand may come twice."""
    here.gateway.wait_for(lambda: len(set(here.gateway.messages_to(number))) == REPORTS, START_SECONDS)
    again = len(here.gateway.messages_to(number)) - REPORTS
    assert again <= KILLS, "more doubles than there were kills"


def _nothing_was_said_to_the_public_twice(here: Town) -> None:
    replies = Counter(message.number for message in here.gateway.messages() if message.number.startswith("+9230000011"))
    told = {number: len(here.gateway.messages_to(number)) for number in replies}
    assert [number for number, times in told.items() if times > 1] == []
    with here.site.database.reading() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(Report)).scalar() == REPORTS
        assert audit.verify(tx)[1] is None


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A database server of this test's own, to be stopped and started again."""
    server = PostgresServer(PostgresServer.new_folder(), durable=True)
    server.start()
    yield server
    server.remove()


def test_the_database_goes_away_and_every_process_lives_to_see_it_return(
    own_postgres: PostgresServer, own_redis: RedisServer
) -> None:
    url = own_postgres.url(own_postgres.fresh(migrated=False))
    migrate(url)
    with town(url, own_redis) as here:
        here.start("web", "worker", "clock")
        reporter, amna, bilal = here.phone("reporter", "+923000000099"), here.phone("amna"), here.phone("bilal")
        reporter.texts(DANGER)
        amna.expects_page("P1", "Lahore")
        own_postgres.stop("immediate")
        assert here.gateway.text(amna.number, f"1 {amna.token}", MessageSid="SM-once") == 503
        here.forward(minutes=120)
        own_postgres.start()
        bilal.expects_page("P1", "Lahore")
        wait_until(lambda: here.gateway.text(amna.number, f"1 {amna.token}", MessageSid="SM-once") == 200, "the web")
        amna.expects("is yours")
        here.site.database.engine.dispose()  # this process's own lines to the old server
        with here.site.database.reading() as tx:
            assert tx.scalars(sa.select(Report)).one().status == Status.ACCEPTED
            assert audit.verify(tx)[1] is None
        assert {name: process.poll() for name, process in here.running.items()} == dict.fromkeys(here.running)
