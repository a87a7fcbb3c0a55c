"""What the second reader adds to the rules of triage. It raises, and never lowers; it needs a sign of its own for the most."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from hotline.conversation import Opinion, SecondReader, Words
from hotline.core.datafile import Strict
from hotline.core.priority import Priority

Share = Annotated[float, Field(gt=0, lt=1)]
Kind = Literal["tip", "help", "family", "professional", "test"]
_KINDS: tuple[Kind, ...] = ("help", "tip", "family", "professional")  # what it chooses between
FEWEST = 2  # words of a text that is looked at: a name or a place is like anything
SHOWN = 2  # examples


class Reason(Strict):
    """Why something is so, for the officer."""

    reason: str


class Thresholds(Strict):
    """From which probability on the second reader counts, and what must be there beside it."""

    urgent: Share  # with one of `signs`: P1
    first: Share  # P2 at least
    integrity: Share  # with one of `officials`: the integrity lane
    unnamed: Share  # the same where none of them is found: "the man in khaki at the last barrier"
    serious: Share  # nobody sets it aside
    nothing: Share  # set aside, where no rule finds anything
    calm: Share  # being serious, and being urgent, are less probable than this
    kind: Share  # the kind, where no line of `kinds` that is `sure` holds
    lead: Share  # how much likelier than a tip a plea must be: who tells of others is asked other things
    signs: tuple[str, ...]  # facts and keywords, which tables find
    officials: tuple[str, ...]  # the same, or slots
    reason: str
    aside: Reason

    def strangers(self, words: Words) -> Iterator[tuple[str, str]]:
        """Each field that names what no table has, and the name."""
        yield from (("signs", name) for name in self.signs if name not in words.concepts)
        known = words.concepts | words.reader.slots
        yield from (("officials", name) for name in self.officials if name not in known)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The second reader over all texts of a report: the most alarming one counts."""

    reader: SecondReader
    words: Words
    thresholds: Thresholds

    def priority(self, texts: Sequence[str], concepts: frozenset[str]) -> Priority | None:
        """What the texts should have at least; None if they are like nothing urgent."""
        urgent = self._highest(texts, lambda opinion: opinion.urgent)
        if urgent >= self.thresholds.urgent and not concepts.isdisjoint(self.thresholds.signs):
            return Priority.P1
        return Priority.P2 if urgent >= self.thresholds.first else None

    def serious(self, texts: Sequence[str]) -> bool:
        """Tell whether somebody should be paged, whatever the words of thanks or the questions in it."""
        return self._highest(texts, lambda opinion: opinion.serious) >= self.thresholds.serious

    def nothing(self, texts: Sequence[str]) -> bool:
        """Tell whether all texts are like questions, thanks, adverts and the like, and none is like a report."""
        opinions = [opinion for text in texts if (opinion := self._opinion(text)) is not None]
        limits = self.thresholds
        return bool(opinions) and all(
            opinion.kinds["none"] >= limits.nothing and max(opinion.serious, opinion.urgent) < limits.calm
            for opinion in opinions
        )

    def integrity(self, texts: Sequence[str], concepts: frozenset[str]) -> bool:
        """Tell whether it is like messages about officials who do wrong; where one is named, less likeness will do."""
        found = concepts.union(*(self.words.reader.read(text).slots for text in texts))
        limits = self.thresholds
        least = limits.unnamed if found.isdisjoint(limits.officials) else limits.integrity
        return self._highest(texts, lambda opinion: opinion.integrity) >= least

    def kind(self, texts: Sequence[str]) -> Kind | None:
        """The likeliest kind, if it is likely enough."""
        opinions = [opinion for text in texts if (opinion := self._opinion(text)) is not None]
        likely = [(opinion.kinds[kind], kind) for opinion in opinions for kind in _KINDS]
        share, best = max(likely, default=(0.0, None))
        if best == "help" and share - max(opinion.kinds["tip"] for opinion in opinions) < self.thresholds.lead:
            return None
        return best if share >= self.thresholds.kind else None

    def alike(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The examples that the most urgent text is like, each with the priority that it was given."""
        text = max(texts, key=lambda text: self._highest([text], lambda opinion: opinion.urgent), default="")
        return tuple(f"{one.priority}: {one.text}" for one in self.reader.nearest(text, SHOWN))

    def _highest(self, texts: Sequence[str], of: Callable[[Opinion], float]) -> float:
        return max((of(opinion) for text in texts if (opinion := self._opinion(text)) is not None), default=0.0)

    def _opinion(self, text: str) -> Opinion | None:
        words = self.words.reader.read(text).words
        if sum(not word.isdigit() for word in words) < FEWEST:
            return None
        return self.reader.read(text, words, self.words.signs(text))
