"""Ids and tokens from a seed: hypothesis can only play again what is the same each time."""

import random
import uuid
from collections.abc import Callable

import pytest

from hotline.messaging import pages


def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes ids and tokens come from a seed; call what it returns before each example."""
    dice = random.Random()
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=dice.getrandbits(128)))
    monkeypatch.setattr(pages, "_draw", lambda digits: str(dice.randrange(10 ** (digits - 1), 10**digits)))

    def begin() -> None:
        dice.seed(0)
        pages._SPARES.clear()

    return begin
