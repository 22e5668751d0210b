"""User-space instructions a request, of ours, which repeat almost exactly."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.contenders import OURS, ROOT, SCENARIO
from bench.interpreter import PYTHON
from bench.measure import RunFailed

WORKERS, FEW, MANY = 100, 20, 120


def _supervisor_of_a_python_under_callgrind(folder: Path) -> Path:
    """A copy of molotov that makes its load by a python under callgrind: the
    one beside it. It cannot be run by valgrind itself, which has no
    pidfd_open."""
    program = Path(shutil.copy(ROOT / "venv/bin/molotov", folder))
    valgrind = [
        "valgrind",
        "--tool=callgrind",
        f"--callgrind-out-file={folder}/counts.%p",
        f"--log-file={folder}/log.%p",
        str(PYTHON),
    ]
    for name in ("python", "python3"):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(valgrind)} "$@"\n')
        script.chmod(0o755)
    return program


def _instructions(runs: int, url: str) -> int:
    """Of the load process, of WORKERS workers that do so many runs each."""
    with tempfile.TemporaryDirectory(prefix="molotov-bench-") as name:
        folder = Path(name)
        program = str(_supervisor_of_a_python_under_callgrind(folder))
        options = ["-c", "-w", str(WORKERS), "-r", str(runs), str(SCENARIO)]
        done = subprocess.run(
            [program, *options],
            env={**os.environ, "TARGET_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        logs = "\n".join(path.read_text() for path in folder.glob("log.*"))
    if done.returncode or OURS.must_say not in done.stdout:
        raise RunFailed(
            f"it ended with {done.returncode} under callgrind: "
            f"{done.stdout[-600:]}"
        )
    counts = re.findall(r"Collected : (\d+)", logs)
    if len(counts) != 1:
        raise RunFailed(f"callgrind wrote no count: {logs[-600:]}")
    return int(counts[0])


def instructions(url: str) -> float:
    """By the difference of two runs, so that no start-up is in it. Raises
    RunFailed."""
    if shutil.which("valgrind") is None:
        raise RunFailed("valgrind is not installed (Debian: valgrind)")
    less, more = _instructions(FEW, url), _instructions(MANY, url)
    return (more - less) / (WORKERS * (MANY - FEW))
