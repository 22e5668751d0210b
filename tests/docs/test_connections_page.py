"""docs/connections.md, executed as the tutorial is; and it has all keywords."""

from __future__ import annotations

import inspect
from pathlib import Path

from doc_run import run_page
from doc_target import ROOT, Target

from molotov import TCPConnector

PAGE = ROOT / "docs" / "connections.md"


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 1


def test_it_has_all_keywords() -> None:
    text = PAGE.read_text()
    keywords = set(inspect.signature(TCPConnector).parameters)
    older_than_ssl = {"verify_ssl", "ssl_context", "fingerprint"}
    others = keywords - older_than_ssl - {"loop"}
    assert [name for name in sorted(others) if f"`{name}`" not in text] == []
