"""The catalogues of locales/, brought up to date with the texts of code, templates and flows."""

import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface

from hotline.conversation import NOT_FLOWS
from hotline.core.i18n import FOLDER, LANGUAGES, PARTIAL, read_catalogue

_FLOWS = sorted(path.name for path in (FOLDER.parent / "flows").glob("*.yaml") if path.name not in NOT_FLOWS)
PHONES = (  # what a phone without the letters of Urdu and Sindhi shows
    "hotline/conversation/texts.py",
    "hotline/messaging/officer_text.py",
    "hotline/escalation/texts.py",
    "hotline/casework/texts.py",
    "hotline/monitoring/alarms.py",
    *(f"flows/{name}" for name in _FLOWS),
)
SOURCES = {  # what each language says
    **dict.fromkeys(LANGUAGES, ("hotline", "flows")),
    **dict.fromkeys(PARTIAL, PHONES),
}


def check(root: Path) -> list[str]:
    """A line for each text that a catalogue lacks, holds for nothing, or has not translated; empty if all is well."""
    with tempfile.TemporaryDirectory() as folder:
        templates = _extract_all(root, Path(folder))
        texts = {sources: _texts(read_catalogue(template)) for sources, template in templates.items()}
    problems = []
    for language, sources in SOURCES.items():
        wanted = texts[sources]
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
        templates = _extract_all(root, Path(folder))
        for language, sources in SOURCES.items():
            _babel("update", "-i", str(templates[sources]), "-d", str(root / "locales"), "-l", language,
                   "--ignore-pot-creation-date", "--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap")  # fmt: skip
    return check(root)


def _extract_all(root: Path, folder: Path) -> dict[tuple[str, ...], Path]:
    """The texts of each set of sources."""
    return {
        sources: _extract(root, sources, folder / f"{number}.pot") for number, sources in enumerate({*SOURCES.values()})
    }


def _extract(root: Path, sources: tuple[str, ...], template: Path) -> Path:
    _babel("extract", "-F", str(root / "babel.cfg"), "--no-location", "-c", "Translators:", "--strip-comment-tags",
           "--no-wrap", "--project", "hotline", "-o", str(template), *(str(root / source) for source in sources))  # fmt: skip
    return template


def _babel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *arguments])  # type: ignore[no-untyped-call]


def _texts(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}
