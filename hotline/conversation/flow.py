"""The flows: YAML files checked, then turned into tables that a step needs no work to read."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from hotline.conversation import checks, texts
from hotline.conversation.letters import normalise
from hotline.conversation.schema import (
    NOT_FLOWS,
    PARAMS,
    SKIP_NUMBER,
    START,
    ChoiceIn,
    EffectIn,
    FlowFile,
    HasText,
    Source,
    StepIn,
    first_step,
)
from hotline.conversation.turn import Say
from hotline.conversation.words import Words
from hotline.core import i18n
from hotline.core.datafile import DataFile, DataFileError, read

# Concepts that may begin a sentence and answer its question, and whether they agree, deny or do neither.
OPENINGS = {"YES": "YES", "AGREED": "YES", "NO": "NO", "UNKNOWN": "UNKNOWN"}


@dataclass(frozen=True, slots=True)
class StepAddress:
    """A step of a flow."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice, ready to be taken."""

    value: str | None
    language: str | None
    to: StepAddress
    label: str = ""  # how a confirmation names it
    prevails: bool = False
    number: tuple[int, int] | None = None

    def name(self, flow: str) -> str:
        """What it is called in tables of answers to a question of `flow`: its value, its language, or where it leads."""
        return self.value or self.language or (self.to.step if self.to.flow == flow else self.to.flow)


@dataclass(frozen=True, slots=True)
class Node:
    """A step, ready to be run."""

    here: StepAddress
    say: Say
    again: Say  # the same after a slip
    confirm: Say | None  # the same where the answer is known from own words
    only_if: dict[str, tuple[str, ...]]  # passed over unless one of these answers is so; empty: never
    unless: dict[str, tuple[str, ...]]  # passed over if one of these is so
    question: bool
    save: str | None
    kind: str  # "choice", "text" or "place"
    effects: tuple[EffectIn, ...]
    options: dict[str, Option]  # normalised message -> option
    choices: tuple[Option, ...]  # the options in their order
    opening: dict[str, tuple[str, Option]]  # yes, no or don't know that may begin a sentence -> its concept and option
    inside: dict[str, Option]  # concept that may stand in a sentence -> option
    onward: StepAddress | None  # where own words, a skip or a remark lead; None at the end


@dataclass(frozen=True, slots=True)
class Flow:
    """A loaded flow. `revision` changes with any byte of its file."""

    name: str
    revision: str
    first: str
    nodes: dict[str, Node]


@dataclass(frozen=True, slots=True)
class Flows:
    """All flows, and the words people use. `free`: whether it is said that messages cost the person nothing."""

    flows: dict[str, Flow]
    words: Words
    free: bool = False

    @classmethod
    def load(cls, folder: Path, has_text: HasText | None = i18n.has_text, *, free: bool = False) -> "Flows":
        """Read every flow of the folder and keywords.tsv.

        `has_text(language, msgid)` says whether a text is translated; None leaves that unchecked. Raises DataFileError
        with all problems of all files, a line each: `flows/tip.yaml:12: steps.where.next: message`.
        """
        words = Words.load(folder / "keywords.tsv")
        sources, problems = _sources(folder)
        if not problems:
            problems = checks.problems(sources, words, has_text, folder)
        if problems:
            raise DataFileError(problems)
        firsts = {source.name: first_step(source.model) for source in sources.values()}
        made = (
            _flow(name, source.revision, source.model, firsts, words, free=free) for name, source in sources.items()
        )
        return cls({flow.name: flow for flow in made}, words, free)

    def pinned(self, name: str, revision: str, body: str) -> "Flows":
        """These flows, but one as it was: `body` is its file's text. Raises ValueError, LookupError if it fits no more."""
        model = FlowFile.model_validate(read(body))
        firsts = {flow.name: flow.first for flow in self.flows.values()} | {name: first_step(model)}
        flow = _flow(name, revision, model, firsts, self.words, free=self.free)
        return replace(self, flows={**self.flows, name: flow})

    def values(self, field: str) -> frozenset[str]:
        """All that the choices of any flow can make of a field."""
        nodes = [node for flow in self.flows.values() for node in flow.nodes.values() if node.save == field]
        return frozenset(option.value for node in nodes for option in node.options.values() if option.value)

    def node(self, flow: str, step: str) -> Node:
        """The step of that name, else the flow's first, else the start's first: a session never points nowhere."""
        found = self.flows.get(flow) or self.flows[START]
        return found.nodes.get(step) or found.nodes[found.first]

    def first(self, flow: str) -> Node:
        """The step at which a flow begins."""
        return self.node(flow, "")


def _sources(folder: Path) -> tuple[dict[str, Source], list[str]]:
    sources, problems = {}, []
    for path in sorted(folder.glob("*.yaml")):
        if path.name in NOT_FLOWS:
            continue
        try:
            file = DataFile(path)
            revision = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            sources[path.stem] = Source(path.stem, revision, file, file.parse(FlowFile))
        except DataFileError as error:
            problems += error.problems
    return sources, problems


def _flow(name: str, revision: str, model: FlowFile, firsts: dict[str, str], words: Words, *, free: bool) -> Flow:
    nodes = {
        step: _Build(StepAddress(name, step), content, firsts, words, free).node()
        for step, content in model.steps.items()
    }
    return Flow(name, revision, next(iter(nodes)), nodes)


@dataclass(frozen=True, slots=True)
class _Build:
    """Turns one step into a node."""

    here: StepAddress
    step: StepIn
    firsts: dict[str, str]  # flow -> its first step
    words: Words
    free: bool

    def node(self) -> Node:
        step, say = self.step, self._say()
        made = tuple(self._option(choice) for choice in step.choices)
        return Node(
            here=self.here,
            say=say,
            again=Say(say.text, say.choices, say.params, texts.HINT if step.choices else ""),
            confirm=self._confirm(),
            only_if=step.only_if,
            unless=step.unless,
            question=step.ask is not None,
            save=step.save,
            kind="place" if step.place else "choice" if step.choices else "text",
            effects=step.effects,
            options=self._options(made),
            choices=made,
            opening=self._opening(made),
            inside=self._inside(made),
            onward=self._address(step.next, step.goto),
        )

    def _say(self) -> Say:
        text = (self.step.free if self.free else None) or self.step.ask or self.step.say or ""
        choices = tuple((str(number), choice.say) for number, choice in enumerate(self.step.choices, start=1))
        if self.step.ask and not choices:
            choices = ((SKIP_NUMBER, texts.SKIP),)
        params = tuple(name for name in PARAMS if "{" + name + "}" in text)
        return Say(text, choices, params, home=self.step.home)

    def _confirm(self) -> Say | None:
        choices = (("1", texts.RIGHT), ("2", texts.NOT_RIGHT))
        return Say(self.step.confirm, choices) if self.step.confirm is not None else None

    def _options(self, made: tuple[Option, ...]) -> dict[str, Option]:
        """Every whole message that means an option; a label beats a keyword, a keyword beats a numeral's name."""
        numerals: dict[str, Option] = {}
        keywords: dict[str, Option] = {}
        labels: dict[str, Option] = {}
        for number, (choice, option) in enumerate(zip(self.step.choices, made, strict=True), start=1):
            numerals |= dict.fromkeys([str(number), *self.words.variants.get(f"N{number}", ())], option)
            for concept in choice.words:
                keywords |= dict.fromkeys(self.words.spellings(concept), option)
            tongues = (*i18n.LANGUAGES, *i18n.PARTIAL)
            labels |= {normalise(i18n.translate(choice.say, language)): option for language in tongues}
        return numerals | keywords | labels

    def _opening(self, made: tuple[Option, ...]) -> dict[str, tuple[str, Option]]:
        return {
            variant: (OPENINGS[concept], option)
            for choice, option in zip(self.step.choices, made, strict=True)
            for concept in OPENINGS
            if concept in choice.words
            for variant in self.words.spellings(concept)
        }

    def _inside(self, made: tuple[Option, ...]) -> dict[str, Option]:
        return {
            concept: option for choice, option in zip(self.step.choices, made, strict=True) for concept in choice.words
        }

    def _option(self, choice: ChoiceIn) -> Option:
        to = self._address(choice.next, choice.goto) or self._address(self.step.next, self.step.goto)
        # checks: a question has an onward way
        return Option(
            choice.value, choice.language, to or self.here, choice.known or choice.say, choice.prevails, choice.number
        )

    def _address(self, step: str | None, flow: str | None) -> StepAddress | None:
        if flow is not None:
            return StepAddress(flow, self.firsts[flow])
        return StepAddress(self.here.flow, step) if step is not None else None
