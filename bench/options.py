"""The benchmark's command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from bench.budgets import BUDGETS
from bench.contenders import CONTENDERS, WORK
from bench.extras import EXTRAS

PAIRS = 9  # with fewer than six there is no interval of 95 %


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.run",
        description="Measures Molotov against other clients and by budgets.",
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
    parts = ["clients", "budgets", "extras"]
    add("--only", choices=parts, help="leave out the others")
    add(
        "--measures",
        nargs="+",
        choices=[*BUDGETS, *EXTRAS],
        metavar="NAME",
        help="leave out the other budgets and extras, which are: "
        + ", ".join([*BUDGETS, *EXTRAS]),
    )
    add(
        "--idle-workers",
        type=int,
        nargs=2,
        default=[100, 5000],
        metavar=("FEW", "MANY"),
        help="whose memory is compared",
    )
    add(
        "--long-run",
        type=int,
        default=1_000_000,
        metavar="REQUESTS",
        help="over which memory is to be flat, 1,000 to 10,000,000",
    )
    add(
        "--large-bytes",
        type=int,
        default=1 << 30,
        metavar="BYTES",
        help="of the large bodies",
    )
    add("--server-core", type=int, default=cores[0])
    add("--client-core", type=int, default=cores[:2][-1])
    add("--json", type=Path, default=WORK / "result.json")
    options = parser.parse_args(argv)
    if options.quick:
        options.pairs, options.seconds = 3, 2
    if min(*options.connections, options.pairs, options.seconds) < 1:
        parser.error("connections, pairs and seconds are 1 or more")
    few, many = options.idle_workers
    if not 1 <= few < many:
        parser.error("of the idle workers, FEW is 1 or more and less than MANY")
    if not 1000 <= options.long_run <= 10_000_000:
        parser.error("--long-run is 1,000 to 10,000,000")
    return options
