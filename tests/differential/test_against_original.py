"""Each case under ours and under the original does the same, but for the
differences that the case states.

The quick ones are always run; all of them by `make differential`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from differential.case import Case
from differential.compare import complaints
from differential.observed import Observed
from differential.sides import ORIGINAL, OURS, observe
from differential.subjects import all_cases

ALL = os.environ.get("DIFFERENTIAL") == "all"
CASES = [case for case in all_cases() if ALL or case.quick]


def both(case: Case, folder: Path) -> tuple[Observed, Observed]:
    """Side by side, each in a folder of its own."""
    sides = (OURS, ORIGINAL)
    folders = [folder / side.name for side in sides]
    for each in folders:
        each.mkdir()
    with ThreadPoolExecutor(2) as pool:
        ours, original = pool.map(observe, (case, case), sides, folders)
    return ours, original


@pytest.mark.usefixtures("original")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same(case: Case, tmp_path: Path) -> None:
    ours, original = both(case, tmp_path)
    found = complaints(
        case,
        ours.aspects(tmp_path / OURS.name, case.any_count),
        original.aspects(tmp_path / ORIGINAL.name, case.any_count),
    )
    if found:
        shown = [
            line
            for name, side in (("ours", ours), ("original", original))
            for line in (f"--- {name}", side.stdout, side.stderr)
        ]
        pytest.fail("\n".join(["differences", *found, *shown]), pytrace=False)


def test_names_are_unique() -> None:
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names))
