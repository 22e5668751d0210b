"""How a page is read and compared: so that the tutorial's test can fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from doc_page import Block, blocks_of, commands_of, pattern_of
from doc_shell import Shell


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ("SUCCESSES: 26 | FAILURES: 0", "SUCCESSES: 9 | FAILURES: 0\n", True),
        ("SUCCESSES: 26 | FAILURES: 0", "SUCCESSES: 0 | FAILURES: 0\n", False),
        ("SUCCESSES: 26 | FAILURES: 0", "SUCCESSES: 9 | FAILURES: 1\n", False),
        ("SUCCESSES: 26 | FAILURES: 0", "SUCCESSES: 9\n", False),
        ("WORKERS: 10", "WORKERS: 11\n", False),
        ("Preparing 10 workers...OK", "Preparing 1 workers...OK\n", False),
        ("[44553] Preparing 10 workers", "[7] Preparing 10 workers\n", True),
        ("Forking 4 processes", "Forking 2 processes\n", False),
        ("**** Molotov v3.0. ****", "**** Molotov v2.7. ****\n", False),
        ("Ratio 5.02 % with 27", "Ratio 12.30 % with 4\n", True),
        ("a\n[...]\nb", "a\nb\n", True),
        ("a\n[...]\nb", "a\n1\n\n2\nb\n", True),
        ("a\n[...]\nb", "a\n1\n", False),
        ("a", "a\nb\n", False),
        ("a\nb", "a\n", False),
        ("a.c", "abc\n", False),
    ],
)
def test_comparing(expected: str, output: str, same: bool) -> None:
    pattern = pattern_of(expected.split("\n"))
    assert bool(pattern.fullmatch(output)) == same


def test_reading_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "text\n```python a.py\nx = 1\n```\n\n```console\n$ a\nb\n```"
    )
    assert list(blocks_of(page)) == [
        Block("python", "a.py", ["x = 1"], 3),
        Block("console", "", ["$ a", "b"], 7),
    ]


def test_a_block_that_does_not_end(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ a\n")
    with pytest.raises(AssertionError, match="does not end"):
        list(blocks_of(page))


def test_commands_with_prompts() -> None:
    lines = ["$ ask", "> Name [x]: me", "> Sure [y]: ", "done", "$ next"]
    first, second = commands_of(Block("console", "", lines, 1))
    assert first.answers == ["me", ""]
    assert (second.text, second.line, second.expected) == ("next", 5, [])


def test_a_shell_remembers(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"}, "hello() { echo hi; }")
    assert shell.run("mkdir a; cd a; export B=c", [], 10) == (0, "")
    assert shell.run("hello; echo $PWD $B; false", [], 10) == (
        1,
        f"hi\n{tmp_path}/a c\n",
    )


def test_a_shell_answers_prompts(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"PATH": "/usr/bin:/bin"}, "")
    command = "read -p '> Name [x]: ' name; read -p '> Age [1]: '; echo $name!"
    assert shell.run(command, ["me", ""], 10) == (
        0,
        "> Name [x]: me\n> Age [1]: \nme!\n",
    )
