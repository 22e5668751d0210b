"""How fast a large body goes, next to curl: to and from molotarget, over one
connection."""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.budgets import Finding
from bench.contenders import OUR_PROGRAM, ROOT, Command
from bench.measure import Client, RunFailed
from bench.ratios import ratio_of_pairs
from bench.server import Server
from bench.target import Target, molotarget

PATIENCE_SECONDS = 300
TIMES = 1.0
RECEIVING = ("iter_chunked", "iter_any")
SENDING = ("file", "generator")


@dataclass(frozen=True)
class Transfer:
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Body:
    size: int
    file: str  # of that size

    def curl(self, how: str, target: Target) -> Command:
        arguments = ["curl", "--silent", "--show-error", "--fail", "-H"]
        arguments += ["Expect:", "-o", "/dev/null", "-w", "took %{time_total}"]
        if how in RECEIVING:
            arguments.append(f"{target.url}bytes/{self.size}")
        else:
            arguments += ["-X", "POST", "-T", self.file, f"{target.url}json"]
        return Command(arguments)

    def ours(self, how: str, target: Target) -> Command:
        return Command(
            [
                *(str(OUR_PROGRAM), "-c", "-w", "1", "-r", "1"),
                str(ROOT / "bench/large_body.py"),
            ],
            {
                "TARGET_URL": target.url,
                "LARGE_BYTES": str(self.size),
                "LARGE_FILE": self.file,
                "LARGE_HOW": how,
            },
        )


def transfer(command: Command, core: int) -> Transfer:
    """Raises RunFailed."""
    with Client(command, core, PATIENCE_SECONDS) as client:
        used = client.wait()
        said = client.said()
    took = re.search(r"took ([0-9.e-]+)", said)
    if took is None:
        raise RunFailed(f"it does not say how long it took: {said[-600:]}")
    cpu = re.search(r"([0-9.e-]+) s of a processor", said)
    return Transfer(
        float(took[1]),
        float(cpu[1]) if cpu else used.ru_utime + used.ru_stime,
    )


def _ratio(how: str, body: Body, options: argparse.Namespace) -> Finding:
    """curl's time over ours: our bytes a second over its."""
    done: dict[str, list[Transfer]] = {"ours": [], "curl": []}
    for _ in range(options.pairs):
        with molotarget(options.server_core) as target:
            for program, make in (("ours", body.ours), ("curl", body.curl)):
                command = make(how, target)
                done[program].append(transfer(command, options.client_core))
    for program, each in done.items():
        rate = body.size / 1e9 / median(one.seconds for one in each)
        cpu = median(one.cpu_seconds for one in each)
        print(f"    {program:<12}{rate:>9.2f} GB/s{cpu:>9.3f} s CPU")
    ratio = ratio_of_pairs(
        [each.seconds for each in done["curl"]],
        [each.seconds for each in done["ours"]],
    )
    return Finding(
        f"{body.size:,} bytes, {how}: our rate / curl's",
        ratio.median,
        "",
        TIMES,
        ratio,
        at_least=True,
    )


def large(_server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    if shutil.which("curl") is None:
        raise RunFailed("there is no curl")
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(options.large_bytes)
        body = Body(options.large_bytes, file.name)
        for how in (*RECEIVING, *SENDING):
            yield _ratio(how, body, options)
