"""A full inbound step over HTTP against a bare handler of the same framework and server, on both databases."""

from statistics import median

import sqlalchemy as sa

from tests.bench import load
from tests.bench.output import line
from tests.support.site import Site

COUNT, WARM = 800, 400  # messages: of a round, and before the first one
ROUNDS = 5  # of each side, turn by turn; the median counts: the machine is shared


def run(urls: dict[str, str], redis_url: str) -> None:
    """Both sides on each database, turn by turn."""
    for name, url in urls.items():
        site = Site(url, redis_url=redis_url, gateway="http://127.0.0.1:9")
        del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each message: for tests only
        full_side, bare_side = "hotline.app:create_app()", "tests.bench.bare:create_app()"
        _warm(site, bare_side, full_side)
        rounds = [(_rate(site, bare_side), _rate(site, full_side)) for _ in range(ROUNDS)]
        bare, full = (median(rates) for rates in zip(*rounds, strict=True))
        line(f"inbound step, {name} ({full:.0f}/s of {bare:.0f}/s bare)", full / bare, "ratio", 0.35)


def _warm(site: Site, *applications: str) -> None:
    """Fill the tables a little and count them, as the database does by itself within its first minute."""
    for application in applications:
        with site.processes(site.gunicorn(application)):
            site.wait()
            load.rate(site.port, load.prepare(site.public, WARM))
    with site.database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))


def _rate(site: Site, application: str) -> float:
    with site.processes(site.gunicorn(application)):
        site.wait()
        load.rate(site.port, load.prepare(site.public, COUNT // 8))
        return load.rate(site.port, load.prepare(site.public, COUNT))
