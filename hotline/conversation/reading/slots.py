"""Slots: small groups of words that mean one thing (SELL, NOT, LET), from flows/slots.tsv, found in a message's words."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hotline.conversation import table
from hotline.conversation.letters import normalise
from hotline.conversation.reading.sounds import sound

COLUMNS = ("slot", "language", "words", "note")
AS_WRITTEN = "="  # before a word: this spelling only
EXCEPT = "!"  # before an entry: these words are not the slot, though another entry fits them
# Before an entry: only beside a word of the slot ENGLISH. English "me" and "us" are Roman Urdu "in" and "him".
IN_ENGLISH, ENGLISH = "~", "ENGLISH"
OF_SLOTS = "slots"  # in place of a language: the words are slots, any of which is this one too
BEGINNING = "*"  # after a word: with any ending
LANGUAGES = ("ur", "ur-Latn", "sd", "sd-Latn", "en", "any", OF_SLOTS)
SHORTEST, SHORTEST_HEARD = 2, 3  # letters of a beginning; of one in Latin letters, as it sounds

Span = tuple[int, int]  # the first word of a finding, and the one after its last


@dataclass(frozen=True, slots=True)
class Form:
    """One word of an entry. `heard`: in any spelling; else only as it stands here. `begins`: whatever its ending."""

    text: str
    heard: bool
    begins: bool

    def fits(self, written: str, heard: str) -> bool:
        """Tell whether a word of a message is this one."""
        word = heard if self.heard else written
        return word.startswith(self.text) if self.begins else word == self.text


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling of a slot: its first word, the `rest` in a row after it; `place` is its line in the table."""

    slot: str
    first: Form
    rest: tuple[Form, ...]
    place: str
    in_english: bool = False

    def ends(self, start: int, words: Sequence[str], heard: Sequence[str]) -> int:
        """The position after its last word, if it stands at `start`, where its first word does; else 0."""
        at = start + 1
        if at + len(self.rest) > len(words):
            return 0
        for form in self.rest:
            if not form.fits(words[at], heard[at]):
                return 0
            at += 1
        return at


@dataclass(slots=True)
class Slots:
    """The table, ready for look-ups by the first word of each entry."""

    names: set[str] = field(default_factory=set)
    # By first word: as written, as it sounds; whole, and beginnings of either
    _written: dict[str, tuple[Spelling, ...]] = field(default_factory=dict)
    _heard: dict[str, tuple[Spelling, ...]] = field(default_factory=dict)
    _begun_written: dict[str, tuple[Spelling, ...]] = field(default_factory=dict)
    _begun_heard: dict[str, tuple[Spelling, ...]] = field(default_factory=dict)
    _longest: int = 0  # letters of the longest beginning
    _spelt: set[str] = field(default_factory=set)
    _english: set[str] = field(default_factory=set)  # words that are nothing but English
    _groups: list[tuple[str, list[str]]] = field(default_factory=list)  # slot, the slots that it consists of

    @classmethod
    def load(cls, path: Path) -> tuple["Slots", list[str]]:
        """Read slots.tsv; the slots and the problems, `flows/slots.tsv:12:3: message`."""
        rows, problems = table.read(path, COLUMNS)
        problems += [problem for row in rows for problem in _faults(row)]
        slots = cls()
        for row in rows if not problems else ():
            slots._take(row)
        _shared.cache_clear()  # its keys take as much as the table
        return slots, problems + [problem for row in rows for problem in slots._strangers(row)]

    def _take(self, row: table.Row) -> None:
        self.names.add(row["slot"])
        if row["language"] == OF_SLOTS:
            self._groups.append((row["slot"], row.several("words")))
            return
        for words in row.several("words"):
            slot = EXCEPT + row["slot"] if words.startswith(EXCEPT) else row["slot"]
            self._add(entry(slot, words.removeprefix(EXCEPT), row["language"], row.line))
            spelt = {normalise(word.strip("!=*~")) for word in words.split(" ")}
            self._spelt |= {word for word in spelt if len(word) > 1}
            self._english |= spelt if row["slot"] == ENGLISH else set()

    def _strangers(self, row: table.Row) -> list[str]:
        if row["language"] != OF_SLOTS or not self.names:
            return []
        return [row.problem("words", f"{name} is no slot") for name in row.several("words") if name not in self.names]

    def _add(self, one: Spelling) -> None:
        first = one.first
        if first.begins:
            index = self._begun_heard if first.heard else self._begun_written
            self._longest = max(self._longest, len(first.text))
        else:
            index = self._heard if first.heard else self._written
        known = index.get(first.text, ())
        of_same_sound = any(other.slot == one.slot and other.rest == one.rest for other in known)
        if not of_same_sound:
            index[first.text] = (*known, one)

    def find(self, words: Sequence[str]) -> dict[str, list[Span]]:
        """Where each slot stands in the normalised words of a message."""
        found: dict[str, list[Span]] = {}
        for one, span in self.entries(words):
            if one.in_english and self._english.isdisjoint(words[max(span[0] - 1, 0) : span[1] + 1]):
                continue
            spans = found.setdefault(one.slot, [])
            if span not in spans:
                spans.append(span)
        for slot in [slot for slot in found if slot.startswith(EXCEPT)]:
            others = found.pop(slot)
            meant = found.get(slot.removeprefix(EXCEPT), [])
            meant[:] = [span for span in meant if not any(start <= span[0] < end for start, end in others)]
        for slot, members in self._groups:
            found[slot] = found.get(slot, []) + [span for name in members for span in found.get(name, ())]
        return {slot: spans for slot, spans in found.items() if spans}

    def spellings(self) -> AbstractSet[str]:
        """All single words of the table, as they are written there, but those of one letter."""
        return self._spelt  # no copy: there are ten thousand

    def entries(self, words: Sequence[str]) -> Iterator[tuple[Spelling, Span]]:
        """Each entry that stands in the words, and where."""
        heard = [sound(word) for word in words]
        for start, (written, sounds) in enumerate(zip(words, heard, strict=True)):
            for known in self._beginning_with(written, sounds):
                for one in known:
                    end = one.ends(start, words, heard)
                    if end:
                        yield one, (start, end)

    def _beginning_with(self, written: str, heard: str) -> Iterator[tuple[Spelling, ...]]:
        for word, whole, begun in (
            (written, self._written, self._begun_written),
            (heard, self._heard, self._begun_heard),
        ):
            if word in whole:
                yield whole[word]
            for size in range(SHORTEST, min(len(word), self._longest) + 1):
                if word[:size] in begun:
                    yield begun[word[:size]]


def entry(slot: str, words: str, language: str, place: str) -> Spelling:
    """Make an entry of what stands in the table: "bech*", "khud kushi", "=the". English counts as written."""
    first, *rest = (_form(word, language) for word in words.removeprefix(IN_ENGLISH).split(" "))
    return Spelling(slot, first, tuple(rest), place, words.startswith(IN_ENGLISH))


def _form(word: str, language: str) -> Form:
    heard = language != "en" and not word.startswith(AS_WRITTEN)
    begins = word.endswith(BEGINNING)
    plain = normalise(word.removeprefix(AS_WRITTEN).removesuffix(BEGINNING))
    return _shared(sound(plain, begins=begins) if heard else plain, heard, begins)


@cache
def _shared(text: str, heard: bool, begins: bool) -> Form:
    """One form for all entries that it stands in: there are fifteen thousand."""
    return Form(sys.intern(text), heard, begins)


def _faults(row: table.Row) -> Iterator[str]:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", row["slot"]):
        yield row.problem("slot", "capitals, digits and _ only")
    if row["language"] not in LANGUAGES:
        yield row.problem("language", f"one of {', '.join(LANGUAGES)}")
    yield from _word_faults(row)


def _word_faults(row: table.Row) -> Iterator[str]:
    for words in row.several("words") if row["language"] != OF_SLOTS else ():
        for position, word in enumerate(words.lstrip(EXCEPT + IN_ENGLISH).split(" ")):
            plain = normalise(word.removeprefix(AS_WRITTEN).removesuffix(BEGINNING))
            if not plain or " " in plain:
                yield row.problem("words", f"{words}: an entry is empty, or has a sign in it that is no letter")
            elif position == 0 and word.endswith(BEGINNING) and _too_short(_form(word, row["language"])):
                yield row.problem("words", f"{word}: too short for a beginning, as it sounds")


def _too_short(form: Form) -> bool:
    return len(form.text) < (SHORTEST_HEARD if form.text.isascii() else SHORTEST)


def merged(found: Mapping[str, list[Span]], names: Iterable[str]) -> list[Span]:
    """Where any of several slots stands, in order."""
    return sorted({span for name in names for span in found.get(name, ())})
