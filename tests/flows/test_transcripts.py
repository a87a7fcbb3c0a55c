"""Conversations written down: each is played again, and must come out word for word.

After a change of texts on purpose: `hotline talk --record`, or read the difference and correct the file.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from hotline.conversation.flow import Flows
from hotline.conversation.places.finder import Places
from hotline.conversation.prefill import notice
from hotline.conversation.talk import replay

FLOWS = Flows.load(Path("flows"))
PLACES = Places.load(Path("flows/districts.tsv"))
NOTICE = notice(PLACES, FLOWS.words)
TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))
FIVE = [("ur", False), ("sd", False), ("en", True), ("ur", True), ("sd", True)]


def typed(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("> ") for line in lines if line.startswith("> "))


def spelling(path: Path) -> tuple[str, bool] | None:
    """(language, whether most of it is typed in Latin letters); None if nothing but numbers is typed."""
    letters = [letter for letter in typed(path) if letter.isalpha()]
    latin = sum(letter.isascii() for letter in letters)
    return (path.read_text(encoding="utf-8").split()[2], 2 * latin > len(letters)) if letters else None


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_written(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replay(FLOWS, text, NOTICE, PLACES) == text


def test_every_flow_is_played_in_every_language() -> None:
    played = {tuple(path.read_text(encoding="utf-8").split()[1:3]) for path in TRANSCRIPTS}
    assert played >= {(flow, language) for flow in FLOWS.flows for language in ("ur", "sd", "en")}


def test_there_are_sixty_conversations_in_five_spellings() -> None:
    """Urdu and Sindhi in their own letters and in Latin ones, and English."""
    assert len(TRANSCRIPTS) >= 60
    spelt = Counter(filter(None, map(spelling, TRANSCRIPTS)))
    assert all(spelt[key] >= 8 for key in FIVE), spelt


def test_nobody_is_called_by_a_transcript() -> None:
    numbers = [number for path in TRANSCRIPTS for number in re.findall(r"\+?\d{11,}", typed(path))]
    assert numbers
    assert all(number.startswith("+9230000000") for number in numbers)
