"""The cast of the stories: Lahore's officers, tier by tier, HQ, and people who write."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.phones import Phone
from tests.journeys.world import World


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A hotline with the demo's directory, Monday ten in the morning, once on each database."""
    made = World(database_url, tmp_path)
    made.receipts = True
    yield made
    made.database.engine.dispose()


@pytest.fixture
def reporter(world: World) -> Phone:
    """Somebody in the street."""
    return world.phone("reporter", "+923000000099")


@pytest.fixture
def amna(world: World) -> Phone:
    """Duty officer of Lahore."""
    return world.phone("amna", "+923000000001")


@pytest.fixture
def bilal(world: World) -> Phone:
    """Assistant Director."""
    return world.phone("bilal", "+923000000002")


@pytest.fixture
def dania(world: World) -> Phone:
    """Deputy Director."""
    return world.phone("dania", "+923000000003")


@pytest.fixture
def ehsan(world: World) -> Phone:
    """Zonal Director."""
    return world.phone("ehsan", "+923000000004")


@pytest.fixture
def fatima(world: World) -> Phone:
    """HQ desk, integrity officer."""
    return world.phone("fatima", "+923000000005")
