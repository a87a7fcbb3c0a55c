"""Names of places by their codes, for whoever reads a report: "ly" of the record is Libya on a page."""

from collections.abc import Mapping
from pathlib import Path

from hotline.conversation.places import tables
from hotline.conversation.places.tables import Place
from hotline.core.datafile import DataFileError


def load(districts: Path) -> Mapping[str, Place]:
    """Read every district and country, by the code that stands in the record. Raises DataFileError as `Places.load` does."""
    known, problems = tables.read(districts)
    if problems:
        raise DataFileError(problems)
    return {place.code: place for place in reversed(known.places)}
