"""Runs of words, and the places that remain of several names."""

from collections.abc import Iterator

from hotline.conversation.places.tables import Place


def runs(count: int, longest: int) -> Iterator[tuple[int, int]]:
    """Start and end of every run of at most `longest` words, longer ones first."""
    for size in range(min(longest, count), 0, -1):
        for start in range(count - size + 1):
            yield start, start + size


def narrowed(places: list[Place]) -> list[Place]:
    """Each once, and no city beside one of its own districts."""
    covered = {code for place in places for code in place.districts[1:]}
    narrow = {place.code for place in places} & covered
    return [place for place in dict.fromkeys(places) if narrow.isdisjoint(place.districts[1:])]
