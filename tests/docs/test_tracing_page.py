"""docs/tracing.md, executed as the tutorial is."""

from __future__ import annotations

import re
from pathlib import Path

from doc_run import run_page
from doc_target import ROOT, Target

from molotov import client
from molotov.client import TraceConfig

PAGE = ROOT / "docs" / "tracing.md"


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 1


def test_it_has_all_signals() -> None:
    signals = {name for name in vars(TraceConfig()) if name.startswith("on_")}
    assert set(re.findall(r"`(on_\w+[a-z])`", PAGE.read_text())) == signals


def test_it_has_all_names() -> None:
    text = PAGE.read_text()
    others = [name for name in client.__all__ if not name.startswith("Trace")]
    assert [name for name in others if f"`{name}`" not in text] == []
