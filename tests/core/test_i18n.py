"""Texts without a request."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface

from hotline.core import i18n


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the catalogues, without compiled ones."""
    copy = tmp_path / "locales"
    shutil.copytree(i18n.FOLDER, copy, ignore=shutil.ignore_patterns("*.mo"))
    monkeypatch.setattr(i18n, "FOLDER", copy)
    i18n._catalogue.cache_clear()
    yield copy
    i18n._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("language", "text"), [("ur", "جی ہاں"), ("sd", "ها"), ("en", "Yes"), ("fr", "Yes"), ("", "Yes")]
)
def test_translate(language: str, text: str) -> None:
    assert i18n.translate("Yes", language) == text


def test_what_has_no_translation_stays_english() -> None:
    assert i18n.translate("Never written", "ur") == "Never written"
    assert i18n.translate("", "ur") == ""


def test_has_text() -> None:
    asked = [("ur", "Yes"), ("sd", "Yes"), ("ur", "Never written"), ("ur", ""), ("en", "Never written"), ("fr", "Yes")]
    assert [i18n.has_text(*pair) for pair in asked] == [True, True, False, False, True, False]


def test_texts_are_found_before_anything_is_compiled(folder: Path) -> None:
    assert i18n.translate("Yes", "ur") == "جی ہاں"
    assert not list(folder.rglob("*.mo"))


def compiled(folder: Path) -> Path:
    """The Urdu catalogue, compiled as `make` does."""
    source = folder / "ur" / "LC_MESSAGES" / "messages.po"
    names = ["--input-file", str(source), "--output-file", str(source.with_suffix(".mo"))]
    CommandLineInterface().run(["pybabel", "-q", "compile", *names])  # type: ignore[no-untyped-call]
    return source


def test_compiled_catalogues_say_the_same(folder: Path) -> None:
    compiled(folder).unlink()
    assert i18n.translate("Yes", "ur") == "جی ہاں"


def test_an_edited_text_counts_before_it_is_compiled(folder: Path) -> None:
    source = compiled(folder)
    source.write_text(source.read_text(encoding="utf-8").replace('"جی ہاں"', '"ہاں"'), encoding="utf-8")
    newer = source.with_suffix(".mo").stat().st_mtime + 2
    os.utime(source, (newer, newer))
    i18n._catalogue.cache_clear()
    assert i18n.translate("Yes", "ur") == "ہاں"


def test_a_language_without_a_catalogue_stays_english(folder: Path) -> None:
    shutil.rmtree(folder / "sd")
    assert i18n.translate("Yes", "sd") == "Yes"


def test_direction() -> None:
    assert [i18n.direction(language) for language in i18n.LANGUAGES] == ["rtl", "rtl", "ltr"]
