"""What molostart generates runs, as its own text says to run it."""

import re
from pathlib import Path

import pytest
from commands import BYE, PROGRAMS, run


@pytest.fixture
def generated(tmp_path: Path, target: str) -> Path:
    """The folder, its script led to the target. Only the port is changed: 8080
    may be somebody else's."""
    done = run(tmp_path, PROGRAMS / "molostart", typed="made\n\n")
    assert done.status == 0, done
    script = tmp_path / "made" / "loadtest.py"
    text = script.read_text()
    port = target.rpartition(":")[2]
    assert text.count("http://localhost:8080") == 1
    script.write_text(text.replace("localhost:8080", f"localhost:{port}"))
    return script.parent


@pytest.mark.parametrize(
    "arguments",
    [
        ["-d", "1", "loadtest.py"],
        ["--config", "molotov.json", "smoke"],
    ],
    ids=["script", "configuration"],
)
def test_the_generated_load_test_runs(
    generated: Path, arguments: list[str]
) -> None:
    result = run(generated, PROGRAMS / "molotov", *arguments)
    assert (result.status, result.stderr) == (0, "")
    counts, bye = result.lines[-2:]
    assert re.fullmatch(
        r"SUCCESSES: [1-9]\d* \| FAILURES: 0 \| WORKERS: 1", counts
    ), result
    assert bye == BYE
