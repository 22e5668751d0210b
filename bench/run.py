"""Measures this Molotov against wrk, the floor and the original.

Run by `make bench`; needs nothing but Python. Prints a table, and writes every
run as JSON. The method is in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.callgrind import WORKERS, instructions
from bench.contenders import CONTENDERS, OURS, WORK, Contender
from bench.counts import system_calls
from bench.interpreter import interpreter
from bench.measure import RunFailed, run, settle
from bench.server import Server, nginx
from bench.table import COMPARED, HEAD, Runs, ratios, rows

# Descriptors beyond the connections that client and server have open.
SPARE_DESCRIPTORS = 200
PAIRS = 9  # with fewer than six there is no interval of 95 %


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.run",
        description=(__doc__ or "").splitlines()[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    many = [1, 10, 100, 1000, 10000]
    names = list(CONTENDERS)
    cores = sorted(os.sched_getaffinity(0))
    add("--connections", type=int, nargs="+", default=many, metavar="N")
    add("--contenders", nargs="+", choices=names, default=names, metavar="NAME")
    add("--seconds", type=int, default=4, help="measured, of each run")
    add("--pairs", type=int, default=PAIRS)
    add("--quick", action="store_true", help="three pairs of two seconds")
    add("--no-strace", action="store_true", help="count no system calls")
    add("--callgrind", action="store_true", help="count instructions, of ours")
    add("--server-core", type=int, default=cores[0])
    add("--client-core", type=int, default=cores[:2][-1])
    add("--json", type=Path, default=WORK / "result.json")
    options = parser.parse_args(argv)
    if options.quick:
        options.pairs, options.seconds = 3, 2
    if min(*options.connections, options.pairs, options.seconds) < 1:
        parser.error("connections, pairs and seconds are 1 or more")
    return options


def connections_that_fit(wanted: list[int]) -> list[int]:
    """Raises the limit on descriptors as far as it goes, and leaves out what
    is above it."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    fit = [count for count in wanted if count + SPARE_DESCRIPTORS <= limit]
    if fit != wanted:
        print(f"No more than {limit} descriptors (ulimit -Hn): only {fit}")
    return fit


def ready(names: Iterable[str]) -> list[Contender]:
    """Those of them that can be had, in their order; says why of the others."""
    found = []
    for name in names:
        why = CONTENDERS[name].prepare()
        if why is None:
            found.append(CONTENDERS[name])
        else:
            print(f"{name} is left out: {why}")
    return found


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<70}\r", end="", file=sys.stderr, flush=True)


def measure_rounds(
    server: Server,
    contenders: list[Contender],
    connections: int,
    options: argparse.Namespace,
) -> Runs:
    """Runs them in turns, A B C A B C: a pair is two of the same round. Who
    fails a run is left out from there on, of that number of connections."""
    runs: Runs = {contender.name: [] for contender in contenders}
    taking_part = list(contenders)
    seconds, core = options.seconds, options.client_core
    for number in range(1, options.pairs + 1):
        where = f"{connections} connections, {number} of {options.pairs}"
        for contender in list(taking_part):
            progress(f"{where}: {contender.name}")
            try:
                settle(server)
                figures = run(server, contender, connections, seconds, core)
                runs[contender.name].append(figures)
            except RunFailed as failure:
                print(f"{where}: {contender.name} failed: {failure}")
                taking_part.remove(contender)
    progress("")
    return runs


def ratios_as_json(connections: int, runs: Runs) -> list[dict[str, Any]]:
    return [
        {"connections": connections, "of": value, "to": name, **asdict(ratio)}
        for value in COMPARED
        for name, ratio in ratios(runs, value).items()
    ]


def count_system_calls(
    server: Server, contenders: list[Contender], options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    many = 100 if 100 in options.connections else options.connections[0]
    print(f"\nSystem calls a request, {many} connections (strace -c -f):")
    seconds, core = options.seconds, options.client_core
    counted = {}
    for contender in contenders:
        try:
            settle(server)
            calls = system_calls(server, contender, many, seconds, core)
        except (RunFailed, OSError) as failure:
            print(f"  {contender.name}: {failure}")
            continue
        counted[contender.name] = calls
        most = sorted(calls.items(), key=lambda call: -call[1])[:4]
        named = ", ".join(f"{name} {count:.3f}" for name, count in most)
        total = sum(calls.values())
        print(f"  {contender.name:<13} {total:.3f}  {named}")
    return counted


def count_instructions(server: Server) -> float | None:
    print(f"\nInstructions a request, {WORKERS} workers (callgrind):")
    try:
        result = instructions(server.url)
    except RunFailed as failure:
        print(f"  {failure}")
        return None
    print(f"  {OURS.name:<13} {result:,.0f}")
    return result


def measure(
    server: Server, contenders: list[Contender], options: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    """All that was asked for, printed as it comes; whether no run failed."""
    result: dict[str, Any] = {
        "machine": platform.uname()._asdict(),
        "cores": os.cpu_count(),
        "options": {key: str(value) for key, value in vars(options).items()},
        "runs": [],
        "ratios": [],
    }
    complete = True
    if OURS in contenders:
        python = interpreter()
        result["interpreter"] = asdict(python)
        print(f"{OURS.name} runs on {python}\n")
    print(HEAD)
    for connections in options.connections:
        runs = measure_rounds(server, contenders, connections, options)
        complete &= all(len(one) == options.pairs for one in runs.values())
        runs = {name: one for name, one in runs.items() if one}
        print("\n".join(rows(connections, runs)), flush=True)
        result["runs"] += [
            asdict(each) for one in runs.values() for each in one
        ]
        result["ratios"] += ratios_as_json(connections, runs)
    if not options.no_strace:
        calls = count_system_calls(server, contenders, options)
        result["system_calls"] = calls
    if options.callgrind and OURS in contenders:
        result["instructions"] = count_instructions(server)
    return result, complete


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    options.connections = connections_that_fit(options.connections)
    if options.server_core == options.client_core:
        print("Client and server share one core: the figures say little.")
    os.sched_setaffinity(0, {options.server_core})
    contenders = ready(options.contenders)
    if not contenders or not options.connections:
        raise SystemExit("there is nothing to measure")

    descriptors = max(options.connections) + SPARE_DESCRIPTORS
    with nginx(options.server_core, descriptors) as server:
        result, complete = measure(server, contenders, options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + "\n")
    few = "" if options.pairs >= PAIRS else " (too few pairs for 95 %)"
    print(
        f"\nRatios: the median of {options.pairs} pairs and its interval{few}."
        " CPU is of the steady part; whole-run CPU has the start-up in it."
        f"\nEvery run: {os.path.relpath(options.json)}"
    )
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
