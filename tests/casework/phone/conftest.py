"""The cast of the stories, as the journeys have it."""

from tests.journeys.conftest import amna, bilal, dania, ehsan, fatima, reporter, world

__all__ = ["amna", "bilal", "dania", "ehsan", "fatima", "reporter", "world"]
