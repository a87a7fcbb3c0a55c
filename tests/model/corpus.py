"""What the second reader is made of: the examples, the hotline's own texts, and words that every language has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.conversation.letters import normalise
from hotline.conversation.reading import features
from hotline.conversation.reading.examples import Example
from hotline.conversation.reading.weights import KINDS
from hotline.conversation.words import Words
from hotline.core import i18n

FLOWS = Path(__file__).parents[2] / "flows"
PIECE = 3  # words of a piece of a message: languages are told from as few
COMMON = 2  # words of a greeting that has no language of its own
_PLACEHOLDERS = re.compile(r"\{\w+\}|%\(\w+\)s|https?://\S+")
_COURTESIES = {"GREETING", "THANKS"}
# What everybody writes, whatever the language; apart by ";".
_SHARED_WRITTEN = "ok;okay;okey;k;sir;madam;please;plz;pls;sorry;thanks;bye;hello;hi;hey;wrong number"
_SHARED = _SHARED_WRITTEN.split(";")
# First names that are frequent in all provinces.
_NAMES_WRITTEN = """
ali ahmed ahmad hassan hussain bilal usman umar imran kamran asif kashif waqar rashid khalid javed nadeem
saleem akbar aslam ghulam abdul rehman rahim karim iqbal tariq zahid shahid sajid naveed faisal hamza zain
fatima ayesha aisha zainab maryam khadija sana hina saima nadia rabia bushra shazia rukhsana nasreen parveen
sakina kiran sonia muhammad mohammad syed shah khan malik bibi begum علی احمد حسن حسین بلال عثمان عمر عمران
کامران آصف کاشف راشد خالد جاوید ندیم سلیم اکبر اسلم غلام عبدل رحمان رحیم کریم اقبال طارق زاہد شاہد نوید فیصل
حمزہ فاطمہ عائشہ زینب مریم خدیجہ ثنا حنا صائمہ نادیہ رابعہ بشریٰ شازیہ نسرین پروین سکینہ کرن محمد سید شاہ خان
ملک بی بی بیگم
"""
_NAMES = _NAMES_WRITTEN.split()


@dataclass(frozen=True, slots=True)
class Sample:
    """A text of known language; `source` is the example that it is a part of, if any."""

    text: str
    language: str
    source: int | None


def views(words: Words, example: Example) -> tuple[set[int], ...]:
    """The numbers of a message, view by view, as the hotline makes them."""
    text = example.text
    return (
        features.letters(normalise(text)),
        features.words(words.reader.read(text).words),
        features.signs(words.signs(text)),
    )


def kind_of(example: Example) -> str:
    """What the second reader calls its kind."""
    return example.kind if example.kind in KINDS else "none"


def languages(examples: Sequence[Example]) -> list[Sample]:
    """All texts whose language is known: the examples, whole and in pieces, and the hotline's own."""
    samples = list[Sample]()
    for position, one in enumerate(examples):
        if one.kind != "greeting" or len(one.text.split()) > COMMON:
            samples += [Sample(text, one.language, position) for text in _pieces(one.text)]
    for name in ("ur", "sd", "ur@latin", "sd@latin"):
        samples += [Sample(text, name[:2], None) for text in _own(name)]
    samples += [Sample(text, "en", None) for text in dict.fromkeys(_own("ur", msgids=True))]
    samples += _keywords()
    return samples + [Sample(text, "none", None) for text in dict.fromkeys(_common())]


def _pieces(text: str) -> Iterator[str]:
    yield text
    words = text.split()
    for start in range(0, len(words) - PIECE, PIECE):
        yield " ".join(words[start : start + PIECE])


def _own(name: str, *, msgids: bool = False) -> Iterator[str]:
    for message in i18n.read_catalogue(i18n.FOLDER / name / "LC_MESSAGES" / "messages.po"):
        text = message.id if msgids else message.string
        plain = _PLACEHOLDERS.sub(" ", text if isinstance(text, str) else "")
        yield from _pieces(plain) if normalise(plain) else ()


def _keywords() -> Iterator[Sample]:
    """Keywords that stand in one language only."""
    meant: dict[str, set[str]] = {}
    for concept, script, variants, *_ in _rows(FLOWS / "keywords.tsv"):
        for variant in variants.split(";") if concept not in _COURTESIES else ():
            meant.setdefault(normalise(variant), set()).add(script[:2])
    for text, names in meant.items():
        if names <= {"ur", "sd", "en"} and len(names) == 1 and text not in _SHARED and not text.isdigit():
            yield Sample(text, min(names), None)


def _common() -> Iterator[str]:
    """Greetings, places and names."""
    for line in _rows(FLOWS / "keywords.tsv"):
        yield from line[2].split(";") if line[0] in _COURTESIES else ()
    for line in _rows(FLOWS / "districts.tsv"):
        yield from (name for cell in line[2:6] for name in cell.split(";") if name)
    for line in _rows(FLOWS / "countries.tsv"):
        yield from (name for cell in line[1:5] for name in cell.split(";") if name)
    yield from (*_NAMES, *_SHARED)
    yield from map(" ".join, zip(_NAMES, _NAMES[3:], strict=False))


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
