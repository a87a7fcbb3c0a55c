"""The `hotline` command: what operators type."""

from hotline.cli import records, start, upkeep  # their commands
from hotline.cli.base import main

__all__ = ["main", "records", "start", "upkeep"]
