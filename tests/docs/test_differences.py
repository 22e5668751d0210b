"""docs/differences.md: it has all defects of Molotov 2.7, each once, and each
with tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from doc_target import ROOT

PAGE = ROOT / "docs" / "differences.md"
DEFECTS = 45
# A point: its number, and its lines up to the next point or an empty line.
POINT = re.compile(r"^- \*\*D(\d+)\*\* (.*?)(?=\n- |\n\n)", re.M | re.S)
# In code marks, whatever looks like a test's file.
NAMED = re.compile(r"`((?:tests/|src/\S+_test\.)[^`]*)`")


def defects(text: str) -> list[tuple[int, str]]:
    return [(int(number), said) for number, said in POINT.findall(text)]


def python_tests(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def cpp_tests(path: Path) -> set[str]:
    found = re.findall(r"^TEST\w*\((\w+),\s*(\w+)\)", path.read_text(), re.M)
    return {f"{suite}.{name}" for suite, name in found}


def exists(name: str) -> bool:
    """`tests/x.py::test_y`, or `src/x_test.cc: Suite.Name`."""
    file, separator, test = name.partition("::")
    find = python_tests
    if not separator:
        file, _, test = name.partition(": ")
        find = cpp_tests
    path = ROOT / file
    return path.is_file() and test in find(path)


def test_all_defects_are_there_once() -> None:
    numbers = [number for number, _ in defects(PAGE.read_text())]
    assert numbers == list(range(1, DEFECTS + 1))


def test_each_has_a_test() -> None:
    without = [
        number
        for number, said in defects(PAGE.read_text())
        if not NAMED.search(said)
    ]
    assert without == []


def test_named_tests_exist() -> None:
    named = NAMED.findall(PAGE.read_text())
    assert [name for name in named if not exists(name)] == []


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("tests/docs/test_differences.py::test_what_exists", True),
        ("tests/docs/test_differences.py::test_what_does_not", False),
        ("tests/docs/test_differences.py::exists", False),
        ("tests/docs/test_differences.py", False),
        ("tests/docs/no_such_file.py::test_what_exists", False),
        ("src/load/picker_test.cc: Picker.PicksInProportion", True),
        ("src/load/picker_test.cc: Picker.PicksNone", False),
        ("src/load/picker_test.cc", False),
    ],
)
def test_what_exists(name: str, there: bool) -> None:
    assert exists(name) == there
    assert NAMED.findall(f"see `{name}`.") == [name]


def test_where_a_point_ends() -> None:
    text = "- **D1** one\n  `tests/a`\n- **D2** two\n\n`tests/b`\n"
    assert defects(text) == [(1, "one\n  `tests/a`"), (2, "two")]
