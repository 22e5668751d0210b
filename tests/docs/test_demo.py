"""`make demo`, but for what it builds: a load test of a server on this machine,
of which nothing is left afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import time
import uuid
from pathlib import Path

from doc_target import ROOT
from results_table import split_results

MARK = "MOLOTOV_TEST_MARK"
SECONDS = 60


def processes_with(mark: str) -> list[str]:
    """The names of those that run and have it in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark in (
                (folder / "environ").read_bytes().decode(errors="replace")
            ):
                found.append((folder / "comm").read_text().strip())
        except OSError:  # it has ended, or is not ours
            continue
    return found


def test_the_demo() -> None:
    mark = uuid.uuid4().hex
    done = subprocess.run(
        [ROOT / "tools" / "demo.sh"],
        env=os.environ | {MARK: mark},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+", done.stdout))
    text, table = split_results(done.stdout)
    lines = text.splitlines()
    assert [row.split()[:2] for row in table[2:]] == [["GET", "/"]], table
    assert f"== A server of our own listens at {url}/" in lines
    counts = re.fullmatch(
        r"SUCCESSES: (\d+) \| FAILURES: 0 \| WORKERS: 20", lines[-2]
    )
    assert counts is not None, done.stdout
    # Three seconds of it: each worker at least has had its turn.
    assert int(counts[1]) >= 20
    assert lines[-1] == "*** Bye ***"

    # It is told to end, and not waited for.
    deadline = time.monotonic() + SECONDS
    while left := processes_with(mark):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
