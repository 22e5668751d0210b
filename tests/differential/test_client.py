"""The same code with our session and with aiohttp's does the same: in what it
sees, and in what the server is sent."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import ndiff
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from differential.client.case import ClientCase
from differential.client.sides import Seen, ours, theirs
from differential.client.subjects import SUBJECTS

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("aiohttp") is None, reason="aiohttp is not there"
)

Pair = tuple[Seen, Seen]
Observe = Callable[[ModuleType], dict[str, Pair]]


def both(cases: Sequence[ClientCase], folder: Path) -> dict[str, Pair]:
    """Side by side, each in a folder of its own."""
    folders = [folder / "ours", folder / "theirs"]
    for each in folders:
        each.mkdir()
    with ThreadPoolExecutor(2) as pool:
        mine = pool.submit(ours, cases, folders[0])
        other = pool.submit(theirs, cases, folders[1])
    return {
        case.name: (mine.result()[case.name], other.result()[case.name])
        for case in cases
    }


@pytest.fixture(scope="module")
def observe(tmp_path_factory: pytest.TempPathFactory) -> Observe:
    """All cases of a subject, which are run once."""

    @cache
    def run(subject: ModuleType) -> dict[str, Pair]:
        return both(subject.CASES, tmp_path_factory.mktemp("client"))

    return run


@pytest.mark.parametrize(
    ("subject", "case"),
    [
        pytest.param(subject, case, id=case.name)
        for subject in SUBJECTS
        for case in subject.CASES
    ],
)
def test_same(subject: ModuleType, case: ClientCase, observe: Observe) -> None:
    mine, other = observe(subject)[case.name]
    assert other.said, "it says nothing that could differ"
    differences = [
        line
        for line in ndiff(other.lines(), mine.lines())
        if line.startswith(("+ ", "- "))
    ]
    expected = list(case.differs)
    if differences != expected:
        shown = ["- aiohttp's, + ours:", *differences]
        if expected:
            shown += ["in place of", *expected]
        pytest.fail("\n".join(shown), pytrace=False)


def test_names_are_unique() -> None:
    names = [case.name for subject in SUBJECTS for case in subject.CASES]
    assert len(names) == len(set(names))
