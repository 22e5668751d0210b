"""docs/testing-your-load-test.md: executed as the tutorial is; and the tests
that it shows can fail."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from doc_page import blocks_of
from doc_run import run_page
from doc_target import ROOT, Target

PAGE = ROOT / "docs" / "testing-your-load-test.md"
PYTHON = ROOT / "venv/bin/python"


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 2


@pytest.mark.parametrize(
    ("code", "broken", "failed"),
    [
        ('{"X-Worker": str(worker_id)}', "{}", "with_the_headers"),
        ('assert "X-Worker" in seen', "pass", "fails_without_them"),
        ("response.status == 200", "response.status > 0", "the_server_does"),
    ],
)
def test_a_wrong_load_test_is_found(
    tmp_path: Path, code: str, broken: str, failed: str
) -> None:
    for block in blocks_of(PAGE):
        if block.language == "python":
            text = block.text.replace(code, broken)
            (tmp_path / block.name).write_text(text)
    done = subprocess.run(
        [PYTHON, "-m", "pytest", "-q", "-rf", "test_loadtest.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    (line,) = [x for x in done.stdout.splitlines() if x.startswith("FAILED")]
    assert failed in line
