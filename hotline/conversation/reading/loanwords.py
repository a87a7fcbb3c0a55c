"""English words in Urdu or Sindhi letters ("کڈنیپ"), as voice typing writes them and many people do: flows/loanwords.tsv.

Each is read as the English word, so that slots list it once.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from hotline.conversation import table
from hotline.conversation.letters import normalise

COLUMNS = ("english", "written", "note")


def load(path: Path, listed: AbstractSet[str]) -> tuple[Mapping[str, str], list[str]]:
    """Read loanwords.tsv: normalised word -> English word; and the problems, `flows/loanwords.tsv:12:2: message`.

    `listed`: the words of slots.tsv. What stands there too would never be found there.
    """
    rows, problems = table.read(path, COLUMNS)
    known: dict[str, str] = {}
    for row in rows:
        problems += _faults(row, listed, known)
        known |= {normalise(word): row["english"] for word in row.several("written")}
    return known, problems


def _faults(row: table.Row, listed: AbstractSet[str], known: Mapping[str, str]) -> Iterator[str]:
    if not re.fullmatch("[a-z]+", row["english"]):
        yield row.problem("english", "one word of small letters")
    for word in row.several("written"):
        plain = normalise(word)
        if not plain or plain.isascii() or " " in plain:
            yield row.problem("written", f"{word}: one word in Urdu or Sindhi letters")
        elif plain in listed:
            yield row.problem("written", f"{word} stands in slots.tsv too")
        elif known.get(plain, row["english"]) != row["english"]:
            yield row.problem("written", f"{word} is {known[plain]} above")
