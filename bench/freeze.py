"""Who says it when a server freezes: 200 requests a second to a server that
answers after 5 ms, and is stopped for 2 of the 10 seconds.

    python3 -m bench.freeze [--tools NAME...]

Of requests that are timed from when they were due, one in five waits for the
server to go on, and the 99th percentile is close to 2 s. Who has a request's
clock begin when the one before it was answered sees ten slow ones.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.contenders import OUR_PROGRAM, SCENARIO, Command
from bench.measure import Client, RunFailed
from bench.target import Target, molotarget
from bench.truth_tools import FRACTIONS, TOOLS, Told, Tool, percentiles, program

RATE = 200
CONNECTIONS = 10
SECONDS = 10
SERVICE_SECONDS = 0.005
FREEZE_AT = 4.0
FREEZE_SECONDS = 2.0
HEAD = "  tool      requests" + "".join(f"{name:>12}" for name in FRACTIONS)


def truth() -> dict[str, float]:
    """The percentiles of requests that are due at the rate."""
    end = FREEZE_AT + FREEZE_SECONDS
    times = []
    for number in range(RATE * SECONDS):
        due = number / RATE
        answered = due + SERVICE_SECONDS
        # A delay runs from the arrival, be the server stopped or not.
        if FREEZE_AT < answered < end:
            answered = end
        times.append(answered - due)
    return percentiles(times)


def _ours_ready() -> str | None:
    if why := TOOLS["ours"].prepare():
        return why
    shown = subprocess.run(
        [str(OUR_PROGRAM), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if "--rate" in shown.stdout else "it has no --rate"


def _ours(url: str, _connections: int, seconds: int, folder: Path) -> Command:
    report = str(folder / "report.json")
    options = ["-c", "--rate", str(RATE), "-d", str(seconds)]
    return Command(
        [str(OUR_PROGRAM), *options, "--report", report, str(SCENARIO)],
        {"TARGET_URL": url},
    )


def _read_ours(_said: str, folder: Path) -> Told:
    """Response time, which begins when a request was due."""
    report = json.loads((folder / "report.json").read_text())
    times = report["all_requests"]["response_time_seconds"]
    return Told(times["count"], {name: times[name] for name in FRACTIONS})


def _hey(url: str, connections: int, seconds: int, _folder: Path) -> Command:
    paced = ["-q", str(RATE // connections), "-c", str(connections)]
    return Command(
        [program("hey"), "-z", f"{seconds}s", *paced, "-o", "csv", url]
    )


def _oha(url: str, connections: int, seconds: int, folder: Path) -> Command:
    paced = ["-q", str(RATE), "-c", str(connections), "--latency-correction"]
    output = ["--output-format", "json", "--output", str(folder / "oha.json")]
    return Command(
        [program("oha"), "-z", f"{seconds}s", *paced, *output, "--no-tui", url]
    )


def _vegeta(url: str, _connections: int, seconds: int, folder: Path) -> Command:
    targets = folder / "targets"
    targets.write_text(f"GET {url}\n")
    attack = [f"-rate={RATE}", f"-duration={seconds}s", f"-targets={targets}"]
    output = f"-output={folder / 'vegeta.bin'}"
    return Command([program("vegeta"), "attack", *attack, output])


def _locust(url: str, connections: int, seconds: int, folder: Path) -> Command:
    plain = TOOLS["Locust"].command(url, connections, seconds, folder)
    rate = {"TARGET_RATE": str(RATE / connections)}
    return Command(plain.arguments, {**plain.environment, **rate})


Commands = Callable[[str, int, int, Path], Command]
# Each as paced as it can be: wrk cannot.
PACED: dict[str, Commands] = {
    "hey": _hey,
    "oha": _oha,
    "vegeta": _vegeta,
    "Locust": _locust,
}
PACED_TOOLS: dict[str, Tool] = {
    "ours": replace(
        TOOLS["ours"], prepare=_ours_ready, command=_ours, read=_read_ours
    ),
    "wrk": TOOLS["wrk"],
    **{
        name: replace(TOOLS[name], command=command)
        for name, command in PACED.items()
    },
}


def _freeze(target: Target, client: Client) -> None:
    """Stops the target in the midst of a run, and lets it go on."""
    client.sleep_until(client.started + FREEZE_AT)
    os.kill(target.process.pid, signal.SIGSTOP)
    try:
        client.sleep_until(time.monotonic() + FREEZE_SECONDS)
    finally:
        os.kill(target.process.pid, signal.SIGCONT)


def measure(tool: Tool, cores: tuple[int, int]) -> Told:
    """What it says. Raises RunFailed."""
    server_core, client_core = cores
    with (
        tempfile.TemporaryDirectory(prefix="molotov-bench-") as name,
        molotarget(server_core) as target,
    ):
        folder = Path(name)
        url = f"{target.url}delay/{SERVICE_SECONDS * 1e3:g}"
        command = tool.command(url, CONNECTIONS, SECONDS, folder)
        with Client(command, client_core, SECONDS) as client:
            _freeze(target, client)
            client.wait()
            said = client.said()
        return tool.read(said, folder)


def row(name: str, count: int, seconds: dict[str, float]) -> str:
    figures = "".join(f"{value * 1e3:>9.1f} ms" for value in seconds.values())
    return f"  {name:<8}{count:>10,}{figures}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.freeze",
        description="Who says it when a server freezes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    names = list(PACED_TOOLS)
    cores = sorted(os.sched_getaffinity(0))
    add = parser.add_argument
    add("--tools", nargs="+", choices=names, default=names, metavar="NAME")
    add("--server-core", type=int, default=cores[0])
    add("--client-core", type=int, default=cores[:2][-1])
    options = parser.parse_args(argv)
    print(HEAD)
    print(row("truth", RATE * SECONDS, truth()), flush=True)
    complete = True
    for name in options.tools:
        tool = PACED_TOOLS[name]
        if why := tool.prepare():
            print(f"  {name:<8}left out: {why}")
            continue
        try:
            told = measure(tool, (options.server_core, options.client_core))
        except (RunFailed, OSError, KeyError, ValueError) as failure:
            print(f"  {name:<8}failed: {failure}")
            complete = False
            continue
        print(row(name, told.count, told.seconds), flush=True)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
