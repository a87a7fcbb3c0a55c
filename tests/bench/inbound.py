"""A full inbound step over HTTP against a bare handler of the same framework and server, on both databases."""

from tests.bench import load
from tests.bench.output import line
from tests.site import Site

COUNT, WARM = 1500, 150
ROUNDS = 2  # the better one of each side counts: the machine is shared


def run(urls: dict[str, str], redis_url: str) -> None:
    """Both sides on each database, one after the other."""
    for name, url in urls.items():
        site = Site(url, redis_url=redis_url, gateway="http://127.0.0.1:9")
        del site.environment["HOTLINE_CLOCK_FILE"]  # a file read at each message: for tests only
        bare = _best(site, "tests.bench.bare:create_app()")
        full = _best(site, "hotline.app:create_app()")
        line(f"inbound step, {name} ({full:.0f}/s of {bare:.0f}/s bare)", full / bare, "ratio", 0.35)


def _best(site: Site, application: str) -> float:
    with site.processes(site.gunicorn(application)):
        site.wait()
        load.rate(site.port, load.prepare(site.public, WARM))
        return max(load.rate(site.port, load.prepare(site.public, COUNT)) for _ in range(ROUNDS))
