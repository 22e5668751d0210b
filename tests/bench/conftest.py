"""Makes the benchmark importable: it is no part of the installed package. And
runs it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture
def benchmark(tmp_path: Path) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Runs a tiny one with these options; returns what it prints, and what it
    writes."""

    def run(*options: str) -> tuple[str, dict[str, Any]]:
        result = tmp_path / "result.json"
        tiny = ["--pairs", "1", "--seconds", "1", "--json", str(result)]
        done = subprocess.run(
            [sys.executable, "-m", "bench.run", *tiny, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, json.loads(result.read_text())

    return run
