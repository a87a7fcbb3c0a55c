"""Texts in the person's language, without a request and without a global locale."""

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ur", "sd", "en")  # English is the language of the msgids
PARTIAL = ("ur@latin", "sd@latin")  # Roman Urdu and Sindhi: what phones are told; pages of the web stay English
DEFAULT_LANGUAGE = "ur"
RIGHT_TO_LEFT = frozenset({"ur", "sd"})
FOLDER = Path(__file__).parents[2] / "locales"


class _Absent(NullTranslations):
    """The last resort behind a catalogue: an empty text says that there is no translation."""

    def gettext(self, message: str) -> str:  # noqa: ARG002  the base class names it
        return ""


def translate(text: str, language: str) -> str:
    """The text in that language; the English text itself where there is no translation or no such language."""
    return (text and _catalogue(language).gettext(text)) or text


def has_text(language: str, text: str) -> bool:
    """Tell whether a text (English msgid) can be said in that language."""
    return language == "en" or bool(text and _catalogue(language).gettext(text))


def roman(language: str) -> str:
    """The language in Latin letters, for screens that show no others; itself where there is no such catalogue."""
    latin = f"{language}@latin"
    return latin if latin in PARTIAL else language


def direction(language: str) -> str:
    """`rtl` or `ltr`, for the `dir` attribute."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def read_catalogue(source: Path) -> Catalog:
    """A .po file, parsed. Raises babel's PoFileError if it is damaged."""
    with source.open("rb") as file:
        return read_po(file, abort_invalid=True)


@lru_cache
def _catalogue(language: str) -> NullTranslations:
    if language not in LANGUAGES + PARTIAL:
        return _Absent()
    source = FOLDER / language / "LC_MESSAGES" / "messages.po"
    compiled = source.with_suffix(".mo")
    if compiled.exists() and (not source.exists() or compiled.stat().st_mtime >= source.stat().st_mtime):
        content = compiled.read_bytes()
    elif source.exists():
        content = _compiled(source)  # a text was edited since `make` last ran: the edit counts
    else:
        return _Absent()
    translations = GNUTranslations(BytesIO(content))
    translations.add_fallback(_Absent())
    return translations


def _compiled(source: Path) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, read_catalogue(source))
    return buffer.getvalue()


def N_(text: str) -> str:  # noqa: N802  the name that Babel looks for
    """Marks a text for extraction and returns it unchanged."""
    return text
