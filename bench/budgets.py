"""What Molotov may cost beside a request: memory, start-up, and molotarget's
own cost, each with its budget."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bench.measure import RunFailed
from bench.memory import further_worker_kib, growth_kib
from bench.ratios import Middle
from bench.server import Server
from bench.startup import start_up
from bench.target import target_over_nginx

FURTHER_WORKER_KIB = 12.0
START_UP_MS = 100.0
# What an allocator may yet take. A leak shows long before: of one byte a
# request, 900,000 requests make 879 KiB.
FLAT_KIB = 256.0
TARGET_RATIO = 1.0


@dataclass(frozen=True)
class Finding:
    what: str
    value: float
    unit: str
    budget: float
    spread: Middle | None = None  # where the value is the middle of pairs
    at_least: bool = False  # the budget is what is to be reached

    @property
    def met(self) -> bool:
        if self.at_least:
            return self.value >= self.budget
        return self.value <= self.budget

    def __str__(self) -> str:
        value = f"{self.value:.3g}"
        if self.spread:
            value += f" [{self.spread.low:.3g}, {self.spread.high:.3g}]"
        verdict = "met" if self.met else "NOT MET"
        least = "at least " if self.at_least else ""
        return (
            f"  {self.what:<57}{value + self.unit:<26}"
            f"budget {least}{self.budget:g}{self.unit}: {verdict}"
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def _memory(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    few, many = options.idle_workers
    yield Finding(
        f"memory of a further idle worker ({few:,} to {many:,})",
        further_worker_kib(server, few, many, options.client_core),
        " KiB",
        FURTHER_WORKER_KIB,
    )


def _start_up(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    cost = start_up(options.pairs, options.client_core)
    for name, spread in (("wall", cost.wall), ("CPU", cost.cpu)):
        yield Finding(
            f"start-up above Python with asyncio, {name}",
            spread.median,
            " ms",
            START_UP_MS,
            spread,
        )


def _long_run(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    many = options.long_run
    yield Finding(
        f"memory is flat: growth, {many // 10:,} to {many:,} requests",
        growth_kib(server, many, options.client_core),
        " KiB",
        FLAT_KIB,
    )


def _target(server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    ratio = target_over_nginx(
        options.pairs,
        options.seconds,
        options.server_core,
        options.client_core,
    )
    yield Finding(
        "molotarget's CPU a request / nginx's, 100 connections",
        ratio.median,
        "",
        TARGET_RATIO,
        ratio,
    )


# Measures, and gives what was found as it comes.
Measure = Callable[[Server, argparse.Namespace], Iterator[Finding]]

BUDGETS: dict[str, Measure] = {
    "memory": _memory,
    "start-up": _start_up,
    "long run": _long_run,
    "molotarget": _target,
}


def measure_findings(
    title: str,
    measures: dict[str, Measure],
    server: Server,
    options: argparse.Namespace,
) -> tuple[list[dict[str, Any]], bool]:
    """Prints each as it comes; whether all could be measured, met or not."""
    print(f"\n{title}:")
    findings, complete = [], True
    for name, measure in measures.items():
        try:
            for finding in measure(server, options):
                print(finding, flush=True)
                findings.append(finding.as_json())
        except (RunFailed, OSError) as failure:
            print(f"  {name} could not be measured: {failure}")
            complete = False
    return findings, complete
