"""System calls a request, which repeat exactly."""

from __future__ import annotations

import math
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.contenders import Contender
from bench.measure import (
    Client,
    RunFailed,
    load_seconds,
    tree_of,
    wait_for_load,
)
from bench.server import Server


def parse_strace(table: str) -> dict[str, int]:
    """Calls by name, of the table that `strace -c` writes."""
    calls = {}
    for line in table.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
            calls[fields[-1]] = int(fields[3])
    return calls


def drained(server: Server) -> int:
    """The server's count, once it stands still."""
    count, _ = server.status()
    while True:
        time.sleep(0.05)
        before, (count, _) = count, server.status()
        if before == count:
            return count


def system_calls(
    server: Server,
    contender: Contender,
    connections: int,
    seconds: int,
    core: int,
) -> dict[str, float]:
    """Calls by name, a request, in the steady state: strace is put on the
    running client, which is stopped while that happens and while the server's
    count is read. Raises RunFailed."""
    asked = 2 * seconds + 4 + math.ceil(load_seconds(connections))
    before, _ = server.status()
    command = contender.command(server.port, connections, asked)
    with (
        Client(command, core, asked) as client,
        tempfile.NamedTemporaryFile("r") as table,
    ):
        wait_for_load(server, client, before, connections)
        client.signal(signal.SIGSTOP)
        start = drained(server)
        processes = [f"--attach={pid}" for pid in tree_of(client.pid)]
        tracer = subprocess.Popen(
            ["strace", "-c", "-f", "-o", table.name, *processes],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert tracer.stderr
            if "attached" not in (said := tracer.stderr.readline()):
                raise RunFailed(
                    f"strace cannot be put on the client: {said.strip()}"
                )
            client.signal(signal.SIGCONT)
            client.sleep_until(time.monotonic() + seconds)
            client.signal(signal.SIGSTOP)
            requests = drained(server) - start
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait()
        client.signal(signal.SIGCONT)
        calls = parse_strace(Path(table.name).read_text())
    if requests <= 0 or not calls:
        raise RunFailed("nothing was counted under strace")
    return {name: count / requests for name, count in calls.items()}
