"""The programs that are compared: how each is made ready and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "bench" / "small_get.py"
WORK = ROOT / ".bench"
OUR_PROGRAM = ROOT / "venv/bin/molotov"

# The newest aiohttp that the original was seen to work with, and the last
# setuptools that still has the pkg_resources it may import.
ORIGINAL = ["molotov==2.6", "aiohttp==3.9.5", "setuptools<80"]
ORIGINAL_PROGRAMS = WORK / "venv-original" / "bin"
ORIGINAL_PROGRAM = ORIGINAL_PROGRAMS / "molotov"


@dataclass(frozen=True)
class Command:
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    name: str
    # Makes it ready where it is not; returns why it cannot be had, or None.
    prepare: Callable[[], str | None]
    # The command that loads this port over so many connections for so many
    # seconds.
    command: Callable[[int, int, int], Command]
    # What its output must have in it for a run to count.
    must_say: str
    must_not_say: tuple[str, ...] = ()


def molotov_command(
    program: Path,
    *more: str,
    scenario: Path = SCENARIO,
    processes: int = 1,
) -> Callable[[int, int, int], Command]:
    """The command of this Molotov or the original's, with more options. Each of
    its processes has its share of the connections."""

    def command(port: int, connections: int, seconds: int) -> Command:
        workers = str(connections // processes)
        options = ["-c", "-w", workers, "-d", str(seconds), *more]
        return Command(
            [str(program), *options, str(scenario)],
            {"TARGET_URL": f"http://127.0.0.1:{port}/"},
        )

    return command


def _ours_ready() -> str | None:
    return (
        None if OUR_PROGRAM.exists() else "venv/bin/molotov is not built: make"
    )


def original_ready() -> str | None:
    """Installs the original where it is not; returns why it cannot, or None."""
    venv = ORIGINAL_PROGRAMS.parent
    if (venv / ".ready").exists():
        return None
    shutil.rmtree(venv, ignore_errors=True)
    for step in (
        [sys.executable, "-m", "venv", str(venv)],
        [
            str(venv / "bin/python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            *ORIGINAL,
        ],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"could not install it: {done.stderr.strip()[-400:]}"
    (venv / ".ready").touch()
    return None


def _wrk_ready() -> str | None:
    return None if shutil.which("wrk") else "wrk is not installed (Debian: wrk)"


def _wrk(port: int, connections: int, seconds: int) -> Command:
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    return Command(["wrk", *options, f"http://127.0.0.1:{port}/"])


def _floor_ready() -> str | None:
    source, program = ROOT / "bench/floor.cpp", WORK / "floor"
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return None
    WORK.mkdir(exist_ok=True)
    compiler = os.environ.get("CXX", "g++")
    build = [compiler, "-O2", "-std=c++20", str(source), "-o", str(program)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    return (
        f"it does not compile: {done.stderr[-400:]}"
        if done.returncode
        else None
    )


def _floor(*more: str) -> Callable[[int, int, int], Command]:
    def command(port: int, connections: int, seconds: int) -> Command:
        numbers = [str(port), str(connections), str(seconds)]
        return Command([str(WORK / "floor"), *numbers, *more])

    return command


OURS = Contender(
    "ours",
    _ours_ready,
    molotov_command(OUR_PROGRAM),
    "FAILURES: 0",
    ("CANCELLED",),
)
THE_ORIGINAL = Contender(
    "original",
    original_ready,
    molotov_command(ORIGINAL_PROGRAM),
    "FAILURES: 0",
)
OTHERS = [
    Contender(
        "wrk", _wrk_ready, _wrk, "Requests/sec", ("Socket errors", "Non-2xx")
    ),
    Contender("floor+stamps", _floor_ready, _floor("--stamps"), '"answers"'),
    Contender("floor", _floor_ready, _floor(), '"answers"'),
    THE_ORIGINAL,
]
CONTENDERS = {contender.name: contender for contender in [OURS, *OTHERS]}
