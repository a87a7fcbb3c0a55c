"""Triage: how urgent a report is, what it speaks of, and who else may be concerned, by the rules of flows/triage.yaml.

Reasons and indicators are facts for the officer, never a verdict: whether it is trafficking or smuggling is not ours to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hotline.conversation import SecondReader, Words
from hotline.core.datafile import DataFile, DataFileError, Strict
from hotline.core.priority import Priority, PriorityName
from hotline.reports.second_look import Kind, SecondLook, Thresholds

Where = tuple[str | int, ...]
MAX_QUOTES = 3  # of one reason; more are no more convincing
Aside = Literal["advert", "thanks", "abuse", "wrong_number", "trial", "question", "nothing"]


def _several(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    if not several or not all(isinstance(each, str) for each in several):
        raise ValueError('a text, or a list of texts; "yes" and "no" in quotes')
    return tuple(several)


class When(Strict):
    """All that is given must hold."""

    words: tuple[str, ...] = ()  # any of these concepts
    together: tuple[str, ...] = ()  # all of these
    unless: tuple[str, ...] = ()  # none of these
    # field -> its value, or any of several
    answer: dict[str, Annotated[tuple[str, ...], BeforeValidator(_several)]] = Field(default_factory=dict)
    kind: Kind | None = None

    def holds(self, kind: str, concepts: frozenset[str], answers: Mapping[str, str | None]) -> bool:
        """Tell whether everything that is given is so."""
        return (
            (not self.words or not concepts.isdisjoint(self.words))
            and concepts.issuperset(self.together)
            and concepts.isdisjoint(self.unless)
            and self.kind in (None, kind)
            and (not self.answer or all(answers.get(field) in values for field, values in self.answer.items()))
        )


class Fallback(Strict):
    """The rating that holds when no rule does."""

    priority: PriorityName
    reason: str


class Rule(Fallback):
    """One line of the table."""

    when: When


class Indicator(Strict):
    """A fact that is found in trafficking (TIP), in smuggling (SOM), or in both; one of `when` must hold."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    of: tuple[Literal["TIP", "SOM"], ...]
    fact: str
    when: Annotated[tuple[When, ...], Field(min_length=1)]


class Referral(Strict):
    """A body whom the officer may want to tell; one of `when` must hold."""

    consider: str
    when: Annotated[tuple[When, ...], Field(min_length=1)]


class KindRule(Strict):
    """What kind of matter a message is before anything was asked; the first that holds counts."""

    kind: Kind
    sure: bool = False  # whatever the second reader thinks
    when: When


class AsideRule(Strict):
    """What pages nobody, as long as nothing in it is urgent; the first that holds counts."""

    aside: Aside
    answer: str | None = None  # the step of flows/info.yaml that answers it
    reason: str
    when: When


class IntegrityLane(Strict):
    """What goes to HQ's integrity officers and to nobody of the circle; one of `when` must hold."""

    when: Annotated[tuple[When, ...], Field(min_length=1)]


class TriageFile(Strict):
    """flows/triage.yaml."""

    default: Fallback
    kinds: tuple[KindRule, ...] = ()
    integrity: IntegrityLane | None = None
    aside: tuple[AsideRule, ...] = ()
    second_reader: Thresholds | None = None
    rules: tuple[Rule, ...]
    indicators: tuple[Indicator, ...] = ()
    referrals: tuple[Referral, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """A priority and why: English msgids, the reasons of this priority first."""

    priority: Priority
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment(Rating):
    """The hints that the officer is shown beside a report: English msgids, in the order of the file.

    `quotes`: reasons and indicators, each with the words that showed it, as they were written.
    """

    indicators: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    quotes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    alike: tuple[str, ...] = ()  # examples, in place of a reason where the second reader raised the priority


@dataclass(frozen=True, slots=True)
class Sorting:
    """A message sorted before anything was asked.

    `integrity`: it is for HQ's integrity officers. `says`: a rule of P1 or P2 holds. `aside`: what it is if nobody is
    paged for it.
    """

    kind: Kind
    integrity: bool
    says: bool
    aside: AsideRule | None


@dataclass(frozen=True, slots=True, eq=False)
class Triage:
    """The rules, loaded."""

    file: TriageFile
    words: Words
    reader: SecondReader | None = None  # only where the file has `second_reader`

    @classmethod
    def load(cls, path: Path, words: Words) -> "Triage":
        """Raises DataFileError: `flows/triage.yaml:7: rules.0.when.words: message`."""
        file = DataFile(path)
        model = file.parse(TriageFile)
        whens: list[tuple[Where, When]] = [
            (("rules", position, "when"), rule.when) for position, rule in enumerate(model.rules)
        ]
        whens += _nested("indicators", model.indicators) + _nested("referrals", model.referrals)
        whens += [(("kinds", position, "when"), row.when) for position, row in enumerate(model.kinds)]
        whens += [(("aside", position, "when"), row.when) for position, row in enumerate(model.aside)]
        if model.integrity is not None:
            whens += [(("integrity", "when", number), when) for number, when in enumerate(model.integrity.when)]
        problems = [
            file.problem(message, *where, *field) for where, when in whens for message, field in _faults(when, words)
        ]
        ids = [indicator.id for indicator in model.indicators]
        problems += [
            file.problem(f"{each} stands here twice", "indicators", position, "id")
            for position, each in enumerate(ids)
            if each in ids[:position]
        ]
        if model.second_reader is not None:
            problems += [
                file.problem(f"{name} is in no table", "second_reader", field)
                for field, name in model.second_reader.strangers(words)
            ]
        if problems:
            raise DataFileError(problems)
        return cls(model, words, SecondReader.load(path.parent) if model.second_reader is not None else None)

    @property
    def _second(self) -> SecondLook | None:
        thresholds = self.file.second_reader
        return SecondLook(self.reader, self.words, thresholds) if self.reader and thresholds else None

    @property
    def reasons(self) -> frozenset[str]:
        """All reasons that a report can have."""
        return frozenset(rule.reason for rule in self.file.rules) | {self.file.default.reason}

    def sort(self, texts: Sequence[str]) -> Sorting:
        """Sort what somebody wrote before anything was asked."""
        concepts, second = self._concepts(texts), self._second
        found, says, aside, integrity = self._by_rules(concepts)
        kind: Kind = found.kind if found is not None else "tip"
        if second is not None:
            kind = kind if found is not None and found.sure else second.kind(texts) or kind
            integrity = integrity or second.integrity(texts, concepts)
            if aside is not None:
                says = says or second.serious(texts)
            elif not says and second.nothing(texts):
                aside = AsideRule(aside="nothing", reason=second.thresholds.aside.reason, when=When())
        return Sorting(kind, integrity, says, None if says else aside)

    @lru_cache(maxsize=256)  # noqa: B019  # many messages show the same few concepts; there is one table a process
    def _by_rules(self, concepts: frozenset[str]) -> tuple[KindRule | None, bool, AsideRule | None, bool]:
        """The rule of its kind, whether a rule of P1 or P2 holds, what it is set aside as, whether it is for the integrity lane."""
        file = self.file
        kind = next((row for row in file.kinds if row.when.holds("", concepts, {})), None)
        says = any(rule.when.holds("", concepts, {}) for rule in file.rules if rule.priority < Priority.P3)
        aside = next((row for row in file.aside if row.when.holds("", concepts, {})), None)
        whens = file.integrity.when if file.integrity is not None else ()
        return kind, says, aside, any(when.holds(kind.kind if kind else "tip", concepts, {}) for when in whens)

    def rate(self, kind: str, texts: Sequence[str], answers: Mapping[str, str | None]) -> Rating:
        """The highest priority of the rules that hold: all that a message needs.

        `kind` is the report's; `texts` is all that the person typed; `answers` are choice values by field.
        """
        return self._rate(kind, texts, self._concepts(texts), answers)

    def assess(self, kind: str, texts: Sequence[str], answers: Mapping[str, str | None]) -> Assessment:
        """Rate as `rate` does, with the facts and referrals that hold."""
        concepts = self._concepts(texts)

        def any_holds(whens: Iterable[When]) -> bool:
            return any(when.holds(kind, concepts, answers) for when in whens)

        rating, second = self._rate(kind, texts, concepts, answers), self._second
        return Assessment(
            rating.priority,
            rating.reasons,
            tuple(indicator.fact for indicator in self.file.indicators if any_holds(indicator.when)),
            tuple(referral.consider for referral in self.file.referrals if any_holds(referral.when)),
            self._quotes(texts),
            second.alike(texts) if second is not None and second.thresholds.reason in rating.reasons else (),
        )

    def _quotes(self, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The words behind each reason and each indicator that words alone can show."""
        shown: dict[str, dict[str, None]] = {}
        by_message = [(rule.reason, rule.when) for rule in self.file.rules]
        by_message += [(row.fact, when) for row in self.file.indicators for when in row.when]
        for text in texts:
            evidence = self.words.evidence(text)
            for message, when in by_message:
                quoted = [evidence[concept] for concept in (*when.words, *when.together) if concept in evidence]
                shown.setdefault(message, {}).update(dict.fromkeys(quoted))
        return {message: tuple(quotes)[:MAX_QUOTES] for message, quotes in shown.items() if quotes}

    def _concepts(self, texts: Sequence[str]) -> frozenset[str]:
        return frozenset[str]().union(*(self.words.contains(text) for text in texts))

    def _rate(
        self, kind: str, texts: Sequence[str], concepts: frozenset[str], answers: Mapping[str, str | None]
    ) -> Rating:
        # What is over in one text hides nothing in another: each by itself, and all together.
        shown = {concepts, *(frozenset(self.words.contains(text)) for text in texts)} if len(texts) > 1 else {concepts}
        held: list[Fallback] = [
            rule for rule in self.file.rules if any(rule.when.holds(kind, each, answers) for each in shown)
        ]
        by_rules = min((rule.priority for rule in held), default=self.file.default.priority)
        held += self._raised(texts, concepts) if by_rules > Priority.P1 else ()
        if min((rule.priority for rule in held), default=Priority.P3) > by_rules:  # no rule holds, or only a lower one
            held.append(self.file.default)
        held = sorted(held or [self.file.default], key=lambda rule: rule.priority)
        return Rating(held[0].priority, tuple(dict.fromkeys(rule.reason for rule in held)))

    def _raised(self, texts: Sequence[str], concepts: frozenset[str]) -> list[Fallback]:
        """What the second reader says is one more rule."""
        second = self._second
        priority = second.priority(texts, concepts) if second is not None else None
        return [Fallback(priority=priority, reason=second.thresholds.reason)] if second and priority else []


def _nested(name: str, rows: Sequence[Indicator | Referral]) -> list[tuple[Where, When]]:
    return [
        ((name, position, "when", number), when)
        for position, row in enumerate(rows)
        for number, when in enumerate(row.when)
    ]


def _faults(when: When, words: Words) -> list[tuple[str, tuple[str, ...]]]:
    if not (when.words or when.together or when.answer or when.kind):
        return [("needs `words`, `together`, `answer` or `kind`", ())]
    return [
        (f"{concept} is not in keywords.tsv or frames.tsv", (field,))
        for field in ("words", "together", "unless")
        for concept in getattr(when, field)
        if concept not in words.concepts
    ]
