"""The urgency of a report, and so of its pages and answers."""

from enum import IntEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError


class Priority(IntEnum):
    """P1 rings at once and climbs fast; the smaller number is the more urgent one."""

    P1 = 1
    P2 = 2
    P3 = 3


def _named(value: object) -> object:
    if isinstance(value, Priority):
        return value
    try:
        return Priority[str(value)]
    except KeyError:
        raise PydanticCustomError("priority", "Input should be 'P1', 'P2' or 'P3'") from None


PriorityName = Annotated[Priority, BeforeValidator(_named), PlainSerializer(lambda priority: priority.name)]  # in files
