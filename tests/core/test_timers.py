"""The timers of a process: each takes its step when its time has come, and none is in another's way."""

import logging
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError

from hotline.core.timers import Timer, Timers
from tests.journeys.clock import MONDAY, Clock


class Bench:
    """Timers that write down when they ran, and fail on demand."""

    def __init__(self, database: Clock, **every: float) -> None:
        self.seconds, self.ran, self.failing = 0.0, list[str](), dict[str, Exception]()
        self.timers = Timers(database, [self._timer(*row) for row in every.items()], lambda: self.seconds)

    def _timer(self, name: str, every: float) -> Timer:
        def step(now: datetime) -> int:
            assert now == MONDAY
            self.ran.append(name)
            if name in self.failing:
                raise self.failing[name]
            return 1

        return Timer(name, every, step)

    def after(self, seconds: float) -> list[str]:
        """The names of those that ran."""
        self.ran, self.seconds = [], self.seconds + seconds
        self.timers.run()
        return self.ran


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Clock]:
    """A database that can be away."""
    made = Clock(sqlite_url)
    yield made
    made.engine.dispose()


def test_each_runs_as_often_as_it_says_and_in_order(database: Clock) -> None:
    bench = Bench(database, sweep=0.0, beat=1.0, chores=60.0)
    assert bench.after(0) == ["sweep", "beat", "chores"]
    assert bench.after(0.5) == ["sweep"]
    assert bench.after(0.5) == ["sweep", "beat"]
    assert bench.after(59) == ["sweep", "beat", "chores"]
    assert bench.timers.run() == 1


@pytest.mark.parametrize("error", [ValueError("a bug"), OperationalError("insert", None, OSError("disk full"))])
def test_one_that_fails_stops_no_other(database: Clock, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(database, sweep=0.0, beat=1.0)
    bench.failing["sweep"] = error
    with caplog.at_level(logging.ERROR):
        assert bench.after(0) == ["sweep", "beat"]
    assert "sweep failed" in caplog.text
    assert bench.after(1) == ["sweep", "beat"]
    assert (bench.timers.trouble_since == 0.0) is isinstance(error, OperationalError)


def test_a_database_that_is_away_is_asked_once_a_round(database: Clock, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(database, sweep=0.0, beat=1.0)
    database.away, bench.failing["sweep"] = True, OperationalError("connect", None, ConnectionRefusedError())
    assert bench.after(5) == ["sweep"]
    assert "sweep out of reach" in caplog.text
    assert bench.after(5) == ["sweep"]
    database.away, bench.failing = False, {}
    assert bench.after(0.25) == ["sweep", "beat"]
    assert bench.timers.trouble_since == 5.0
