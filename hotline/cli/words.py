"""`hotline words try`: how a message is read, and which line of which table did it; for who edits the tables."""

from collections.abc import Iterator

import click

from hotline.cli.base import main, plainly
from hotline.conversation import Flows, Places, SecondReader, Words, language
from hotline.core.settings import load
from hotline.reports import Triage


@main.group("words")
def words_group() -> None:
    """The words that people use, and what is understood of them."""


@words_group.command("try")
@click.argument("text")
@plainly
def try_words(text: str) -> None:
    """Show how TEXT is read: spelling, slots, facts, keywords, kind, lane, priority, place and language."""
    folder = load().flows_dir
    flows = Flows.load(folder, None)
    triage, places = Triage.load(folder / "triage.yaml", flows.words), Places.load(folder / "districts.tsv")
    for name, value in (*_read(flows.words, text), *_sorted(triage, text), *_placed(places, text)):
        click.echo(f"{name:<9} {value}")
    click.echo(f"{'language':<9} {language.guess(text, SecondReader.load(folder)) or 'not certain'}")


def _read(words: Words, text: str) -> Iterator[tuple[str, str]]:
    reading = words.reader.read(text)
    yield "words", " ".join(reading.words)
    for entry, span in words.reader.entries(reading):
        yield "slot", f"{entry.slot}: {reading.quote(span)} ({entry.place})"
    for fact, why in reading.facts.items():
        yield "fact", f"{fact}: {reading.quote(why.span)} ({why.place})"
    for concept in sorted(words.contains(text) - reading.facts.keys()):
        yield "keyword", f"{concept} (flows/keywords.tsv)"
    for concept in sorted(words.whole(text)):
        yield "whole", f"{concept} (flows/keywords.tsv)"


def _sorted(triage: Triage, text: str) -> Iterator[tuple[str, str]]:
    sorting = triage.sort([text])
    rating = triage.rate(sorting.kind, [text], {})
    yield "kind", sorting.kind
    yield "lane", "integrity" if sorting.integrity else "circle"
    if sorting.aside is not None:
        yield "priority", f"P3, nobody is paged: {sorting.aside.reason}"
        return
    for reason in rating.reasons:
        yield "priority", f"P{rating.priority}: {reason}"


def _placed(places: Places, text: str) -> Iterator[tuple[str, str]]:
    place = places.mention(text)
    yield "place", place.name if place is not None else "none that is certain"
