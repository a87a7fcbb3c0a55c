"""The shape of flows/*.yaml."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.core.datafile import DataFile, Strict

START = "start"  # where 0 leads
HELP = "help"  # where a plea leads
# YAML files of the same folder that other modules read.
NOT_FLOWS = frozenset({"triage.yaml", "escalation.yaml"})
SKIP_NUMBER = "9"  # the same on every question, so that nobody has to learn it twice
# Facts of a session that no question asks for: the caller knows them.
GIVEN: dict[str, frozenset[str]] = {"urgent": frozenset({"yes"})}
PARAMS = ("code", "status", "agent")  # what the caller knows and a text may show
KNOWN = "{known}"  # in `confirm`: what the person said already

EffectIn = Literal["issue_code", "clear_chat", "erase"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
HasText = Callable[[str, str], bool]


class ChoiceIn(Strict):
    """One numbered option."""

    say: Text  # English; with `language`, that language's own name, which is not translated
    value: Name | None = None  # what is kept in the step's `save`
    words: tuple[str, ...] = ()  # concepts of keywords.tsv, and facts of frames.tsv, that mean this option
    known: Text | None = None  # how the step's `confirm` names it, where `say` alone would not tell ("Yes, now")
    prevails: bool = False  # in a sentence that means another option too, this one counts: the safer one
    number: tuple[int, int] | None = None  # a number from .. to .. means this option, such as an age
    language: Literal["ur", "sd", "en"] | None = None
    next: Name | None = None
    goto: Name | None = None


class StepIn(Strict):
    """A question (`ask`), a closing text (`say` with `end`) or a remark on the way (`say` with `next`)."""

    ask: Text | None = None
    say: Text | None = None
    free: Text | None = None  # said instead where the operator's setting says that messages cost the person nothing
    home: bool = False  # a remark that holds in Pakistan only: never said to a number or a place abroad
    choices: tuple[ChoiceIn, ...] = ()
    save: Name | None = None
    place: bool = False
    confirm: Text | None = None  # asked instead if own words have answered it already; shows {known}
    only_if: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)  # passed over unless one of the answers is so
    unless: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)  # passed over if one of the answers is so
    effects: tuple[EffectIn, ...] = ()
    next: Name | None = None
    goto: Name | None = None
    end: bool = False


class FlowFile(Strict):
    """A file of flows/. The first step is where it begins."""

    steps: Annotated[dict[Name, StepIn], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read and has the right shape; `checks` looks for sense."""

    name: str
    revision: str
    file: DataFile
    model: FlowFile


def first_step(model: FlowFile) -> str:
    """The name of the step where the flow begins."""
    return next(iter(model.steps))
