"""The differences of two observations, beside those that a case states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from differential.case import ASPECTS, Case

ANY = "…"
Aspects = dict[str, list[str]]


def complaints(case: Case, ours: Aspects, original: Aspects) -> list[str]:
    """What differs and is not stated, and what is stated and does not."""
    found = []
    for aspect in ASPECTS:
        only_ours, only_original = _only(ours[aspect], original[aspect])
        stated = [
            differs for differs in case.differs if differs.aspect == aspect
        ]
        for name, lines, patterns in (
            ("ours", only_ours, [p for d in stated for p in d.ours]),
            (
                "the original",
                only_original,
                [p for d in stated for p in d.original],
            ),
        ):
            left, stale = match(lines, patterns)
            found += [f"{aspect}: only {name}: {line}" for line in left]
            found += [f"{aspect}: no longer of {name}: {p}" for p in stale]
    if not found and case.ordered:
        found += _order(case, ours["stdout"], original["stdout"])
    return found


def match(
    lines: Sequence[str], patterns: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The lines that no pattern takes, and the patterns that take no line.
    Each takes one; `…` alone takes all that is left."""
    left, stale = list(lines), []
    # The narrow ones first: what they want may fit a wide one too.
    for pattern in sorted(patterns, key=lambda p: p.count(ANY)):
        if pattern == ANY:
            continue
        taken = next((line for line in left if _fits(pattern, line)), None)
        if taken is None:
            stale.append(pattern)
        else:
            left.remove(taken)
    return ([] if ANY in patterns else left), stale


def _fits(pattern: str, line: str) -> bool:
    parts = map(re.escape, pattern.split(ANY))
    return re.fullmatch(".*".join(parts), line, re.S) is not None


def _only(ours: list[str], original: list[str]) -> tuple[list[str], list[str]]:
    """The lines that one has more often than the other."""
    first, second = Counter(ours), Counter(original)
    return list((first - second).elements()), list((second - first).elements())


def _order(case: Case, ours: list[str], original: list[str]) -> list[str]:
    """What scripts said came in the same order, where all of it is the same."""
    if any(differs.aspect == "stdout" for differs in case.differs):
        both = (Counter(ours) & Counter(original)).keys()
    else:
        both = Counter(ours).keys()
    said = [
        [line for line in lines if line.startswith(">") and line in both]
        for lines in (ours, original)
    ]
    return [] if said[0] == said[1] else [f"order: {said[0]}", f"not {said[1]}"]
