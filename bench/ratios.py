"""The median of what pairs say, with an interval that assumes nothing of their
distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median


@dataclass(frozen=True)
class Middle:
    median: float
    low: float
    high: float
    # How sure it is that the true median is within low and high: 95 % and a
    # little, or, with too few pairs for that, what their whole range gives.
    confidence: float
    pairs: int


def interval_ranks(count: int, confidence: float = 0.95) -> tuple[int, float]:
    """How many to leave off at either end of `count` sorted values, and the
    confidence that the true median is among the rest: 1 - 2 * P(Binomial(count,
    1/2) <= left off)."""
    best = (0, 1 - 2 / 2**count)
    below = 0
    for left_off in range(count // 2):
        below += comb(count, left_off)
        sure = 1 - 2 * below / 2**count
        if sure < confidence:
            break
        best = (left_off, sure)
    return best


def middle(values: Sequence[float]) -> Middle:
    """REQUIRES: at least one, each of a pair."""
    rising = sorted(values)
    left_off, sure = interval_ranks(len(rising))
    return Middle(
        median=median(rising),
        low=rising[left_off],
        high=rising[len(rising) - 1 - left_off],
        confidence=sure,
        pairs=len(rising),
    )


def ratio_of_pairs(ours: Sequence[float], theirs: Sequence[float]) -> Middle:
    """REQUIRES: as many of theirs as of ours, at least one, in the order they
    were measured."""
    return middle([a / b for a, b in zip(ours, theirs, strict=True)])
