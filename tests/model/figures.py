"""How well the second reader does on examples that it has not seen, by spelling."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from hotline.conversation.reading.examples import SPELLINGS, Example
from hotline.conversation.reading.weights import KINDS, LANGUAGES, ODDS
from tests.model import corpus
from tests.model.training import Floats

FALSE = (0.08, 0.12)  # the shares of messages that may be raised for nothing


def show(examples: Sequence[Example], rights: dict[str, npt.NDArray[np.bool_]], odds: dict[str, Floats]) -> None:
    """Print a line for each spelling, and one for all."""
    _line("", *(f"{head} AUC/{'/'.join(f'{share:.0%}' for share in FALSE)}" for head in ODDS), "kind")
    spelt = np.array([one.spelling for one in examples])
    likeliest = np.argmax([odds[f"kind {kind}"] for kind in KINDS], axis=0)
    right = np.array([KINDS.index(corpus.kind_of(one)) for one in examples]) == likeliest
    for name in (*SPELLINGS, "all"):
        mine = (spelt == name) | (name == "all")
        cells = [_figures(rights[head][mine], odds[head][mine]) for head in ODDS]
        _line(name, *cells, f"{right[mine].mean():.1%}")


def show_languages(examples: Sequence[Example], samples: Sequence[corpus.Sample], odds: dict[str, Floats]) -> None:
    """Print the share of examples whose language is right, by spelling."""
    likeliest = np.argmax([odds[f"language {name}"] for name in LANGUAGES], axis=0)
    right = np.array([LANGUAGES.index(sample.language) for sample in samples]) == likeliest
    spelt = np.array([examples[sample.source or 0].spelling for sample in samples])
    _line("language", *(f"{name} {right[spelt == name].mean():.1%}" for name in SPELLINGS), f"all {right.mean():.1%}")


def _figures(right: npt.NDArray[np.bool_], odds: Floats) -> str:
    """The area under the curve, and the recall where so many of the others are raised too."""
    others = np.sort(odds[~right])[::-1]
    recalls = [(odds[right] > others[int(share * len(others))]).mean() for share in FALSE]
    return f"{roc_auc_score(right, odds):.3f}/" + "/".join(f"{recall:.0%}" for recall in recalls)


def _line(*cells: str) -> None:
    print("".join(f"{cell:<26}" for cell in cells).rstrip())
