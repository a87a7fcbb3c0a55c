"""How the benchmarks print: one line a figure, with its bound."""

from collections.abc import Sequence


def line(name: str, value: float, unit: str, bound: float, *, at_most: bool = False) -> None:
    """A figure and whether it keeps its bound."""
    kept = value <= bound if at_most else value >= bound
    sign = "<=" if at_most else ">="
    print(f"{name:<58} {value:>10.2f} {unit:<10} {sign} {bound:g} {'ok' if kept else 'MISSED'}", flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
