"""Make flows/reader.model and flows/answers.model of flows/examples, and print how well they do on what they have not seen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from hotline.conversation.letters import normalise
from hotline.conversation.reading import examples as bank
from hotline.conversation.reading.examples import Example
from hotline.conversation.reading.features import VIEWS, letters
from hotline.conversation.reading.second import EXAMPLES, FILE
from hotline.conversation.reading.weights import HEADS, KINDS, LANGUAGES, VERSION, Header, dump
from hotline.conversation.words import Words
from tests.model import answers as of_answers
from tests.model import corpus, figures
from tests.model.training import Floats, Line, calibration, learn, matrix, packed, rarities

FOLDS = 5
Rights = dict[str, npt.NDArray[np.bool_]]


def main() -> None:
    """Train, measure, write."""
    words = Words.load(corpus.FLOWS / "keywords.tsv")
    examples = bank.load(corpus.FLOWS / EXAMPLES)
    messages = [corpus.views(words, one) for one in examples]
    rare = rarities(messages)
    fold = folds(examples)
    rows, rights = matrix(messages, rare), answers(examples)
    lines, seen = heads(rows, rights, fold)
    samples = corpus.languages(examples)
    spoken = matrix([(letters(normalise(sample.text)),) for sample in samples], rare)
    whole = whole_examples(samples)
    named = {f"language {name}": np.array([sample.language == name for sample in samples]) for name in LANGUAGES}
    apart = np.array([at % FOLDS if one.source is None else fold[one.source] for at, one in enumerate(samples)])
    tongues, heard = heads(spoken, named, apart)
    body, steps = packed([(lines | tongues)[head] for head in HEADS], rare)
    shifts = tuple(float(f"{(lines | tongues)[head].shift:.6g}") for head in HEADS)
    header = Header(
        version=VERSION, examples=bank.checksum(examples), views=VIEWS, heads=HEADS, steps=steps, shifts=shifts
    )
    dump(corpus.FLOWS / FILE, header, body)
    figures.show(examples, rights, seen)
    figures.show_languages(
        examples, [samples[each] for each in whole], {name: odds[whole] for name, odds in heard.items()}
    )


def folds(examples: Sequence[Example]) -> npt.NDArray[np.int64]:
    """The fold of each example: each has its share of every spelling and priority."""
    groups = [f"{one.spelling} {one.priority}" for one in examples]
    fold = np.zeros(len(groups), dtype=np.int64)
    for number, (_, held) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(groups, groups)):
        fold[held] = number
    return fold


def answers(examples: Sequence[Example]) -> Rights:
    """By head: which examples it should say yes to."""
    kinds = {f"kind {kind}": np.array([corpus.kind_of(one) == kind for one in examples]) for kind in KINDS}
    return kinds | {
        "urgent": np.array([one.priority == "P1" for one in examples]),
        "serious": np.array([one.priority != "P3" for one in examples]),
        "integrity": np.array([one.lane == "integrity" for one in examples]),
    }


def heads(rows: Any, rights: Rights, fold: npt.NDArray[np.int64]) -> tuple[dict[str, Line], dict[str, Floats]]:
    """Fit each head; its line, and the odds of each row by a line that has not seen it."""
    lines, seen = dict[str, Line](), dict[str, Floats]()
    for head, right in rights.items():
        odds = unseen(rows, right, fold)
        slope, shift = calibration(odds, right)
        lines[head] = learn(rows, right).turned(slope, shift)
        seen[head] = odds * slope + shift
    return lines, seen


def unseen(rows: Any, right: npt.NDArray[np.bool_], fold: npt.NDArray[np.int64]) -> Floats:
    """The odds of each row by a line that was fitted to the other folds."""
    odds = np.zeros(len(right))
    for number in range(FOLDS):
        held = fold == number
        odds[held] = learn(rows[~held], right[~held]).odds(rows[held])
    return odds


def whole_examples(samples: Sequence[corpus.Sample]) -> list[int]:
    """Where the examples themselves stand among the samples: the first of the pieces of each."""
    first: dict[int, int] = {}
    for position, sample in enumerate(samples):
        if sample.source is not None:
            first.setdefault(sample.source, position)
    return list(first.values())


if __name__ == "__main__":
    of_answers.main()
    main()
