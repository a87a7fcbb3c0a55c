"""The review sheet: everything that is said, in every language, and what nobody has read yet."""

import shutil
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner
from markupsafe import escape

from hotline.cli import main, review
from hotline.core import i18n

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of flows and catalogues, to write in."""
    for folder in ("flows", "locales"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def mark(root: Path, language: str, comment: str, english: str | None = None) -> None:
    """Change the comment of one entry, or of all."""
    catalogue = polib.pofile(str(root / "locales" / language / "LC_MESSAGES" / "messages.po"))
    for entry in catalogue:
        if english in (None, entry.msgid):
            entry.tcomment = comment
    catalogue.save()


def cell(root: Path, english: str, language: str) -> review.SheetCell:
    found = next(text for text in review.texts(root) if text.cells[0].text == english)
    return next(one for one in found.cells if one.language == language)


def test_the_sheet_holds_every_text_in_every_language(tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    result = CliRunner().invoke(main, ["catalogues", "--sheet", str(file)])
    assert result.exit_code == 0, result.output
    page = file.read_text(encoding="utf-8")
    for language in (*i18n.LANGUAGES, *i18n.PARTIAL):
        entries = polib.pofile(str(ROOT / "locales" / language / "LC_MESSAGES" / "messages.po"))
        texts = [entry.msgstr or (entry.msgid if language == "en" else "") for entry in entries]
        assert [text for text in texts if f">{escape(text)}</p>" not in page] == [], language


def test_a_text_stands_with_its_steps_and_its_size() -> None:
    text = next(text for text in review.texts(ROOT) if text.cells[0].text == "Where? District, city or village.")
    assert text.flow == "professional"
    assert {"professional where", "tip where"} <= set(text.places)
    assert [one.language for one in text.cells] == ["en", "ur", "sd", "ur@latin", "sd@latin"]
    assert [one.direction for one in text.cells] == ["ltr", "rtl", "rtl", "ltr", "ltr"]
    assert {(one.parts, one.whole) for one in text.cells} == {(1, 1)}
    assert cell(ROOT, "What is it about?", "ur").whole == 2
    assert cell(ROOT, "Begging", "ur").whole is None


def test_a_flow_is_read_in_its_order() -> None:
    english = [text.cells[0].text for text in review.texts(ROOT) if text.flow == "tip"]
    questions = ["What is it about?", "Forced work", "Begging", "Held for ransom", "Is it happening now?", "Yes, now"]
    assert sorted(questions, key=english.index) == questions


def test_a_text_is_reviewed_when_somebody_wrote_so(root: Path) -> None:
    mark(root, "ur", "reviewed, A. K.", "Help")
    mark(root, "sd", "", "Help")  # a text whose comment was lost
    assert cell(root, "Help", "ur").reviewed
    assert not cell(root, "Help", "sd").reviewed
    assert not cell(root, "Help", "ur@latin").reviewed


def test_the_sheet_says_that_nobody_reviewed_it_until_all_is(root: Path) -> None:
    assert "Not reviewed by native speakers yet." in review.sheet(root)
    for language in ("ur", "sd", "ur@latin", "sd@latin"):
        assert "Not reviewed by native speakers yet." in review.sheet(root)
        mark(root, language, "reviewed")
    assert "ot reviewed" not in review.sheet(root)
