"""Makes what these tests share importable, and the original ready."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))
sys.path.insert(0, str(ROOT / "tests" / "shared"))


@pytest.fixture(scope="session")
def original() -> None:
    """Skips where the original cannot be had."""
    from bench.contenders import original_ready

    why = original_ready()
    if why:
        pytest.skip(f"the original Molotov is not there: {why}")
