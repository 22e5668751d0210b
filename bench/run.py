"""Measures this Molotov against wrk, the floor and the original, as docs/performance.md has it.

Run by `make bench`; needs nothing but Python. Prints a table, and writes every run as JSON.
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
from statistics import median
from typing import Any

from bench.contenders import CONTENDERS, OURS, ROOT, WORK, Contender
from bench.counts import instructions, system_calls
from bench.measure import Figures, RunFailed, run, settle
from bench.ratios import Ratio, ratio_of_pairs
from bench.server import Server, nginx

# Descriptors beyond the connections that client and server have open.
SPARE_DESCRIPTORS = 200
PAIRS_WITH_AN_INTERVAL = 9


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.run", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 10, 100, 1000, 10000])
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=list(CONTENDERS),
        metavar="NAME",
        default=list(CONTENDERS),
        help=", ".join(CONTENDERS),
    )
    parser.add_argument("--seconds", type=int, default=4, help="measured, of each run (4)")
    parser.add_argument("--pairs", type=int, default=PAIRS_WITH_AN_INTERVAL, help="(9)")
    parser.add_argument("--quick", action="store_true", help="three pairs of two seconds")
    parser.add_argument("--no-strace", action="store_true", help="count no system calls")
    parser.add_argument(
        "--callgrind", action="store_true", help="count our user-space instructions a request too"
    )
    cores = sorted(os.sched_getaffinity(0))
    parser.add_argument("--server-core", type=int, default=cores[0])
    parser.add_argument("--client-core", type=int, default=cores[min(1, len(cores) - 1)])
    parser.add_argument("--json", type=Path, default=WORK / "result.json")
    options = parser.parse_args(argv)
    if options.quick:
        options.pairs, options.seconds = 3, 2
    if min(options.connections) < 1 or options.pairs < 1 or options.seconds < 1:
        parser.error("connections, pairs and seconds are 1 or more")
    return options


def raise_descriptor_limit() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def ready(names: Iterable[str]) -> list[Contender]:
    """Those of them that can be had, in their order; says why of the others."""
    found = []
    for name in names:
        why = CONTENDERS[name].prepare()
        if why is None:
            found.append(CONTENDERS[name])
        else:
            print(f"{name} is left out: {why}")
    if not found:
        raise SystemExit("there is nothing to measure")
    return found


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<70}\r", end="", file=sys.stderr, flush=True)


def measure_rounds(
    server: Server, contenders: list[Contender], connections: int, options: argparse.Namespace
) -> dict[str, list[Figures]]:
    """Runs them in turns, A B C A B C: a pair is two of the same round. Who fails a run is left out
    from there on, of that number of connections."""
    figures: dict[str, list[Figures]] = {contender.name: [] for contender in contenders}
    taking_part = list(contenders)
    for number in range(1, options.pairs + 1):
        for contender in list(taking_part):
            progress(
                f"{connections} connections, round {number} of {options.pairs}: {contender.name}"
            )
            try:
                settle(server)
                figures[contender.name].append(
                    run(server, contender, connections, options.seconds, options.client_core)
                )
            except RunFailed as failure:
                print(f"\n{contender.name}, {connections} connections: {failure}")
                taking_part.remove(contender)
    progress("")
    return {name: runs for name, runs in figures.items() if runs}


def ratios(figures: dict[str, list[Figures]], value: str) -> dict[str, Ratio]:
    """Ours over each of the others', of the figure with this name."""
    ours = figures.get(OURS.name, [])
    result = {}
    for name, theirs in figures.items():
        pairs = min(len(ours), len(theirs))
        if name != OURS.name and pairs:
            result[name] = ratio_of_pairs(
                [getattr(figure, value) for figure in ours[:pairs]],
                [getattr(figure, value) for figure in theirs[:pairs]],
            )
    return result


def show_ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio.median:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"


HEAD = (
    f"{'connections':>11}  {'client':<13} {'requests/s':>10} {'CPU us':>8} {'user us':>8}"
    f" {'busy':>5}  {'CPU ours / theirs':<22} {'rate ours / theirs':<22} {'whole-run CPU':<22}"
)


def show(connections: int, figures: dict[str, list[Figures]]) -> None:
    by_value = {v: ratios(figures, v) for v in ("cpu_us", "requests_per_second", "whole_cpu_us")}
    for name, runs in figures.items():

        def middle(value: str, runs: list[Figures] = runs) -> float:
            return float(median(getattr(figure, value) for figure in runs))

        shown = "  ".join(f"{show_ratio(by_value[value].get(name)):<21}" for value in by_value)
        print(
            f"{connections:>11}  {name:<13} {middle('requests_per_second'):>10,.0f}"
            f" {middle('cpu_us'):>8.2f} {middle('user_us'):>8.2f} {middle('busy'):>5.0%}  {shown}"
        )
        fewest = min(figure.connected for figure in runs)
        if fewest < connections:
            print(f"{'':>11}  ({name} had {fewest} connections open when measuring began)")


def count_system_calls(
    server: Server, contenders: list[Contender], options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    connections = 100 if 100 in options.connections else options.connections[0]
    print(f"\nSystem calls a request, {connections} connections, steady state (strace -c -f):")
    counted = {}
    for contender in contenders:
        try:
            settle(server)
            calls = system_calls(
                server, contender, connections, options.seconds, options.client_core
            )
        except (RunFailed, OSError) as failure:
            print(f"  {contender.name}: {failure}")
            continue
        counted[contender.name] = calls
        most = sorted(calls.items(), key=lambda call: -call[1])[:4]
        print(
            f"  {contender.name:<13} {sum(calls.values()):.3f}  "
            + ", ".join(f"{name} {count:.3f}" for name, count in most)
        )
    return counted


def count_instructions(server: Server) -> float | None:
    """Of ours, by the difference of two runs, so that no start-up is in it."""
    print("\nUser-space instructions a request, 100 workers (callgrind):")
    environment = {**os.environ, "TARGET_URL": server.url}
    program, scenario = str(ROOT / "venv/bin/molotov"), str(ROOT / "bench/small_get.py")
    counts = []
    try:
        for runs in (20, 120):
            command = [program, "-c", "-w", "100", "-r", str(runs), scenario]
            counts.append(instructions(command, environment))
    except RunFailed as failure:
        print(f"  {failure}")
        return None
    each = (counts[1] - counts[0]) / (100 * 100)
    print(f"  {OURS.name:<13} {each:,.0f}")
    return each


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    limit = raise_descriptor_limit()
    if too_many := [n for n in options.connections if n + SPARE_DESCRIPTORS > limit]:
        print(f"Left out: {too_many} connections; the limit on descriptors (ulimit -Hn) is {limit}")
        options.connections = [n for n in options.connections if n not in too_many]
    if options.server_core == options.client_core:
        print("Client and server share one core: the figures say little.")
    os.sched_setaffinity(0, {options.server_core})
    contenders = ready(options.contenders)

    result: dict[str, Any] = {
        "machine": platform.uname()._asdict(),
        "cores": os.cpu_count(),
        "options": {key: str(value) for key, value in vars(options).items()},
        "runs": [],
        "ratios": [],
    }
    complete = True
    with nginx(options.server_core, max([1, *options.connections]) + SPARE_DESCRIPTORS) as server:
        print(HEAD)
        for connections in options.connections:
            figures = measure_rounds(server, contenders, connections, options)
            complete &= all(len(runs) == options.pairs for runs in figures.values())
            complete &= len(figures) == len(contenders)
            show(connections, figures)
            result["runs"] += [asdict(figure) for runs in figures.values() for figure in runs]
            result["ratios"] += [
                {"connections": connections, "of": value, "to": name, **asdict(ratio)}
                for value in ("cpu_us", "requests_per_second", "whole_cpu_us")
                for name, ratio in ratios(figures, value).items()
            ]
        if not options.no_strace:
            result["system_calls"] = count_system_calls(server, contenders, options)
        if options.callgrind and OURS in contenders:
            result["instructions"] = count_instructions(server)

    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(
        f"\nRatios are the median of {options.pairs} pairs, with its interval"
        f"{' of 95 %' if options.pairs >= PAIRS_WITH_AN_INTERVAL else ' (too few for 95 %)'}."
        f" CPU is of the steady part; whole-run CPU has the start-up in it."
        f"\nEvery run: {os.path.relpath(options.json)}"
    )
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
