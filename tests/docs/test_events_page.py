"""docs/events.md, executed as the tutorial is."""

from __future__ import annotations

from pathlib import Path

from doc_page import blocks_of
from doc_target import ROOT, Target
from test_tutorial import run_block, shell_for

PAGE = ROOT / "docs" / "events.md"


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    shell = shell_for(example_com, tmp_path)
    executed = 0
    for block in blocks_of(PAGE):
        if block.language == "python":
            (shell.folder / block.name).write_text(block.text)
        elif block.language == "console":
            run_block(block, shell, str(tmp_path))
            executed += 1
    assert executed == 2
