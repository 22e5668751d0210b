"""The benchmark runs, tiny, and its arithmetic is right: so that it cannot
rot."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.contenders import CONTENDERS, Command, Contender
from bench.counts import parse_strace
from bench.interpreter import Interpreter, interpreter
from bench.measure import Client, RunFailed, cpu_seconds, run
from bench.ratios import interval_ranks, ratio_of_pairs
from bench.server import nginx

Benchmark = Callable[..., tuple[str, dict[str, Any]]]
CORE = min(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("count", "left_off", "confidence"),
    [
        (1, 0, 0.0),
        (3, 0, 0.75),
        (6, 0, 0.96875),
        (9, 1, 0.9609375),
        (12, 2, 0.96142578125),
    ],
)
def test_ranks_of_the_interval(
    count: int, left_off: int, confidence: float
) -> None:
    assert interval_ranks(count) == (left_off, pytest.approx(confidence))


def test_ratio_of_pairs() -> None:
    ours = [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0]
    ratio = ratio_of_pairs(ours, [2.0] * 9)
    assert (ratio.median, ratio.low, ratio.high, ratio.pairs) == (
        5.0,
        2.0,
        8.0,
        9,
    )
    with pytest.raises(ValueError):
        ratio_of_pairs([1.0], [1.0, 2.0])


def test_the_table_of_strace() -> None:
    table = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.100000           1     90000           sendto
 39.00    0.100000           1     90009         9 recvfrom
------ ----------- ----------- --------- --------- ----------------
100.00    0.200000           1    180009         9 total
"""
    assert parse_strace(table) == {"sendto": 90000, "recvfrom": 90009}


def test_processor_time_of_a_whole_tree() -> None:
    """A child that burns half a second of a grandchild's time is not taken for
    idle."""
    burn = """
import subprocess, sys, time
if sys.argv[1:]:
    subprocess.run([sys.executable, "-c", sys.argv[1]])
while time.process_time() < 0.5:
    pass
"""
    command = Command([sys.executable, "-c", burn, burn])
    with Client(command, core=CORE, seconds=30) as client:
        most = 0.0
        try:
            while client.poll() is None:
                most = max(most, cpu_seconds(client.pid)[0])
        except RunFailed as failure:
            pytest.fail(str(failure))
    assert most > 0.4


@pytest.mark.parametrize("connections", [4, 380])
def test_one_run_of_the_floor_counts_what_the_server_counted(
    connections: int,
) -> None:
    contender = CONTENDERS["floor+stamps"]
    assert contender.prepare() is None
    with nginx(CORE, connections + 20) as server:
        figures = run(server, contender, connections, seconds=1, core=CORE)
    assert figures.connected == connections
    assert figures.requests > 100
    assert 0 < figures.cpu_us < 1e6 * figures.seconds / figures.requests * 1.05
    assert figures.requests_per_second == pytest.approx(
        figures.requests / figures.seconds
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "ended with 3"),
        ("print('done')", "ended early: done"),
    ],
)
def test_a_client_that_fails_gives_no_figures(script: str, why: str) -> None:
    def command(port: int, connections: int, seconds: int) -> Command:
        return Command([sys.executable, "-c", script])

    broken = Contender("broken", lambda: None, command, must_say="")
    with nginx(CORE, 100) as server, pytest.raises(RunFailed, match=why):
        run(server, broken, connections=1, seconds=1, core=CORE)


def test_a_run_with_too_few_connections_gives_no_figures() -> None:
    floor = CONTENDERS["floor"]
    assert floor.prepare() is None
    fewer = replace(
        floor,
        command=lambda port, connections, seconds: floor.command(
            port, connections - 1, seconds
        ),
    )
    with (
        nginx(CORE, 100) as server,
        pytest.raises(RunFailed, match="3 of 4 connections"),
    ):
        run(server, fewer, connections=4, seconds=1, core=CORE)


def test_the_interpreter_is_named() -> None:
    python = interpreter(Path(sys.executable))
    assert python.version == platform.python_version()
    assert str(python).startswith("CPython 3.")


def test_the_comparison_with_other_clients(benchmark: Benchmark) -> None:
    options = ["--only", "clients", "--contenders", "ours", "wrk"]
    said, written = benchmark(*options, "--connections", "2")
    assert "requests/s" in said
    assert str(Interpreter(**written["interpreter"])) in said
    assert [(r["contender"], r["connections"]) for r in written["runs"]] == [
        ("ours", 2),
        ("wrk", 2),
    ]
    assert set(written["system_calls"]) == {"ours", "wrk"}
    assert "budgets" not in written
