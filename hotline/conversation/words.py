"""Keywords: what people type and what they mean by it, from keywords.tsv by the matching rules."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.conversation import table
from hotline.conversation.letters import normalise
from hotline.conversation.reading import Reader, answers
from hotline.conversation.reading.answers import AnswerReader
from hotline.conversation.spelling import Near
from hotline.core.datafile import DataFileError

MIN_LETTERS = 2  # a single letter says nothing
COLUMNS = ("concept", "language_script", "variants", "match", "note")
LANGUAGE_OF = {"LANG_UR": "ur", "LANG_SD": "sd", "LANG_EN": "en"}
NUMBERS = frozenset(f"N{number}" for number in range(1, 11))
# Concepts that a whole message with one letter wrong still means. Never what ends a conversation, agrees, denies, or says
# that it is safe or dangerous: those count as written, and words of danger in every spelling that slots.tsv has.
FORGIVEN = frozenset(
    {
        *("HELP", "RESCUE", "NO_CALL", "UNSAFE", "UNKNOWN", "MENU", "CHILD", "REPORT", "STATUS", "INFO", "REFER"),
        *("RELATIVE_ABROAD", "PASSPORT", "AGENT", *LANGUAGE_OF),
    }
)
SHORTEST = 5  # letters. In a shorter word a wrong letter makes another word
LONGEST = 40  # letters: no keyword is longer
# A first message of nothing but these does not open a report.
EMPTY_ALONE = frozenset({"GREETING", "YES", "AGREED", "NO", "THANKS", "MENU", *LANGUAGE_OF})
EMPTY_WHOLE = EMPTY_ALONE | NUMBERS | {"STOP", "ENOUGH", "BACK", "SAFE", "UNKNOWN", "SKIP"}


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The table of keywords. A concept is a name in capitals, such as HELP."""

    variants: dict[str, frozenset[str]]  # concept -> normalised variants
    reader: Reader  # the facts that frames show; each is a concept too
    answer_reader: AnswerReader
    _exact: dict[str, frozenset[str]]  # variant -> concepts
    _inside: dict[str, frozenset[str]]  # variant -> concepts that may stand inside a sentence
    _longest: int  # words in the longest variant of _inside
    _near: Near  # variants of the concepts that are FORGIVEN
    _ordinary: frozenset[str]  # words a letter away from a variant, which mean what they say

    @classmethod
    def load(cls, path: Path) -> "Words":
        """Read keywords.tsv, and slots.tsv, frames.tsv and answers.model beside it.

        Raises DataFileError: `flows/keywords.tsv:12:3: message` (line and column from 1).
        """
        rows, problems = table.read(path, COLUMNS)
        problems += [problem for row in rows for problem in _faults(row)]
        if problems:
            raise DataFileError(problems)
        exact, inside, ordinary = defaultdict(set), defaultdict(set), set[str]()
        variants: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            concept, match = row["concept"], row["match"]
            known = {normalise(variant) for variant in row.several("variants")}
            if match == "never":
                ordinary |= known
                continue
            variants[concept] |= known
            for variant in known:
                exact[variant].add(concept)
                if match == "contains":
                    inside[variant].add(concept)
        longest = max((variant.count(" ") + 1 for variant in inside), default=1)
        forgiven = [word for word, meant in exact.items() if _forgiven(meant) and len(word) >= SHORTEST]
        numerals = {name: number for number in range(1, 11) for name in variants.get(f"N{number}", ())}
        return cls(
            _frozen(variants), Reader.load(path.parent, numerals), AnswerReader.load(path.parent / answers.FILE),
            _frozen(exact), _frozen(inside), longest, Near(forgiven), frozenset(ordinary),
        )  # fmt: skip

    def whole(self, text: str) -> frozenset[str]:
        """The concepts that the whole message means."""
        return self.whole_of(self.mended(normalise(text)))

    def whole_of(self, normalised: str) -> frozenset[str]:
        """`whole` for a text that is normalised already, and as written: a slip means nothing."""
        return self._exact.get(normalised, frozenset())

    @property
    def written(self) -> frozenset[str]:
        """All variants of all concepts, as `normalise` leaves them."""
        return frozenset(self._exact)

    def mended(self, normalised: str) -> str:
        """The keyword that the whole message is one letter off; the message itself if there is none, or a doubt."""
        if normalised in self._exact or not SHORTEST <= len(normalised) <= LONGEST:
            return normalised
        near = self._slips(self._near, normalised)
        meanings = {self._exact[variant] for variant in near}
        return min(near) if len(meanings) == 1 else normalised

    def _slips(self, known: Near, typed: str) -> set[str]:
        """A first letter is seldom wrong, and makes another word: "looked" is far from "hooked"."""
        if typed in self._ordinary or typed in self._exact:
            return set()
        return {variant for variant in known.find(typed) if variant[0] == typed[0]}

    @property
    def concepts(self) -> frozenset[str]:
        """All that a message can be understood to say: keywords, and facts that frames show."""
        return frozenset(self.variants) | self.reader.facts

    def spellings(self, concept: str) -> frozenset[str]:
        """The messages that mean a concept as a whole; none for a fact. Raises KeyError for an unknown one."""
        return self.variants.get(concept, frozenset()) if concept in self.reader.facts else self.variants[concept]

    def contains(self, text: str) -> frozenset[str]:
        """The concepts that stand anywhere in the text: keywords at word boundaries, and facts that frames show.

        Words such as `band` never do.
        """
        return self.contains_of(normalise(text)).union(self.reader.read(text).facts)

    def evidence(self, text: str) -> dict[str, str]:
        """The concepts that `contains` finds, each with the words that show it, as they were written."""
        normalised = normalise(text)
        shown = {concept: phrase for phrase, concept in self._phrases_in(normalised)}
        reading = self.reader.read(text)
        return shown | {fact: reading.evidence(fact) for fact in reading.facts}

    def signs(self, text: str) -> frozenset[str]:
        """All that the tables find in a text, for the second reader: slots and facts of `reader`, and keywords."""
        reading = self.reader.read(text)
        kinds = (("slot", reading.slots), ("fact", reading.facts), ("keyword", self.contains_of(normalise(text))))
        return frozenset(f"{kind} {name}" for kind, names in kinds for name in names)

    def likely(self, question: str, text: str) -> dict[str, float]:
        """How likely each option of a question ("help/safe") is meant by an answer, and none of them ("-").

        Nothing for a question that no answers were written for.
        """
        views = answers.numbers(normalise(text), self.reader.read(text).words, self.signs(text))
        return self.answer_reader.shares(question, views)

    @lru_cache(maxsize=4)  # noqa: B019  # one message asks several times; there is one table a process
    def contains_of(self, normalised: str) -> frozenset[str]:
        """The keywords in a text that is normalised already."""
        return frozenset(concept for _, concept in self._phrases_in(normalised))

    def _phrases_in(self, normalised: str) -> Iterator[tuple[str, str]]:
        """Each phrase of the table that stands in the text, with a concept that it means."""
        yield from ((normalised, concept) for concept in self._inside.get(self.mended(normalised), ()))
        tokens = normalised.split(" ")
        for phrase in _phrases(tokens, self._longest):
            yield from ((phrase, concept) for concept in self._inside.get(phrase, ()))

    def substance(self, text: str) -> bool:
        """Tell whether a first message says something: a plea for help does; greetings, digits, emoji, menu words don't."""
        normalised = normalise(text)
        if len(normalised) < MIN_LETTERS or normalised.replace(" ", "").isdigit():
            return False
        concepts = self.whole_of(self.mended(normalised))
        if concepts:
            return not concepts <= EMPTY_WHOLE
        return not self._only_courtesies(normalised.split(" "))

    def _only_courtesies(self, tokens: list[str]) -> bool:
        """Tell whether the tokens are greetings and the like, one after the other ("hello salam", "thank you yes")."""
        position = 0
        while position < len(tokens):
            for size in range(min(self._longest, len(tokens) - position), 0, -1):
                concepts = self.whole_of(" ".join(tokens[position : position + size]))
                if concepts and concepts <= EMPTY_ALONE:
                    position += size
                    break
            else:
                return False
        return True


def _phrases(tokens: list[str], longest: int) -> Iterator[str]:
    for start in range(len(tokens)):
        for size in range(1, min(longest, len(tokens) - start) + 1):
            yield " ".join(tokens[start : start + size])


def _forgiven(meant: set[str]) -> bool:
    """Tell whether a slip is forgiven: what is unsafe may be dangerous too, but no slip is a danger by itself."""
    return bool(meant & FORGIVEN) and meant <= FORGIVEN | {"DANGER"}


def _frozen(sets: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in sets.items()}


def _faults(row: table.Row) -> Iterator[str]:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", row["concept"]):
        yield row.problem("concept", "capitals, digits and _ only")
    if not all(normalise(variant) for variant in row["variants"].split(";")):
        yield row.problem("variants", "one is empty")
    if row["match"] not in ("whole", "contains", "never"):
        yield row.problem("match", "whole, contains or never")
