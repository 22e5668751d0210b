"""The tools whose percentiles are held against the target's record: how each
is run against a URL, and where it says its figures."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import OUR_PROGRAM, OURS, ROOT, SCENARIO, WORK, Command
from bench.measure import RunFailed

FRACTIONS = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
LOCUST = WORK / "venv-locust"
LOCUST_VERSION = "locust>=2.20,<3"  # with --json


@dataclass(frozen=True)
class Told:
    """What a tool says of its run."""

    count: int  # of the requests that its percentiles are of
    seconds: dict[str, float]  # by the names in FRACTIONS


@dataclass(frozen=True)
class Tool:
    name: str
    # Makes it ready where it is not; returns why it cannot be had, or None.
    prepare: Callable[[], str | None]
    # The command that loads a URL over so many connections for so many seconds
    # and may leave files in a folder.
    command: Callable[[str, int, int, Path], Command]
    # Its figures, from its output and that folder.
    read: Callable[[str, Path], Told]


def nearest_rank(fraction: float, count: int) -> int:
    """The index of a percentile among `count` sorted values: of the smallest
    that so large a part of all are not above."""
    # In thousandths, which a percentile of FRACTIONS is exactly.
    return max(-(-round(fraction * 1000) * count // 1000), 1) - 1


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Of values in any order."""
    ordered = sorted(values)
    return {
        name: ordered[nearest_rank(fraction, len(ordered))]
        for name, fraction in FRACTIONS.items()
    }


def _installed(name: str, where: str) -> Callable[[], str | None]:
    def ready() -> str | None:
        return None if tool_path(name) else f"{name} is not installed ({where})"

    return ready


def tool_path(name: str) -> str | None:
    """Where a tool is: on the PATH, or in .bench/tools."""
    return shutil.which(name) or shutil.which(name, path=str(WORK / "tools"))


def program(name: str) -> str:
    """Its path, or its bare name where it is not installed."""
    return tool_path(name) or name


def _our_command(
    url: str, connections: int, seconds: int, folder: Path
) -> Command:
    report = str(folder / "report.json")
    options = ["-c", "-w", str(connections), "-d", str(seconds)]
    return Command(
        [str(OUR_PROGRAM), *options, "--report", report, str(SCENARIO)],
        {"TARGET_URL": url},
    )


def _read_ours(_said: str, folder: Path) -> Told:
    """Server time, from --report."""
    report = json.loads((folder / "report.json").read_text())
    times = report["all_requests"]["server_time_seconds"]
    return Told(times["count"], {name: times[name] for name in FRACTIONS})


def _wrk_command(
    url: str, connections: int, seconds: int, _folder: Path
) -> Command:
    script = str(ROOT / "bench/percentiles.lua")
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    return Command(["wrk", *options, "--latency", "-s", script, url])


def _read_wrk(said: str, _folder: Path) -> Told:
    for line in said.splitlines():
        if line.startswith("PERCENTILES "):
            count, *microseconds = (int(word) for word in line.split()[1:])
            return Told(
                count,
                {
                    name: value / 1e6
                    for name, value in zip(FRACTIONS, microseconds, strict=True)
                },
            )
    raise RunFailed(f"wrk says no percentiles: {said[-400:]}")


def _hey_command(
    url: str, connections: int, seconds: int, _folder: Path
) -> Command:
    options = ["-z", f"{seconds}s", "-c", str(connections), "-o", "csv"]
    return Command([program("hey"), "-cpus", "1", *options, url])


def _read_hey(said: str, _folder: Path) -> Told:
    """From its line for each request, since its summary has no 99.9 %."""
    lines = said[said.index("response-time") :].splitlines()
    times = [float(row["response-time"]) for row in csv.DictReader(lines)]
    return Told(len(times), percentiles(times))


def _oha_command(
    url: str, connections: int, seconds: int, folder: Path
) -> Command:
    options = ["-z", f"{seconds}s", "-c", str(connections), "--no-tui"]
    output = ["--output-format", "json", "--output", str(folder / "oha.json")]
    return Command([program("oha"), *options, *output, url])


def _read_oha(_said: str, folder: Path) -> Told:
    report = json.loads((folder / "oha.json").read_text())
    found = report["latencyPercentiles"]
    return Told(
        sum(report["statusCodeDistribution"].values()),
        {name: found[name] for name in FRACTIONS},
    )


def _vegeta_command(
    url: str, connections: int, seconds: int, folder: Path
) -> Command:
    """As fast as so many workers go, each over a connection: a closed model, as
    that of the others."""
    targets = folder / "targets"
    targets.write_text(f"GET {url}\n")
    workers = [f"-workers={connections}", f"-max-workers={connections}"]
    return Command(
        [
            *(program("vegeta"), "attack", "-rate=0", f"-duration={seconds}s"),
            *(*workers, f"-connections={connections}", f"-targets={targets}"),
            f"-output={folder / 'vegeta.bin'}",
        ]
    )


def _read_vegeta(_said: str, folder: Path) -> Told:
    """From its record of each request, since its report has no 99.9 %."""
    encode = [program("vegeta"), "encode", "-to", "csv"]
    done = subprocess.run(
        [*encode, str(folder / "vegeta.bin")],
        capture_output=True,
        text=True,
        check=True,
    )
    times = [int(row[2]) / 1e9 for row in csv.reader(done.stdout.splitlines())]
    return Told(len(times), percentiles(times))


def _locust_ready() -> str | None:
    if (LOCUST / ".ready").exists():
        return None
    shutil.rmtree(LOCUST, ignore_errors=True)
    pip = [str(LOCUST / "bin/python"), "-m", "pip", "install", "--quiet"]
    for step in (
        [sys.executable, "-m", "venv", str(LOCUST)],
        [*pip, LOCUST_VERSION],
    ):
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"could not install it: {done.stderr.strip()[-400:]}"
    (LOCUST / ".ready").touch()
    return None


def _locust_command(
    url: str, connections: int, seconds: int, _folder: Path
) -> Command:
    parts = urllib.parse.urlsplit(url)
    users = ["-u", str(connections), "-r", str(connections)]
    return Command(
        [
            *(str(LOCUST / "bin/locust"), "--headless", "--json"),
            *("-f", str(ROOT / "bench/locust_get.py"), *users),
            *("-t", f"{seconds}s", "-H", f"{parts.scheme}://{parts.netloc}"),
        ],
        {"TARGET_PATH": parts.path},
    )


def _read_locust(said: str, _folder: Path) -> Told:
    """From its counts of each rounded time, which its percentiles are of; its
    table has them rounded further."""
    report = said[said.index("\n[\n") : said.rindex("\n]") + 2]
    times = []
    for entry in json.loads(report):
        for milliseconds, count in entry["response_times"].items():
            times += [float(milliseconds) / 1e3] * count
    return Told(len(times), percentiles(times))


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(OURS.name, OURS.prepare, _our_command, _read_ours),
        Tool("wrk", _installed("wrk", "Debian: wrk"), _wrk_command, _read_wrk),
        Tool("hey", _installed("hey", "Debian: hey"), _hey_command, _read_hey),
        Tool(
            "oha",
            _installed("oha", "cargo install oha --root .bench; or a release"),
            _oha_command,
            _read_oha,
        ),
        Tool(
            "vegeta",
            _installed(
                "vegeta",
                f"GOBIN={os.path.relpath(WORK / 'tools')}"
                " go install github.com/tsenart/vegeta/v12@latest",
            ),
            _vegeta_command,
            _read_vegeta,
        ),
        Tool("Locust", _locust_ready, _locust_command, _read_locust),
    )
}
