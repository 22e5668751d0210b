"""What the runs say together, for a person."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.contenders import OURS
from bench.measure import Figures
from bench.ratios import Middle, ratio_of_pairs

# Runs by contender, each in the order of the rounds.
Runs = dict[str, list[Figures]]

# What is compared: the name in Figures, and the column's.
COMPARED = {
    "cpu_us": "CPU ours/theirs",
    "requests_per_second": "rate ours/theirs",
    "whole_cpu_us": "whole-run CPU",
}
WIDTH = 20

HEAD = (
    f"{'connections':>11}  {'client':<13}{'requests/s':>10}"
    f"{'CPU us':>9}{'user us':>9}{'busy':>6}  "
    + "  ".join(f"{title:<{WIDTH}}" for title in COMPARED.values())
)


def ratios(runs: Runs, value: str) -> dict[str, Middle]:
    """Ours over each of the others', of the figure with this name."""
    ours = runs.get(OURS.name, [])
    result = {}
    for name, theirs in runs.items():
        pairs = min(len(ours), len(theirs))
        if name != OURS.name and pairs:
            result[name] = ratio_of_pairs(
                [getattr(figures, value) for figures in ours[:pairs]],
                [getattr(figures, value) for figures in theirs[:pairs]],
            )
    return result


def show_ratio(ratio: Middle | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio.median:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"


def rows(connections: int, runs: Runs) -> Iterator[str]:
    """The table's lines for this number of connections, below HEAD."""
    compared = {value: ratios(runs, value) for value in COMPARED}
    for name, of_one in runs.items():
        rate = median(figures.requests_per_second for figures in of_one)
        cpu = median(figures.cpu_us for figures in of_one)
        user = median(figures.user_us for figures in of_one)
        busy = median(figures.busy for figures in of_one)
        shown = "  ".join(
            f"{show_ratio(by_name.get(name)):<{WIDTH}}"
            for by_name in compared.values()
        )
        yield (
            f"{connections:>11}  {name:<13}{rate:>10,.0f}"
            f"{cpu:>9.2f}{user:>9.2f}{busy:>6.0%}  {shown}"
        ).rstrip()
