"""Resident memory of the process that makes the load, from the kernel."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.contenders import OURS, ROOT, Command
from bench.measure import (
    Client,
    RunFailed,
    check_said,
    load_seconds,
    settle,
    tree_of,
)
from bench.server import Server
from bench.target import Target, molotarget

PROGRAM = str(ROOT / "venv/bin/molotov")
LONG_RUN_WORKERS = 100


def resident_kib(smaps_rollup: str) -> list[int]:
    """Of each of the files of that name whose text this is."""
    return [
        int(kib) for kib in re.findall(r"^Rss: +(\d+) kB", smaps_rollup, re.M)
    ]


def _load_process(client: Client) -> int:
    """The one under the supervisor."""
    tree = tree_of(client.pid)
    if len(tree) != 2:
        raise RunFailed(
            f"{len(tree)} processes where a load process and its "
            "supervisor should be"
        )
    return tree[1]


def _wait_until_idle(
    server: Server | Target, client: Client, before: int, workers: int
) -> None:
    until = client.started + load_seconds(workers)
    while True:
        requests, connected = server.status()
        if requests - before >= workers and connected >= workers:
            return
        if time.monotonic() > until:
            raise RunFailed(f"{connected} of {workers} workers are connected")
        client.sleep_until(time.monotonic() + 0.05)


def idle_kib(
    server: Server | Target,
    workers: int,
    core: int,
    scenario: str = "idle.py",
    environment: Mapping[str, str] | None = None,
) -> int:
    """With so many workers, each of which has made a request and waits. Raises
    RunFailed."""
    settle(server)
    before, _ = server.status()
    options = ["-c", "-w", str(workers), str(ROOT / "bench" / scenario)]
    command = Command(
        [PROGRAM, *options], {"TARGET_URL": server.url, **(environment or {})}
    )
    with Client(command, core, 60) as client:
        _wait_until_idle(server, client, before, workers)
        rollup = Path(f"/proc/{_load_process(client)}/smaps_rollup")
        seen = [0]
        # The last answers may still be on their way.
        while len(seen) < 4 or len(set(seen[-3:])) > 1:
            client.sleep_until(time.monotonic() + 0.1)
            seen += resident_kib(rollup.read_text())
        requests, connected = server.status()
    if (requests - before, connected) != (workers, workers):
        raise RunFailed(
            f"{workers} workers made {requests - before} requests and keep "
            f"{connected} connections"
        )
    return seen[-1]


def further_worker_kib(server: Server, few: int, many: int, core: int) -> float:
    """What a further idle worker takes. Raises RunFailed."""
    less, more = (idle_kib(server, workers, core) for workers in (few, many))
    return (more - less) / (many - few)


def further_websocket_kib(
    few: int, many: int, compress: int, server_core: int, core: int
) -> float:
    """What a further idle worker takes that has a WebSocket open. Raises
    RunFailed."""
    found = []
    for workers in (few, many):
        with molotarget(server_core) as target:
            found.append(
                idle_kib(
                    target,
                    workers,
                    core,
                    "idle_websocket.py",
                    {"COMPRESS": str(compress)},
                )
            )
    return (found[1] - found[0]) / (many - few)


def growth_kib(server: Server, requests: int, core: int) -> int:
    """From the tenth part of so many requests to their end. Raises
    RunFailed."""
    settle(server)
    runs = requests // LONG_RUN_WORKERS
    options = ["-c", "-w", str(LONG_RUN_WORKERS), "-r", str(runs)]
    with tempfile.NamedTemporaryFile("r") as log:
        command = Command(
            [PROGRAM, *options, str(ROOT / "bench/long_run.py")],
            {
                "TARGET_URL": server.url,
                "LONG_RUN_REQUESTS": str(runs * LONG_RUN_WORKERS),
                "LONG_RUN_LOG": log.name,
            },
        )
        with Client(command, core, 60 + requests / 1000) as client:
            client.wait()
            check_said(OURS, client)
        resident = resident_kib(log.read())
    if len(resident) != 2:
        raise RunFailed(f"it wrote its memory down {len(resident)} times")
    return resident[1] - resident[0]
