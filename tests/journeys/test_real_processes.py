"""The main job with real processes, real Redis and both databases: paged, climbed, repeated, accepted; killed and flushed."""

import pytest

from hotline.core import audit
from tests.journeys.phones import Phone
from tests.journeys.processes import Town, town
from tests.servers import RedisServer, wait_until

pytestmark = pytest.mark.long

TIP = "لاہور میں ایک بھٹے پر مزدوروں سے زبردستی کام"
# name, number, minutes until it is their turn
LADDER = (("bilal", "+923000000002", 30), ("dania", "+923000000003", 30), ("ehsan", "+923000000004", 60))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database; SQLite makes its own in the site's folder."""
    found: str = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return found


def test_a_tip_is_paged_climbs_to_hq_and_is_accepted_while_the_worker_is_killed_and_redis_flushed(
    url: str, own_redis: RedisServer
) -> None:
    with town(url, own_redis) as here:
        here.start("web", "worker", "clock")
        wait_until(lambda: own_redis_listens(own_redis), "the worker at Redis")
        reporter = here.phone("reporter", "+923000000099")
        _a_tip_is_paged(here, reporter)
        here.kill("worker")
        own_redis.flush()
        reporter.texts("بس یہی")  # taken while nobody can send
        here.start("worker")
        reporter.expects("شکریہ")
        reporter.texts(reporter.code)
        reporter.expects("ہمارے عملے کے پاس")
        _nobody_answers_until_hq_does(here, own_redis)
        reporter.texts(reporter.code)
        reporter.expects("کام شروع")
        here.forward(minutes=200)
        _nothing_is_lost_and_nothing_doubled(here, reporter)


def _a_tip_is_paged(here: Town, reporter: Phone) -> None:
    reporter.texts(TIP)
    here.phone("amna", "+923000000001").expects_page("P2", "Lahore")
    reporter.expects("آپ کا پیغام مل گیا")
    for answer in ("1", "لاہور", "1"):
        reporter.texts(answer)
        reporter.expects("\n")


def _nobody_answers_until_hq_does(here: Town, redis: RedisServer) -> None:
    for name, number, wait in LADDER:
        here.forward(minutes=wait)
        here.phone(name, number).expects_page("P2", "Lahore")
    redis.kill()
    here.forward(minutes=120)
    fatima = here.phone("fatima", "+923000000005")
    fatima.expects_page("P2", "Lahore")
    redis.start()
    here.forward(minutes=120)
    fatima.expects_page("P2", "Lahore", same_token=True)
    fatima.accepts()
    fatima.expects("is yours")
    assert fatima.unread() == []


def _nothing_is_lost_and_nothing_doubled(here: Town, reporter: Phone) -> None:
    here.settled()
    for number in ("+923000000001", *(number for _, number, _ in LADDER)):
        assert len(here.gateway.messages_to(number)) == 1, "each tier was paged once"
    assert reporter.unread() == []
    assert not here.rows("held", "failed")
    with here.site.database.reading() as tx:
        assert audit.verify(tx)[1] is None


def own_redis_listens(server: RedisServer) -> bool:
    """Whether a worker has registered."""
    import redis

    with redis.Redis.from_url(server.url) as client:
        return bool(client.smembers("rq:workers"))


def test_a_worker_killed_in_the_middle_of_a_send_repeats_pages_and_never_repeats_to_the_public(
    url: str, own_redis: RedisServer
) -> None:
    with town(url, own_redis) as here:
        here.start("web")
        here.gateway.delay_next(60.0, count=2)
        reporter, amna = here.phone("reporter", "+923000000099"), here.phone("amna", "+923000000001")
        reporter.texts(TIP)
        here.kill("web")  # so that no delivery report tells what became of the sends
        here.start("worker")
        amna.expects_page()
        reporter.expects("آپ کا پیغام مل گیا")
        here.kill("worker")

        here.forward(minutes=2)  # past the lease
        here.start("worker")
        amna.expects_page(same_token=True)
        wait_until(lambda: here.rows("held"), "the reply to be held")
        assert [(row.reason, row.contact_id is not None) for row in here.rows("held")] == [("unknown_fate", True)]
        here.settled()
        assert len(here.gateway.messages_to(reporter.number)) == 1


def test_a_delivery_report_tells_the_fate_of_a_send_whose_worker_was_killed_and_nothing_is_repeated(
    url: str, own_redis: RedisServer
) -> None:
    with town(url, own_redis) as here:
        here.start("web")
        here.gateway.delay_next(60.0, count=2)
        reporter, amna = here.phone("reporter", "+923000000099"), here.phone("amna", "+923000000001")
        reporter.texts(TIP)
        here.start("worker")
        amna.expects_page()
        reporter.expects("آپ کا پیغام مل گیا")
        wait_until(lambda: len(here.rows("delivered")) == 2, "the delivery reports")
        here.kill("worker")
        here.forward(minutes=2)
        here.start("worker", "clock")
        here.settled()
        assert len(here.rows("delivered")) == 2
        assert amna.unread() == reporter.unread() == []
