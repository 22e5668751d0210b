"""Measures this Molotov against wrk, the floor and the original, and by budgets
of its own.

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
from typing import Any

from bench.budgets import BUDGETS, measure_findings
from bench.callgrind import WORKERS, instructions
from bench.contenders import CONTENDERS, OURS, Contender
from bench.counts import system_calls
from bench.extras import EXTRAS, FAILING_WORKERS
from bench.interpreter import interpreter
from bench.measure import RunFailed, run, settle
from bench.memory import LONG_RUN_WORKERS
from bench.options import PAIRS, arguments
from bench.server import Server, nginx
from bench.table import COMPARED, HEAD, Runs, ratios, rows

# Descriptors beyond the connections that client and server have open.
SPARE_DESCRIPTORS = 200


def fit_descriptors(options: argparse.Namespace) -> int:
    """Raises the limit on descriptors as far as it goes, and leaves out what
    needs more; returns how many descriptors the server needs."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    most = limit - SPARE_DESCRIPTORS
    fit = [count for count in options.connections if count <= most]
    if fit != options.connections:
        print(f"No more than {limit} descriptors (ulimit -Hn): only {fit}")
        options.connections = fit
    options.idle_workers = [min(count, most) for count in options.idle_workers]
    needed: list[int] = [
        *fit,
        *options.idle_workers,
        LONG_RUN_WORKERS,
        FAILING_WORKERS,
    ]
    return max(needed) + SPARE_DESCRIPTORS


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


def measure_clients(
    server: Server, contenders: list[Contender], options: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    """Ours against the others, printed as it comes; whether no run failed."""
    result: dict[str, Any] = {"runs": [], "ratios": []}
    complete = True
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
    few = "" if options.pairs >= PAIRS else " (too few pairs for 95 %)"
    print(
        f"\nRatios: the median of {options.pairs} pairs and its interval{few}."
        " CPU is of the steady part; whole-run CPU has the start-up in it."
    )
    if not options.no_strace:
        calls = count_system_calls(server, contenders, options)
        result["system_calls"] = calls
    if options.callgrind and OURS in contenders:
        result["instructions"] = count_instructions(server)
    return result, complete


def measure(
    server: Server, contenders: list[Contender], options: argparse.Namespace
) -> tuple[dict[str, Any], bool]:
    """All that was asked for; whether no run failed."""
    result: dict[str, Any] = {
        "machine": platform.uname()._asdict(),
        "cores": os.cpu_count(),
        "options": {key: str(value) for key, value in vars(options).items()},
    }
    complete = True
    if OURS in contenders:
        python = interpreter()
        result["interpreter"] = asdict(python)
        print(f"{OURS.name} runs on {python}\n")
    if options.only in (None, "clients") and options.connections:
        clients, complete = measure_clients(server, contenders, options)
        result |= clients
    for name, title, measures in (
        ("budgets", "Budgets", BUDGETS),
        ("extras", "What is asked for beside the load", EXTRAS),
    ):
        wanted = {
            measure: measures[measure]
            for measure in measures
            if not options.measures or measure in options.measures
        }
        if options.only in (None, name) and OURS in contenders and wanted:
            findings, all_found = measure_findings(
                title, wanted, server, options
            )
            result[name] = findings
            complete &= all_found
    return result, complete


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    descriptors = fit_descriptors(options)
    if options.server_core == options.client_core:
        print("Client and server share one core: the figures say little.")
    os.sched_setaffinity(0, {options.server_core})
    alone = options.only in ("budgets", "extras")
    names = [OURS.name] if alone else options.contenders
    contenders = ready(names)
    if not contenders:
        raise SystemExit("there is nothing to measure")

    with nginx(options.server_core, descriptors) as server:
        result, complete = measure(server, contenders, options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\nEvery run: {os.path.relpath(options.json)}")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
