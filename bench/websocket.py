"""What a WebSocket's messages cost, against the original's, and what it takes
while it is open. molotarget echoes messages, and its own count is of requests;
so the runs that have ended are asked for, of the client's whole life."""

from __future__ import annotations

import argparse
import re
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.budgets import Finding
from bench.contenders import (
    ORIGINAL_PROGRAM,
    OUR_PROGRAM,
    ROOT,
    THE_ORIGINAL,
    molotov_command,
)
from bench.measure import Client, RunFailed
from bench.memory import further_websocket_kib
from bench.ratios import ratio_of_pairs
from bench.server import Server
from bench.target import Target, molotarget

CONNECTIONS = 100
MESSAGES = 100  # a run, see echo.py and echo_burst.py
SCENARIOS = {"echo": "echo.py", "a hundred at once": "echo_burst.py"}
TIMES = 20.0
FURTHER_WEBSOCKET_KIB = 16.0  # with its worker
# A start-up and an end are in each side's time, and weigh little in this.
SECONDS_LEAST = 4


@dataclass(frozen=True)
class Echoes:
    per_second: float
    cpu_us: float  # processor time a message


def _run(
    program: str, script: str, target: Target, options: argparse.Namespace
) -> Echoes:
    """Raises RunFailed."""
    seconds = max(options.seconds, SECONDS_LEAST)
    command = molotov_command(
        OUR_PROGRAM if program == "ours" else ORIGINAL_PROGRAM,
        scenario=ROOT / "bench" / script,
    )(target.port, CONNECTIONS, seconds)
    with Client(command, options.client_core, seconds) as client:
        used: resource.struct_rusage = client.wait()
        said = client.said()
    counts = re.search(r"SUCCESSES: (\d+) \| FAILURES: 0\b", said)
    if counts is None or not int(counts[1]):
        raise RunFailed(f"its report is not as it should be: {said[-600:]}")
    messages = int(counts[1]) * MESSAGES
    cpu = used.ru_utime + used.ru_stime
    return Echoes(messages / seconds, cpu / messages * 1e6)


def websocket(
    _server: Server, options: argparse.Namespace
) -> Iterator[Finding]:
    """The original's processor time a message over ours."""
    if why := THE_ORIGINAL.prepare():
        raise RunFailed(why)
    for how, script in SCENARIOS.items():
        yield _ratio(how, script, options)


def _ratio(how: str, script: str, options: argparse.Namespace) -> Finding:
    runs: dict[str, list[Echoes]] = {"ours": [], "original": []}
    for _ in range(options.pairs):
        for program, done in runs.items():
            with molotarget(options.server_core) as target:
                done.append(_run(program, script, target, options))
    for program, done in runs.items():
        rate = median(each.per_second for each in done)
        cpu = median(each.cpu_us for each in done)
        print(f"    {program:<12}{rate:>9,.0f} messages/s{cpu:>9.2f} us")
    ratio = ratio_of_pairs(
        [each.cpu_us for each in runs["original"]],
        [each.cpu_us for each in runs["ours"]],
    )
    return Finding(
        f"WebSocket, {how}: original's CPU / ours",
        ratio.median,
        "",
        TIMES,
        ratio,
        at_least=True,
    )


def websocket_memory(
    _server: Server, options: argparse.Namespace
) -> Iterator[Finding]:
    few, many = options.idle_workers
    for compress, how in ((0, "plain"), (15, "deflate")):
        yield Finding(
            f"memory of a further WebSocket ({few:,} to {many:,}), {how}",
            further_websocket_kib(
                few, many, compress, options.server_core, options.client_core
            ),
            " KiB",
            FURTHER_WEBSOCKET_KIB,
        )
