"""docs/tutorial.md, executed."""

from __future__ import annotations

from pathlib import Path

import pytest
from doc_run import SECONDS, run_page
from doc_target import ROOT, Target

PAGE = ROOT / "docs" / "tutorial.md"


@pytest.mark.timeout(SECONDS)
def test_the_tutorial(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path / "mytest") >= 10
