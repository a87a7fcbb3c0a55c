"""The mapping of an HTTP aggregator: a YAML file that names its things. Shipped ones stand in `mappings/`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from hotline.channels.contract import DeliveryState
from hotline.core.datafile import DataFile, Strict

FOLDER = Path(__file__).resolve().parent / "mappings"
Where = Literal["query", "form", "json"]
Name = str


class Binary(Strict):
    """The parameter that holds a text as hexadecimal digits; `coding` is the one that holds SMPP's data coding."""

    field: Name
    coding: Name


class Incoming(Strict):
    """A message in. Without `id` a message is known by sender, text and `time`; without that, by when it came."""

    where: Where
    sender: Name
    text: Name
    id: Name | None = None
    time: Name | None = None
    binary: Binary | None = None
    answer: str = ""


class Reports(Strict):
    """A delivery report; which message it is about stands in `id` of the query, as we asked for."""

    where: Where
    state: Name
    states: Mapping[str, DeliveryState] = Field(min_length=1)
    other: DeliveryState | None = None  # None: an unknown word is an error
    answer: str = ""


class Unicode(Strict):
    """The shape in which a text leaves that GSM-7 cannot hold."""

    field: Name
    hexadecimal: bool = False  # UCS-2, big end first
    always: Mapping[str, str] = {}


class Outgoing(Strict):
    """A message out, always by POST.

    `taken`: a pattern in an answer that says well done; its group is the reference.
    """

    where: Where
    to: Name
    text: Name
    sender: Name | None = None
    user: Name | None = None
    password: Name | None = None
    id: Name | None = None
    report_url: Name | None = None
    always: Mapping[str, str] = {}
    unicode: Unicode
    taken: str

    @field_validator("taken")
    @classmethod
    def _pattern(cls, text: str) -> str:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"is no pattern: {error}") from error
        return text


class Aggregator(Strict):
    """The whole file of a mapping."""

    incoming: Incoming = Field(alias="in")
    status: Reports
    out: Outgoing


def load(named: str) -> Aggregator:
    """Read a shipped mapping by its bare name, or a file by its path.

    Raises DataFileError naming file, line and field.
    """
    shipped = FOLDER / f"{named}.yaml"
    return DataFile(shipped if re.fullmatch(r"[a-z0-9_-]+", named) else Path(named)).parse(Aggregator)
