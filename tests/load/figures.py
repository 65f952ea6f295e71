"""How are figures summed up, and which of them miss their aim?"""

import statistics
from collections.abc import Mapping, Sequence

Figures = dict[str, object]


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed; 0 when there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over several runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def judged(
    figures: Figures, *, at_least: Mapping[str, float], at_most: Mapping[str, float]
) -> Figures:
    """The figures with their aims and the names of those that miss them."""
    aims = {name: f">= {aim:g}" for name, aim in at_least.items()}
    aims |= {name: f"<= {aim:g}" for name, aim in at_most.items()}
    missed = [name for name, aim in at_least.items() if _number(figures, name) < aim]
    missed += [name for name, aim in at_most.items() if _number(figures, name) > aim]
    return {**figures, "aims": aims, "missed": missed}


def _number(figures: Figures, name: str) -> float:
    value = figures[name]
    assert isinstance(value, int | float)
    return value
