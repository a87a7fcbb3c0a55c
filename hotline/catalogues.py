"""The catalogues of locales/, brought up to date with the texts of code, templates and flows."""

import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface

from hotline.i18n import LANGUAGES, read_catalogue

SOURCES = ("hotline", "flows")


def check(root: Path) -> list[str]:
    """A line for each text that a catalogue lacks, holds for nothing, or has not translated; empty if all is well."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = _texts(read_catalogue(_extract(root, Path(folder))))
    problems = []
    for language in LANGUAGES:
        shown = f"locales/{language}/LC_MESSAGES/messages.po"
        catalogue = read_catalogue(root / shown)
        found = _texts(catalogue)
        problems += [f"{shown}: lacks: {text} (hotline catalogues adds it)" for text in sorted(wanted - found)]
        problems += [f"{shown}: nothing says any more: {text}" for text in sorted(found - wanted)]
        if language != "en":
            problems += [f"{shown}: not translated: {m.id}" for m in catalogue if m.id and (not m.string or m.fuzzy)]
    return problems


def update(root: Path) -> list[str]:
    """Add new texts and drop old ones in every catalogue; returns what is left to translate."""
    with tempfile.TemporaryDirectory() as folder:
        template = _extract(root, Path(folder))
        _babel("update", "-i", str(template), "-d", str(root / "locales"), "--ignore-pot-creation-date",
               "--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap")  # fmt: skip
    return check(root)


def _extract(root: Path, folder: Path) -> Path:
    template = folder / "messages.pot"
    _babel("extract", "-F", str(root / "babel.cfg"), "--no-location", "-c", "Translators:", "--strip-comment-tags",
           "--no-wrap", "--project", "hotline", "-o", str(template), *(str(root / source) for source in SOURCES))  # fmt: skip
    return template


def _babel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *arguments])  # type: ignore[no-untyped-call]


def _texts(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}
