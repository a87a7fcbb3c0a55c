"""`make bench`: ratios and latencies of one run, each beside the bound that it is meant to keep."""

import sys
from collections.abc import Callable

from tests.bench import (
    cost,
    engine,
    faults,
    inbound,
    kannel,
    language,
    memory,
    pages,
    second,
    smpp,
    timers,
    webhook,
)
from tests.servers import PostgresServer, RedisServer

SECTIONS: dict[str, Callable[[dict[str, str], str], None]] = {
    "cost": cost.run,
    "engine": engine.run,
    "language": language.run,
    "inbound": inbound.run,
    "timers": timers.run,
    "pages": pages.run,
    "faults": faults.run,
    "memory": memory.run,
    "second": second.run,
    "smpp": smpp.run,
    "webhook": webhook.run,
    "kannel": kannel.run,
}


def main(chosen: list[str]) -> None:
    """Run the chosen sections, or all."""
    unknown = set(chosen) - set(SECTIONS)
    if unknown:
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    postgres = PostgresServer(PostgresServer.new_folder(), durable=True)
    redis = RedisServer()
    postgres.start()
    redis.start()
    try:
        for name in chosen or SECTIONS:
            urls = {"sqlite": "", "postgresql": postgres.url(postgres.fresh(migrated=False))}
            SECTIONS[name](urls, redis.url)
    finally:
        redis.stop()
        postgres.remove()


main(sys.argv[1:])
