"""The second reader: how long it looks at a message, and what a process keeps of it."""

import time
import tracemalloc
from collections.abc import Callable
from itertools import cycle, islice

from hotline.conversation import SecondReader, Words
from hotline.conversation.reading import examples
from hotline.conversation.reading.second import EXAMPLES
from hotline.core.settings import ROOT
from tests.bench.output import line, percentile

FLOWS = ROOT / "flows"
SHORT, LONG, COUNT = 160, 4000, 300  # letters, messages


def run(_urls: dict[str, str], _redis_url: str) -> None:
    """Load it, then read messages that are made of the examples."""
    words, texts = Words.load(FLOWS / "keywords.tsv"), [one.text for one in examples.load(FLOWS / EXAMPLES)]
    tracemalloc.start()
    reader = SecondReader.load(FLOWS)
    reader.nearest("")
    line("second reader: weights and examples", tracemalloc.get_traced_memory()[0] / 1e6, "MB", 8, at_most=True)
    tracemalloc.stop()
    every = cycle(texts)

    def message(letters: int) -> str:
        return " ".join(islice(every, letters // 20))[:letters]

    def read(text: str) -> object:
        return reader.read(text, words.reader.read(text).words, words.signs(text))

    short, long = ([message(letters) for _ in range(COUNT)] for letters in (SHORT, LONG))
    for text in (*short, *long):
        words.signs(text)
    line(f"the language of {SHORT} letters, p99", _slowest(reader.languages, short), "ms", 1, at_most=True)
    line(f"the language of {LONG} letters, p99", _slowest(reader.languages, long), "ms", 25, at_most=True)
    line(f"both readers of {SHORT} letters, p99", _slowest(read, short), "ms", 5, at_most=True)
    line(f"both readers of {LONG} letters, p99", _slowest(read, long), "ms", 75, at_most=True)
    line(f"the nearest examples of {SHORT} letters, p99", _slowest(reader.nearest, short), "ms", 3, at_most=True)


def _slowest(deed: Callable[[str], object], texts: list[str]) -> float:
    """Milliseconds that one message in a hundred exceeds."""
    spent = []
    for text in texts:
        begun = time.process_time()
        deed(text)
        spent.append(time.process_time() - begun)
    return 1000 * percentile(spent, 0.99)
