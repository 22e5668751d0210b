"""What it takes to run a script that does nothing, beyond what Python takes to
start with asyncio."""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass

from bench.contenders import OURS, ROOT
from bench.interpreter import PYTHON
from bench.measure import RunFailed
from bench.ratios import Middle, middle

MOLOTOV = [
    str(ROOT / "venv/bin/molotov"),
    "--single-run",
    str(ROOT / "bench/nothing.py"),
]
BARE = [str(PYTHON), "-c", "import asyncio"]


@dataclass(frozen=True)
class StartUp:
    """Milliseconds."""

    wall: Middle
    cpu: Middle


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _cost(
    arguments: list[str], core: int, must_say: str
) -> tuple[float, float]:
    """Milliseconds on the clock, and of processor time of all its processes."""
    start, cpu_before = time.perf_counter(), _children_cpu()
    done = subprocess.run(
        ["taskset", "-c", str(core), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall, cpu = time.perf_counter() - start, _children_cpu() - cpu_before
    if done.returncode or must_say not in done.stdout:
        raise RunFailed(
            f"it ended with {done.returncode}: {done.stdout[-600:]}"
        )
    return 1e3 * wall, 1e3 * cpu


def start_up(pairs: int, core: int) -> StartUp:
    """The two in turns. Raises RunFailed."""
    walls, cpus = [], []
    for _ in range(pairs + 1):
        wall, cpu = _cost(MOLOTOV, core, OURS.must_say)
        bare_wall, bare_cpu = _cost(BARE, core, "")
        walls.append(wall - bare_wall)
        cpus.append(cpu - bare_cpu)
    # The first reads files that the others find in memory.
    return StartUp(middle(walls[1:]), middle(cpus[1:]))
