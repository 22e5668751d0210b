"""docs/thresholds.md, executed."""

from __future__ import annotations

from pathlib import Path

from doc_run import run_page
from doc_target import ROOT, Target

PAGE = ROOT / "docs" / "thresholds.md"


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 3
