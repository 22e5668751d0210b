"""What holds of every page: its Python runs, its links lead somewhere, and the
make targets that it names exist. And the examples run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from doc_page import blocks_of
from doc_target import ROOT, Target

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
EXAMPLES = sorted(ROOT.glob("examples/*.py"))
MOLOTOV = str(ROOT / "venv/bin/molotov")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_are_pages_and_examples() -> None:
    assert {"README.md", "docs/tutorial.md"} <= set(names(PAGES))
    assert "examples/first.py" in names(EXAMPLES)


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_python_of_a_page(page: Path, tmp_path: Path) -> None:
    """Each block is a script that Molotov can use."""
    for block in blocks_of(page):
        if block.language != "python":
            continue
        script = tmp_path / "loadtest.py"
        script.write_text(block.text)
        done = subprocess.run(
            [MOLOTOV, "--dry-run", str(script)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (
            f"{page.name}:{block.line}: {done.stdout}{done.stderr}"
        )


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_of_a_page(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    dead = [
        link
        for link in links
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_make_targets_of_a_page(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    # `make build` is of the Makefile that molostart writes, too.
    named = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", page.read_text()))
    assert named <= targets


@pytest.mark.parametrize("example", EXAMPLES, ids=names(EXAMPLES))
@pytest.mark.parametrize("processes", [1, 2])
def test_an_example(example: Path, processes: int, target: Target) -> None:
    options = ["-w", "3", "-r", "5", "-p", str(processes)]
    done = subprocess.run(
        [MOLOTOV, *options, str(example)],
        env={"PATH": "/usr/bin:/bin", "TARGET_URL": target.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = f"SUCCESSES: {15 * processes} | FAILURES: 0"
    assert wanted in done.stdout, done.stdout + done.stderr
