"""What molotarget costs as a server, next to nginx: processor time a request,
under the same load from wrk."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from bench.contenders import CONTENDERS, ROOT
from bench.measure import (
    Client,
    RunFailed,
    check_said,
    seconds_to_ask,
    steady_part,
    wait_for_load,
)
from bench.ratios import Middle, ratio_of_pairs
from bench.server import Server, nginx

CONNECTIONS = 100
WRK = CONTENDERS["wrk"]


class Target:
    """A molotarget that nobody has used yet, so that the connections it has
    counted are those that are open."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.process = process
        self._stats = HTTPConnection("127.0.0.1", port, timeout=30)

    def status(self) -> tuple[int, int]:
        self._stats.request("GET", "/stats")
        stats = json.load(self._stats.getresponse())
        return stats["requests"], stats["connections"]


@contextmanager
def molotarget(core: int, *options: str) -> Iterator[Target]:
    program = str(ROOT / "venv/bin/molotarget")
    process = subprocess.Popen(
        ["taskset", "-c", str(core), program, *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        port = urllib.parse.urlsplit(process.stdout.readline()).port
        if port is None:
            raise RunFailed("molotarget does not start")
        yield Target(port, process)
    finally:
        process.terminate()
        process.wait()


def _server_cpu_us(
    server: Server | Target, seconds: int, client_core: int
) -> float:
    """A request. Raises RunFailed."""
    asked = seconds_to_ask(CONNECTIONS, seconds)
    command = WRK.command(server.port, CONNECTIONS, asked)
    before, _ = server.status()
    with Client(command, client_core, asked) as client:
        wait_for_load(server, client, before, CONNECTIONS)
        pid = server.process.pid
        steady = steady_part(server, client, pid, seconds, asked)
        client.wait()
        check_said(WRK, client)
    return steady.cpu / steady.requests * 1e6


def target_over_nginx(
    pairs: int, seconds: int, server_core: int, client_core: int
) -> Middle:
    """Their processor time a request, each started anew for each run, in turns.
    Raises RunFailed."""
    if why := WRK.prepare():
        raise RunFailed(why)
    ours, theirs = [], []
    for _ in range(pairs):
        with molotarget(server_core) as target:
            ours.append(_server_cpu_us(target, seconds, client_core))
        with nginx(server_core, CONNECTIONS + 100) as server:
            theirs.append(_server_cpu_us(server, seconds, client_core))
    return ratio_of_pairs(ours, theirs)
