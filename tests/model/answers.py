"""Make flows/answers.model of flows/examples/answers.tsv, and print how well answers are read that it has not seen."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from hotline.conversation.choosing import LIKELY
from hotline.conversation.letters import normalise
from hotline.conversation.reading.answers import FILE, NONE, VERSION, VIEWS, AnswersHeader, Question, numbers
from hotline.conversation.reading.examples import LabelledAnswer, checksum_of_answers, load_answers
from hotline.conversation.reading.second import EXAMPLES
from hotline.conversation.reading.weights import ZERO, dump
from hotline.conversation.words import Words
from tests.model.corpus import FLOWS
from tests.model.training import Floats

PENALTY = 30.0  # scikit-learn's C
FOLDS = 5


def main() -> None:
    """Train, measure, write."""
    answers = load_answers(FLOWS / EXAMPLES)
    _begin()
    words = Words.load(FLOWS / "keywords.tsv")
    questions, tables = list[Question](), list[bytes]()
    seen = list[tuple[LabelledAnswer, str, float]]()
    for name in dict.fromkeys(one.question for one in answers):
        mine = [one for one in answers if one.question == name]
        rows = _matrix([_numbers(words, one.text) for one in mine])
        rights = np.array([one.option for one in mine])
        model = _model().fit(rows, rights)
        seen += _unseen(mine, rows, rights)
        question, table = _packed(name, model)
        questions.append(question)
        tables.append(table)
    header = AnswersHeader(
        version=VERSION, answers=checksum_of_answers(answers), views=VIEWS, questions=tuple(questions)
    )
    dump(FLOWS / FILE, header, b"".join(tables))
    _show(seen)


def _begin() -> None:
    """Write a file without questions: the tables, which are asked for their signs, load with one that is whole."""
    dump(FLOWS / FILE, AnswersHeader(version=VERSION, answers="", views=VIEWS, questions=()), b"")


def _model() -> LogisticRegression:
    return LogisticRegression(C=PENALTY, max_iter=500)


def _numbers(words: Words, text: str) -> tuple[set[int], ...]:
    return numbers(normalise(text), words.reader.read(text).words, words.signs(text))


def _matrix(answers: Sequence[tuple[set[int], ...]]) -> sparse.csr_matrix:
    """A row an answer: each view of length 1."""
    starts, columns, values = [0], list[int](), list[float]()
    for views in answers:
        for view in views:
            columns += sorted(view)
            values += [1 / np.sqrt(len(view))] * len(view)
        starts.append(len(columns))
    return sparse.csr_matrix((values, columns, starts), shape=(len(answers), sum(VIEWS)))


def _unseen(
    answers: Sequence[LabelledAnswer], rows: sparse.csr_matrix, rights: npt.NDArray[np.str_]
) -> list[tuple[LabelledAnswer, str, float]]:
    """Each answer with what it is likeliest to mean, by a model that has not seen it."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    shares: Floats = cross_val_predict(_model(), rows, rights, cv=folds, method="predict_proba")
    names = sorted(set(rights))
    return [(one, str(names[share.argmax()]), float(share.max())) for one, share in zip(answers, shares, strict=True)]


def _packed(name: str, model: LogisticRegression) -> tuple[Question, bytes]:
    """The weights in bytes, and what one step of a byte is worth, by view and option."""
    weights: Floats = model.coef_ if len(model.classes_) > 2 else np.vstack([-model.coef_, model.coef_])
    shifts: Floats = model.intercept_ if len(model.classes_) > 2 else np.append(-model.intercept_, model.intercept_)
    table = np.full((sum(VIEWS), len(model.classes_)), ZERO, dtype=np.uint8)
    steps, start = list[tuple[float, ...]](), 0
    for size in VIEWS:
        part = weights[:, start : start + size]
        step = np.array([float(f"{each:.6g}") or 1.0 for each in np.abs(part).max(axis=1) / (ZERO - 1)])
        table[start : start + size] = (np.round(part / step[:, None]).clip(1 - ZERO, ZERO - 1) + ZERO).T
        steps.append(tuple(step.tolist()))
        start += size
    options = tuple(str(one) for one in model.classes_)
    rounded = tuple(float(f"{each:.6g}") for each in shifts)
    return Question(name=name, options=options, steps=tuple(steps), shifts=rounded), table.tobytes()


def _show(seen: Sequence[tuple[LabelledAnswer, str, float]]) -> None:
    """Print, by spelling, the share understood and misread by likeness alone."""
    understood, misread, all_of = Counter[str](), Counter[str](), Counter[str]()
    for one, option, share in seen:
        taken = option if share >= LIKELY else NONE
        all_of[one.spelling] += 1
        understood[one.spelling] += taken == one.option != NONE
        misread[one.spelling] += taken not in (NONE, one.option)
    cells = (f"{name} {understood[name] / count:.0%}/{misread[name] / count:.1%}" for name, count in all_of.items())
    print("answers understood/misread, by likeness alone:", *cells)
