"""How true each tool's percentiles are: next to molotarget's own record of
the same requests, under known distributions, at a fifth, half and nine tenths
of the client's core.

    python3 -m bench.truth [--tools NAME...] [--seconds N]

The target's record begins at its kernel's arrival stamp of the request, so what
waits in its socket is part of the truth. What a tool says beyond it is the way
there and back, microseconds on one machine, and the tool's own doing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.budgets import Finding
from bench.contenders import OURS, WORK
from bench.measure import Client, RunFailed, cpu_seconds
from bench.server import Server
from bench.target import Target, molotarget
from bench.truth_tools import FRACTIONS, TOOLS, Tool, nearest_rank

PATHS = {
    "log-normal": "lognormal/5/0.5",
    "bimodal": "bimodal/2/100/1000",
}
SHARES = (0.2, 0.5, 0.9)  # of the client's core
SECONDS = 10
# What is allowed to ours: the larger of both.
ALLOWED_PART = 0.02
ALLOWED_SECONDS = 30e-6

FIRST_CONNECTIONS = 10
MOST_CONNECTIONS = 2000
CALIBRATION_SECONDS = 2
CALIBRATIONS = 3
# Until a tool has started, in each run.
START_SECONDS = 1.5
# What is near enough to the share that was aimed for.
NEAR = 0.1


@dataclass(frozen=True)
class Comparison:
    tool: str
    distribution: str
    share: float  # of the core that was aimed for
    busy: float  # and that was used
    connections: int
    count: int  # of requests, by the tool
    truth_count: int
    truth_seconds: dict[str, float]
    told_seconds: dict[str, float]
    error_seconds: dict[str, float]

    @property
    def worst(self) -> float:
        """The largest error, as a multiple of what is allowed to ours."""
        return max(
            abs(error)
            / max(ALLOWED_PART * self.truth_seconds[name], ALLOWED_SECONDS)
            for name, error in self.error_seconds.items()
        )


def error_of(told: float, times: Sequence[float], name: str, off: int) -> float:
    """How far what was told lies from the truth: from the percentile of the
    sorted `times`, where `off` more or fewer of them may have been counted."""
    rank = nearest_rank(FRACTIONS[name], len(times))
    least = times[max(rank - off, 0)]
    most = times[min(rank + off, len(times) - 1)]
    return min(told - least, 0) + max(told - most, 0)


def _reset(target: Target) -> None:
    connection = HTTPConnection("127.0.0.1", target.port, timeout=60)
    connection.request("POST", "/truth/reset")
    answer = connection.getresponse()
    if answer.status != 200:
        raise RunFailed(f"the record is not reset: {answer.status}")
    connection.close()


def _times(target: Target) -> list[float]:
    connection = HTTPConnection("127.0.0.1", target.port, timeout=60)
    connection.request("GET", "/truth")
    if json.load(connection.getresponse())["dropped"]:
        raise RunFailed("the target could not keep all times")
    connection.request("GET", "/truth/times")
    body = connection.getresponse().read()
    connection.close()
    return sorted(int(line) / 1e9 for line in body.split())


def _run(
    tool: Tool,
    url: str,
    connections: int,
    seconds: int,
    core: int,
    folder: Path,
) -> tuple[float, str]:
    """Runs it; returns how busy it kept its core in the midst of it, and what
    it said."""
    asked = seconds + int(START_SECONDS + 1)
    command = tool.command(url, connections, asked, folder)
    with Client(command, core, asked) as client:
        client.sleep_until(client.started + START_SECONDS)
        before, _ = cpu_seconds(client.pid)
        client.sleep_until(client.started + START_SECONDS + seconds - 0.3)
        after, _ = cpu_seconds(client.pid)
        client.wait()
        return (after - before) / (seconds - 0.3), client.said()


def _connections_for(share: float, tool: Tool, url: str, core: int) -> int:
    """With which it uses about so much of its core."""
    connections = FIRST_CONNECTIONS
    for _ in range(CALIBRATIONS):
        with tempfile.TemporaryDirectory(prefix="molotov-bench-") as folder:
            busy, _ = _run(
                tool, url, connections, CALIBRATION_SECONDS, core, Path(folder)
            )
        if abs(busy - share) <= NEAR * share:
            break
        # A core that is full tells no more than that.
        wanted = round(connections * min(share / max(busy, 0.001), 20))
        wanted = min(max(wanted, 1), MOST_CONNECTIONS)
        if wanted == connections:
            break
        connections = wanted
    return connections


def compare(
    tool: Tool,
    distribution: str,
    share: float,
    seconds: int,
    cores: tuple[int, int],
) -> Comparison:
    """One run of it, the target's core first. Raises RunFailed."""
    server_core, client_core = cores
    with (
        tempfile.TemporaryDirectory(prefix="molotov-bench-") as name,
        molotarget(server_core, "--truth") as target,
    ):
        folder = Path(name)
        url = target.url + PATHS[distribution]
        connections = _connections_for(share, tool, url, client_core)
        _reset(target)
        busy, said = _run(tool, url, connections, seconds, client_core, folder)
        times = _times(target)
        told = tool.read(said, folder)
    if not times or not told.count:
        raise RunFailed("no requests were made")
    # What was under way at either end may be in one count and not in the other.
    off = max(min(abs(told.count - len(times)), connections), 2)
    return Comparison(
        tool=tool.name,
        distribution=distribution,
        share=share,
        busy=busy,
        connections=connections,
        count=told.count,
        truth_count=len(times),
        truth_seconds={
            each: times[nearest_rank(fraction, len(times))]
            for each, fraction in FRACTIONS.items()
        },
        told_seconds=told.seconds,
        error_seconds={
            each: error_of(told.seconds[each], times, each, off)
            for each in FRACTIONS
        },
    )


HEAD = f"  {'tool':<8}{'core':>5}{'conns':>7}{'requests':>10}  " + "".join(
    f"{name + ': truth, error':>24}" for name in FRACTIONS
)


def row(comparison: Comparison) -> str:
    figures = ""
    for name, truth in comparison.truth_seconds.items():
        error = comparison.error_seconds[name]
        figures += f"{truth * 1e3:>10.3f} ms {error / truth:>+10.1%}"
    return (
        f"  {comparison.tool:<8}{comparison.busy:>5.0%}"
        f"{comparison.connections:>7,}{comparison.count:>10,}  {figures}"
    )


def comparisons(
    tools: Sequence[Tool], seconds: int, cores: tuple[int, int]
) -> Iterator[Comparison]:
    """Of all distributions and shares, printed as they come. Who fails a run is
    left out of it, and says why."""
    for distribution, path in PATHS.items():
        for share in SHARES:
            print(f"\n  {distribution} (/{path}), {share:.0%} of the core")
            print(HEAD, flush=True)
            for tool in tools:
                try:
                    found = compare(tool, distribution, share, seconds, cores)
                except (RunFailed, OSError, KeyError, ValueError) as failure:
                    print(f"  {tool.name:<8}failed: {failure}")
                    continue
                print(row(found), flush=True)
                yield found


def ready(names: Sequence[str]) -> list[Tool]:
    """Those of them that can be had; says why of the others."""
    found = []
    for name in names:
        why = TOOLS[name].prepare()
        if why is None:
            found.append(TOOLS[name])
        else:
            print(f"  {name} is left out: {why}")
    return found


def truth(_server: Server, options: argparse.Namespace) -> Iterator[Finding]:
    """The measure of `make bench`: ours has to be true, the others are beside
    it. Raises RunFailed where ours could not be measured."""
    cores = (options.server_core, options.client_core)
    measured = 0
    for found in comparisons(ready(list(TOOLS)), options.seconds, cores):
        if found.tool != OURS.name:
            continue
        measured += 1
        yield Finding(
            f"truth, {found.distribution}, {found.share:.0%} of the core:"
            " worst error / allowed",
            found.worst,
            "",
            1.0,
        )
    if measured < len(PATHS) * len(SHARES):
        raise RunFailed("some runs of ours failed")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.truth",
        description="Holds the tools' percentiles against the target's record.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    names = list(TOOLS)
    cores = sorted(os.sched_getaffinity(0))
    add = parser.add_argument
    add("--tools", nargs="+", choices=names, default=names, metavar="NAME")
    add("--seconds", type=int, default=SECONDS, help="measured, of each run")
    add("--server-core", type=int, default=cores[0])
    add("--client-core", type=int, default=cores[:2][-1])
    add("--json", type=Path, default=WORK / "truth.json")
    options = parser.parse_args(argv)
    if options.seconds < 1:
        parser.error("seconds are 1 or more")
    os.sched_setaffinity(0, {options.server_core})
    found = list(
        comparisons(
            ready(options.tools),
            options.seconds,
            (options.server_core, options.client_core),
        )
    )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps([asdict(each) for each in found], indent=1) + "\n"
    )
    print(f"\nEvery run: {os.path.relpath(options.json)}")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
