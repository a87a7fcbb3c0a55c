"""The review sheet: every text in all its languages side by side, as one HTML file for people who read none of this."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from jinja2 import Environment, FileSystemLoader

from hotline.channels.sms_encoding import encode_plan
from hotline.conversation import Flows, Node, render
from hotline.core.i18n import PARTIAL, direction, read_catalogue

REVIEWED = "reviewed"  # how a translator's comment begins that says so
NAMES = {"en": "English", "ur": "Urdu", "sd": "Sindhi", "ur@latin": "Roman Urdu", "sd@latin": "Roman Sindhi"}
ELSEWHERE = "other texts"
CODE = "4821736050"

Spot = tuple[int, int, int]  # flow, step, option: numbers to sort by
NOWHERE: Spot = (sys.maxsize, 0, 0)  # behind all flows


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A text in one language. `parts`: SMS parts of it alone; `whole`: of the longest question that it begins, or None."""

    language: str
    text: str
    parts: int
    whole: int | None
    reviewed: bool

    @property
    def direction(self) -> str:
        return direction(self.language)


@dataclass(frozen=True, slots=True)
class SheetText:
    """A text: the flow where it stands first, all steps and notes about it, a cell for each language that has it."""

    flow: str
    places: tuple[str, ...]
    cells: tuple[SheetCell, ...]


def texts(root: Path) -> list[SheetText]:
    """All texts: flow by flow in their order, then those that no flow says.

    Raises DataFileError if a flow has a fault, babel's PoFileError if a catalogue is damaged.
    """
    flows = Flows.load(root / "flows", has_text=None)
    catalogues = {name: read_catalogue(root / "locales" / name / "LC_MESSAGES" / "messages.po") for name in NAMES}
    found = []
    for message in catalogues["en"]:
        if message.id:
            spot = min((_spot(place, flows) for place in message.auto_comments), default=NOWHERE)
            found.append((spot, _text(message, spot, catalogues, flows)))
    return [text for _, text in sorted(found, key=lambda one: one[0])]


def reviewed(message: Message) -> bool:
    """Tell whether somebody wrote `reviewed` into the translator's comment; without a comment nobody did."""
    return any(comment.strip().lower().startswith(REVIEWED) for comment in message.user_comments)


def sheet(root: Path) -> str:
    """The whole page. Raises as `texts` does."""
    found = texts(root)
    groups = {flow: list(group) for flow, group in groupby(found, key=lambda text: text.flow)}
    left = {
        name: sum(cell.language == language and not cell.reviewed for text in found for cell in text.cells)
        for language, name in NAMES.items()
        if language != "en"
    }
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    page = environment.get_template("review.html")
    return page.render(groups=groups, left=left, names=NAMES)


def _spot(place: str, flows: Flows) -> Spot:
    """Return where a text stands, out of a comment that the extraction of flows wrote, such as `tip what choices 1`."""
    flow, step, number = (*place.replace(" choices ", " ").split(" "), "", "")[:3]
    if flow not in flows.flows or step not in flows.flows[flow].nodes:
        return NOWHERE
    return (
        list(flows.flows).index(flow),
        list(flows.flows[flow].nodes).index(step),
        int(number) if number.isdigit() else 0,
    )


def _text(message: Message, spot: Spot, catalogues: dict[str, Catalog], flows: Flows) -> SheetText:
    english = str(message.id)
    nodes = [node for flow in flows.flows.values() for node in flow.nodes.values() if node.say.text == english]
    flow = ELSEWHERE if spot == NOWHERE else list(flows.flows)[spot[0]]
    return SheetText(flow, tuple(message.auto_comments), tuple(_cells(english, catalogues, nodes)))


def _cells(english: str, catalogues: dict[str, Catalog], nodes: list[Node]) -> Iterator[SheetCell]:
    for language, catalogue in catalogues.items():
        message = catalogue.get(english)
        if message is None:
            continue  # a Roman catalogue holds only what phones are told
        text = str(message.string) or (english if language == "en" else "")
        sizes = [_size(node, language) for node in nodes]
        own = language == "en" or reviewed(message)
        yield SheetCell(language, text, encode_plan(text).parts, max(sizes, default=None), own)


def _size(node: Node, language: str) -> int:
    params = {"code": CODE, **{name: "" for name in node.say.params if name != "code"}}
    channel = "ussd" if language in PARTIAL else "sms"
    return encode_plan(render(node.say, language, channel, params)).parts
