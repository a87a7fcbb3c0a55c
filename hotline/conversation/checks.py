"""The checks of flows: a fault that would strand a person is found before the hotline starts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.conversation.schema import GIVEN, HELP, KNOWN, PARAMS, START, ChoiceIn, HasText, Source, StepIn, first_step
from hotline.conversation.words import Words

MAX_CHOICES = 8  # 9 is skip, and a phone shows no more
TRANSLATED = ("ur", "sd")
Where = tuple[str | int, ...]
Address = tuple[str, str]  # flow, step


def problems(sources: dict[str, Source], words: Words, has_text: HasText | None, folder: Path) -> list[str]:
    """All problems of all flows, a line each: first those of single steps, then (if there are none) of the whole."""
    found = [f"{folder.name}/{name}.yaml: is missing" for name in (START, HELP) if name not in sources]
    for source in sources.values():
        for name, step in source.model.steps.items():
            check = _StepCheck(step, source, sources, words, has_text)
            found += [source.file.problem(message, "steps", name, *where) for message, where in check.faults()]
    return found or [*_unreachable(sources), *_silent_loops(sources)]


@dataclass(frozen=True, slots=True)
class _StepCheck:
    """One step: every fault is a message and the field below the step that it is about."""

    step: StepIn
    source: Source
    sources: dict[str, Source]
    words: Words
    has_text: HasText | None

    def faults(self) -> Iterator[tuple[str, Where]]:
        yield from self._kind()
        yield from self._onward()
        yield from self._saving()
        yield from self._confirming()
        yield from self._choices()
        yield from self._condition()
        yield from self._targets()
        for text, where in texts_of(self.step):
            yield from ((message, where) for message in self._text(text))

    def _kind(self) -> Iterator[tuple[str, Where]]:
        step = self.step
        if step.ask is None and step.say is None:
            yield "a step needs a text: `ask` or `say`", ()
        elif step.ask is not None and step.say is not None:
            yield "either `ask` or `say`, not both", ("say",)
        if step.ask is None and step.choices:
            yield "only a question has choices", ("choices",)
        if step.home and (step.say is None or step.end):
            yield "only a remark on the way may be left out abroad", ("home",)

    def _onward(self) -> Iterator[tuple[str, Where]]:
        step = self.step
        ways = [way for way in (step.next, step.goto) if way is not None]
        if len(ways) + step.end > 1:
            yield "one way on: `next`, `goto` or `end`", ("goto" if step.goto else "end",)
        elif step.end and step.ask is not None:
            yield "a question cannot be the end", ("end",)
        elif not ways and not step.end:
            yield "needs `next` or `goto`: own words and skipping must lead somewhere", ()

    def _saving(self) -> Iterator[tuple[str, Where]]:
        step = self.step
        if step.save is not None and step.ask is None:
            yield "only a question can save an answer", ("save",)
        if step.place and (step.save is None or step.choices):
            yield "a place is a question in own words with `save`", ("place",)
        if step.ask is not None and not step.choices and step.save is None:
            yield "a question in own words needs `save`", ()

    def _confirming(self) -> Iterator[tuple[str, Where]]:
        step = self.step
        if step.confirm is not None and step.save is None:
            yield "only a question with `save` can be answered already", ("confirm",)
        if step.confirm is not None and KNOWN not in step.confirm:
            yield f"must show {KNOWN}", ("confirm",)

    def _condition(self) -> Iterator[tuple[str, Where]]:
        step = self.step
        for name, condition in (("only_if", step.only_if), ("unless", step.unless)):
            if condition and step.end:
                yield "a step that may be passed over cannot be the end", (name,)
            for field, values in condition.items():
                known = _values(self.sources, field) | GIVEN.get(field, frozenset())
                if not known:
                    yield f"no question saves {field} from choices", (name, field)
                for value in values:
                    if known and value not in known:
                        yield f"{field} is never {value}", (name, field)

    def _choices(self) -> Iterator[tuple[str, Where]]:
        choices = self.step.choices
        if len(choices) == 1 or len(choices) > MAX_CHOICES:
            yield f"2 to {MAX_CHOICES} choices", ("choices",)
        for position, choice in enumerate(choices):
            here: Where = ("choices", position)
            before = choices[:position]
            if choice.value is not None and any(choice.value == other.value for other in before):
                yield f"the value {choice.value} stands twice", (*here, "value")
            if any(choice.say == other.say for other in before):
                yield "the text stands twice", (*here, "say")
            if choice.value is not None and self.step.save is None:
                yield "a value needs the step's `save`", (*here, "value")
            if choice.value is None and self.step.save is not None:
                yield "needs a `value`, because the step saves one", here
            if choice.next is not None and choice.goto is not None:
                yield "one way on: `next` or `goto`", (*here, "goto")
            if choice.number is not None and choice.number[0] > choice.number[1]:
                yield "from the smaller to the larger number", (*here, "number")
            yield from self._words(choice, here)

    def _words(self, choice: ChoiceIn, here: Where) -> Iterator[tuple[str, Where]]:
        for concept in choice.words:
            if concept not in self.words.concepts:
                yield f"{concept} is not in keywords.tsv or frames.tsv", (*here, "words")

    def _targets(self) -> Iterator[tuple[str, Where]]:
        ways: list[tuple[StepIn | ChoiceIn, Where]] = [(self.step, ())]
        ways += [(choice, ("choices", position)) for position, choice in enumerate(self.step.choices)]
        for way, here in ways:
            if way.next is not None and way.next not in self.source.model.steps:
                yield f"no step {way.next} in this flow", (*here, "next")
            if way.goto is not None and way.goto not in self.sources:
                yield f"no flow {way.goto}", (*here, "goto")

    def _text(self, text: str) -> Iterator[str]:
        for name in re.findall(r"\{(.*?)\}", text):
            if name not in PARAMS and (name != "known" or text != self.step.confirm):
                yield f"unknown placeholder {{{name}}}"
            elif name == "code" and "issue_code" not in self.step.effects:
                yield "{code} needs the effect issue_code"
        for language in TRANSLATED:
            if self.has_text is not None and not self.has_text(language, text):
                yield f"no translation into {language}"


def texts_of(step: StepIn) -> Iterator[tuple[str, Where]]:
    """The step's texts that get translated, each with the field where it stands."""
    for field in ("ask", "say", "free", "confirm"):
        text = getattr(step, field)
        if text is not None:
            yield text, (field,)
    for position, choice in enumerate(step.choices):
        if choice.language is None:
            yield choice.say, ("choices", position, "say")
        if choice.known is not None:
            yield choice.known, ("choices", position, "known")


def _values(sources: dict[str, Source], field: str) -> set[str]:
    """All that the choices of any flow can make of a field."""
    steps = (step for source in sources.values() for step in source.model.steps.values() if step.save == field)
    return {choice.value for step in steps for choice in step.choices if choice.value is not None}


def _ways(source: Source, step: StepIn, sources: dict[str, Source]) -> Iterator[Address]:
    ways: tuple[StepIn | ChoiceIn, ...] = (step, *step.choices)
    for way in ways:
        if way.next is not None:
            yield source.name, way.next
        if way.goto is not None:
            yield way.goto, first_step(sources[way.goto].model)


def _unreachable(sources: dict[str, Source]) -> Iterator[str]:
    """Steps that no way leads to from the beginning of a flow. (Every flow may be begun by the caller.)"""
    waiting: list[Address] = [(source.name, first_step(source.model)) for source in sources.values()]
    reached = set(waiting)
    while waiting:
        flow, step = waiting.pop()
        new = set(_ways(sources[flow], sources[flow].model.steps[step], sources)) - reached
        reached |= new
        waiting += new
    for source in sources.values():
        for name in source.model.steps:
            if (source.name, name) not in reached:
                yield source.file.problem("no way leads to this step", "steps", name)


def _silent_loops(sources: dict[str, Source]) -> Iterator[str]:
    """Steps from which remarks lead back to themselves without a question in between."""
    for source in sources.values():
        for name in source.model.steps:
            here: Address = (source.name, name)
            seen: set[Address] = set()
            at = _silent_way(here, sources)
            while at is not None and at not in seen and at != here:
                seen.add(at)
                at = _silent_way(at, sources)
            if at == here:
                yield source.file.problem("goes round in a circle without a question", "steps", name)


def _silent_way(at: Address, sources: dict[str, Source]) -> Address | None:
    source = sources[at[0]]
    step = source.model.steps[at[1]]
    return None if step.ask is not None else next(_ways(source, step, sources), None)
