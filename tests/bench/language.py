"""Understanding, on messages and answers that no model was trained on: tests/data/heldout, per spelling.

Shares are of the messages to which they apply: a priority of those with one, a district of those that name one.
"""

import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hotline.conversation import Flows, Place, Places, SecondReader, language, normalise, table
from hotline.conversation.choosing import answered
from hotline.conversation.reading.answers import NONE
from hotline.conversation.reading.examples import ANSWER_COLUMNS
from hotline.core.priority import Priority
from hotline.core.settings import ROOT
from hotline.reports import Triage
from tests.bench.output import line, percentile

SPELLINGS = ("ur", "ur-Latn", "sd", "sd-Latn", "en", "mixed")
COLUMNS = ("text", "language", "kind", "priority", "lane", "place", "about")
HELDOUT = ROOT / "tests" / "data" / "heldout"
JUNK = ("question", "advert", "thanks", "abuse", "wrong_number", "test", "greeting")
ROUNDS = 5  # readings of each message, for the times
BEFORE, LARGE = 4.3, 15.0  # MB of a process: what places and keywords took alone, and what understanding may add


@dataclass(frozen=True)
class Message:
    """A labelled message."""

    spelling: str
    text: str
    language: str
    kind: str
    priority: str
    lane: str
    place: str


class Understanding:
    """The tables, as a process of the hotline loads them."""

    def __init__(self) -> None:
        flows = ROOT / "flows"
        self.flows = Flows.load(flows, None)
        self.words = self.flows.words
        self.triage = Triage.load(flows / "triage.yaml", self.words)
        self.places = Places.load(flows / "districts.tsv")
        self.reader = SecondReader.load(flows)

    def judge(self, message: Message) -> Iterator[tuple[str, bool]]:
        """Each figure that applies to a message, and whether it is right."""
        sorting = self.triage.sort([message.text])
        paged = sorting.aside is None and self.words.substance(message.text)
        urgent = paged and self.triage.rate(sorting.kind, [message.text], {}).priority == Priority.P1
        if message.priority == "P1":
            yield "P1 as P1", urgent
        else:
            yield "raised to P1", urgent
        if message.lane == "integrity":
            yield "integrity found", sorting.integrity
        if sorting.integrity:
            yield "integrity right", message.lane == "integrity"
        if message.kind in JUNK:
            yield "junk pages nobody", not paged
        else:
            yield "kind", sorting.kind == message.kind
            if message.priority != "P3":
                yield "report that pages nobody", not paged
            yield "language", language.guess(message.text, self.reader) == message.language
        yield from self._placed(message)

    def taken(self, row: table.Row) -> Iterator[tuple[str, bool]]:
        """The same of an answer to a question."""
        node, text = self.flows.node(row["flow"], row["step"]), row["answer"]
        said = normalise(text)
        option = answered(self.words, node, text, said if said in node.options else self.words.mended(said))
        name = NONE if option is None else option.name(row["flow"])
        if row["value"] != NONE:
            yield "answers understood", name == row["value"]
        yield "answers misread", name not in (NONE, row["value"])

    def _placed(self, message: Message) -> Iterator[tuple[str, bool]]:
        found = self.places.mention(message.text)
        if message.place and message.place != "ambiguous":
            yield "place", self._is(found, message.place)
        if found is not None:
            yield "wrong place", not self._is(found, message.place)

    def _is(self, found: Place | None, name: str) -> bool:
        """Tell whether a place is the one of this English name; a district of Karachi is Karachi too."""
        wanted = self.places.district(name)
        if found is None or wanted is None:
            return found is not None and found.name == name
        return found == wanted or found.code in wanted.districts or wanted.code in found.districts


BOUNDS = {
    "P1 as P1": (0.95, False), "raised to P1": (0.12, True), "integrity found": (0.95, False),
    "integrity right": (0.90, False), "language": (0.97, False), "place": (0.90, False), "wrong place": (0.0, True),
    "kind": (0.90, False), "junk pages nobody": (0.90, False), "report that pages nobody": (0.0, True),
    "answers understood": (0.85, False), "answers misread": (0.01, True),
}  # fmt: skip


def run(_urls: dict[str, str], _redis_url: str) -> None:
    """Print every figure, of each spelling and of all together, then times and memory."""
    tracemalloc.start()
    understanding = Understanding()
    taken = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    messages = list(heldout())
    judged = [(message.spelling, judged) for message in messages for judged in understanding.judge(message)]
    judged += [
        (row["spelling"], judged) for row in _read("answers", ANSWER_COLUMNS) for judged in understanding.taken(row)
    ]
    for name, (bound, at_most) in BOUNDS.items():
        shares = {spelling: _share(judged, name, spelling) for spelling in (*SPELLINGS, "")}
        line(f"{name}: {_shown(shares)}", shares[""], "of all", bound, at_most=at_most)
    _times(understanding, messages)
    line("memory of all tables, more than before", taken - BEFORE, "MB", LARGE, at_most=True)


def heldout() -> Iterator[Message]:
    """The messages that are kept for measuring."""
    for spelling in SPELLINGS:
        for row in _read(spelling, COLUMNS):
            yield Message(spelling, *(row[column] for column in COLUMNS[:-1]))


def _read(name: str, columns: tuple[str, ...]) -> list[table.Row]:
    rows, problems = table.read(HELDOUT / f"{name}.tsv", columns)
    if problems:
        raise SystemExit("\n".join(problems))
    return rows


def _share(judged: list[tuple[str, tuple[str, bool]]], name: str, spelling: str) -> float:
    found = Counter(right for where, (figure, right) in judged if figure == name and spelling in ("", where))
    return found[True] / found.total() if found else 0.0


def _shown(shares: dict[str, float]) -> str:
    return " ".join(f"{spelling} {share:.2f}" for spelling, share in shares.items() if spelling)


def _times(understanding: Understanding, messages: list[Message]) -> None:
    """The time of reading one message, from its text to kind, lane, priority, place and language: the best of ROUNDS."""
    best = [1000.0] * len(messages)
    for _ in range(ROUNDS):
        for number, message in enumerate(messages):
            started = time.perf_counter()
            list(understanding.judge(message))
            best[number] = min(best[number], 1000 * (time.perf_counter() - started))
    line("reading one message, median", percentile(best, 0.5), "ms", 1.0, at_most=True)
    line("reading one message, p99", percentile(best, 0.99), "ms", 2.0, at_most=True)
