"""Logistic regression over n-grams, with scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from hotline.conversation.reading.features import LETTERS, SIGNS, VIEWS, WORDS
from hotline.conversation.reading.weights import DAMPING, RARITY_STEP, ZERO

# How much each view counts before anything is learnt. Signs are few, and would drown the letters of a short message.
SHARES = (1.0, 1.0, 0.3)
STARTS = (0, LETTERS, LETTERS + WORDS, LETTERS + WORDS + SIGNS)
PENALTY = 10.0  # scikit-learn's C

Floats = npt.NDArray[np.float64]
Numbers = tuple[set[int], ...]  # of a message, view by view


def rarities(messages: Sequence[Numbers]) -> npt.NDArray[np.uint8]:
    """How rare each number is among the messages, squared, as the byte that is written down."""
    seen = np.zeros(sum(VIEWS))
    for views in messages:
        for view in views:
            seen[list(view)] += 1
    rare = np.log((1 + len(messages)) / (1 + seen)) + 1
    return np.clip(np.round(rare**2 / RARITY_STEP), 1, 255).astype(np.uint8)


def matrix(messages: Sequence[Numbers], rare: npt.NDArray[np.uint8]) -> Any:
    """A row a message: each view of length 1 at most, times its share."""
    starts, columns, values = [0], list[int](), list[Floats]()
    weights = np.sqrt(rare * RARITY_STEP)
    for views in messages:
        for view, share, damping in zip(views, SHARES, DAMPING, strict=False):
            numbers = sorted(view)
            found = weights[numbers]
            columns += numbers
            values.append(share * found / (np.sqrt(found @ found + damping) or 1.0))
        starts.append(len(columns))
    return sparse.csr_matrix((np.concatenate(values), columns, starts), shape=(len(messages), sum(VIEWS)))


@dataclass(frozen=True, slots=True)
class Line:
    """A linear rule: log odds are `shift` and the sum of `weights`."""

    weights: Floats
    shift: float

    def odds(self, rows: Any) -> Floats:
        """The log odds of each message."""
        return np.asarray(rows @ self.weights + self.shift, dtype=np.float64)

    def turned(self, slope: float, shift: float) -> "Line":
        """The same with its odds made more, or less, sure."""
        return Line(self.weights * slope, self.shift * slope + shift)


def learn(rows: Any, right: npt.NDArray[np.bool_]) -> Line:
    """Fit one head. The solver goes by a fixed order, so that the same examples give the same weights."""
    model = LogisticRegression(C=PENALTY, solver="liblinear", dual=True, random_state=1, max_iter=300, tol=1e-3).fit(
        rows, right
    )
    return Line(np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0]))


def calibration(odds: Floats, right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift that make odds of messages that a rule has not seen into odds that come true."""
    model = LogisticRegression(C=1e6).fit(odds.reshape(-1, 1), right)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def packed(lines: Sequence[Line], rare: npt.NDArray[np.uint8]) -> tuple[bytes, tuple[tuple[float, ...], ...]]:
    """The weights in bytes, and what one step of a byte is worth, by view and head."""
    table = np.full((sum(VIEWS), len(lines) + 1), ZERO, dtype=np.uint8)
    table[:, -1] = rare
    steps = np.zeros((len(VIEWS), len(lines)))
    by_rarity = np.sqrt(rare * RARITY_STEP)
    for view, (start, end, share) in enumerate(zip(STARTS, STARTS[1:], SHARES, strict=False)):
        for head, line in enumerate(lines):
            # The length is divided by when a message is read; the weight by rarity and the share stand in the byte already.
            weights = line.weights[start:end] * by_rarity[start:end] * share
            step = float(f"{np.abs(weights).max() / (ZERO - 1):.6g}")
            steps[view, head] = step
            if step:
                table[start:end, head] = np.round(weights / step).clip(1 - ZERO, ZERO - 1) + ZERO
    return table.tobytes(), tuple(map(tuple, steps.tolist()))
