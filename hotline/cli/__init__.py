"""The `hotline` command: what operators type."""

from hotline.cli import duty, records, start, upkeep, words  # each adds its commands
from hotline.cli.base import main

__all__ = ["duty", "main", "records", "start", "upkeep", "words"]
