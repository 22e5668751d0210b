"""What may be asked for beside the load itself: a listener, StatsD, and
tracebacks of what fails; and what scenarios do beside a plain GET. Each with
what is to be reached."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from bench.budgets import Finding, Measure
from bench.contenders import (
    ORIGINAL_PROGRAM,
    OUR_PROGRAM,
    OURS,
    ROOT,
    THE_ORIGINAL,
    Contender,
    molotov_command,
)
from bench.large import large
from bench.measure import Figures, RunFailed, run, settle
from bench.ratios import ratio_of_pairs
from bench.server import Server
from bench.sink import sink
from bench.websocket import websocket, websocket_memory

CONNECTIONS = 100
LISTENER_TIMES = 12.0
STATSD_TIMES = 20.0
BASKET_TIMES = 15.0
CATALOGUE_TIMES = 12.0

FAILING_PROCESSES = 8
FAILING_WORKERS = FAILING_PROCESSES * 100
# What two runs of the very same differ by is left to it.
FAILING_SHARE = 0.95


def _pairs(
    server: Server,
    contenders: tuple[Contender, Contender],
    connections: int,
    options: argparse.Namespace,
) -> tuple[list[Figures], list[Figures]]:
    """Their runs in turns. Raises RunFailed."""
    runs: tuple[list[Figures], list[Figures]] = ([], [])
    for _ in range(options.pairs):
        for contender, done in zip(contenders, runs, strict=True):
            settle(server)
            done.append(
                run(
                    server,
                    contender,
                    connections,
                    options.seconds,
                    options.client_core,
                )
            )
    for done in runs:
        rate = median(figures.requests_per_second for figures in done)
        cpu = median(figures.cpu_us for figures in done)
        busy = median(figures.busy for figures in done)
        print(
            f"    {done[0].contender:<12}{rate:>9,.0f} requests/s"
            f"{cpu:>9.2f} us{busy:>6.0%} busy"
        )
    return runs


def _times_the_original(
    what: str,
    times: float,
    server: Server,
    contenders: tuple[Contender, Contender],
    options: argparse.Namespace,
) -> Finding:
    """The original's processor time a request over ours: so many times its
    requests does ours make in the same time of a core. Raises RunFailed."""
    if why := THE_ORIGINAL.prepare():
        raise RunFailed(why)
    ours, theirs = _pairs(server, contenders, CONNECTIONS, options)
    ratio = ratio_of_pairs(
        [figures.cpu_us for figures in theirs],
        [figures.cpu_us for figures in ours],
    )
    return Finding(what, ratio.median, "", times, ratio, at_least=True)


def _script(what: str, name: str, times: float) -> Measure:
    """The measure of a scenario of this folder, under both."""
    script = ROOT / "bench" / name

    def measure(
        server: Server, options: argparse.Namespace
    ) -> Iterator[Finding]:
        contenders = (
            replace(
                OURS, command=molotov_command(OUR_PROGRAM, scenario=script)
            ),
            replace(
                THE_ORIGINAL,
                command=molotov_command(ORIGINAL_PROGRAM, scenario=script),
            ),
        )
        yield _times_the_original(
            f"{what}: original's CPU / ours",
            times,
            server,
            contenders,
            options,
        )

    return measure


def _statsd(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    with sink(options.server_core) as ours, sink(options.server_core) as other:
        contenders = tuple(
            replace(
                contender,
                command=molotov_command(
                    program,
                    "--statsd",
                    f"--statsd-address=udp://127.0.0.1:{to.port}",
                ),
            )
            for contender, program, to in (
                (OURS, OUR_PROGRAM, ours),
                (THE_ORIGINAL, ORIGINAL_PROGRAM, other),
            )
        )
        finding = _times_the_original(
            "StatsD on: original's CPU / ours",
            STATSD_TIMES,
            server,
            (contenders[0], contenders[1]),
            options,
        )
        if not ours.datagrams() or not other.datagrams():
            raise RunFailed("no metrics came")
    yield finding


def _failing(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    script = ROOT / "bench/failing.py"

    def failing(name: str, must_say: str, *more: str) -> Contender:
        command = molotov_command(
            OUR_PROGRAM,
            f"--processes={FAILING_PROCESSES}",
            *more,
            scenario=script,
            processes=FAILING_PROCESSES,
        )
        return replace(OURS, name=name, must_say=must_say, command=command)

    contenders = (
        failing("printing", "AssertionError"),
        failing("quiet", "", "--quiet"),
    )
    printing, quiet = _pairs(server, contenders, FAILING_WORKERS, options)
    rate = ratio_of_pairs(
        [figures.requests_per_second for figures in printing],
        [figures.requests_per_second for figures in quiet],
    )
    # Time that is spent, where the server is what is full; but not time that is
    # waited.
    cpu = ratio_of_pairs(
        [figures.cpu_us for figures in quiet],
        [figures.cpu_us for figures in printing],
    )
    for what, ratio in (
        ("rate printing / quiet", rate),
        ("CPU quiet / printing", cpu),
    ):
        yield Finding(
            f"-p 8 -w 100, each run fails: {what}",
            ratio.median,
            "",
            FAILING_SHARE,
            ratio,
            at_least=True,
        )


EXTRAS: dict[str, Measure] = {
    "listener": _script(
        "a listener that does nothing", "listener.py", LISTENER_TIMES
    ),
    "StatsD": _statsd,
    "failing": _failing,
    "basket": _script(
        "cookies, a redirect, JSON, text", "basket.py", BASKET_TIMES
    ),
    "catalogue": _script(
        "10 KiB of JSON each way", "catalogue.py", CATALOGUE_TIMES
    ),
    "WebSocket": websocket,
    "WebSockets open": websocket_memory,
    "large bodies": large,
}
