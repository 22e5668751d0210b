"""What one run of a client costs: processor time of its whole process tree,
from the kernel, over requests counted by the server.

Two figures come out of each run. The *steady* one is taken between two moments
while the load is on, so that the start of an interpreter is not divided among
the requests: at each moment the server's count is read and, right after it, the
processor time of every thread of the tree (/proc/PID/task/TID/schedstat,
nanoseconds). The *whole* one is everything from the client's start to its end,
its supervisor and its start-up included, as wait4 gives it.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.contenders import Command, Contender
from bench.server import Counting, Server

# A client ends this long after the seconds that are measured.
END_SECONDS = 0.5


def load_seconds(connections: int) -> float:
    """What a client may take to start and to open all of its connections."""
    return 1.4 + connections / 1000


class RunFailed(Exception):
    """The run gave no figures; its text says why."""


@dataclass(frozen=True)
class Moment:
    at: float
    requests: int
    cpu: float
    user: float

    def since(self, start: Moment) -> Moment:
        return Moment(
            self.at - start.at,
            self.requests - start.requests,
            self.cpu - start.cpu,
            self.user - start.user,
        )


@dataclass(frozen=True)
class Figures:
    contender: str
    connections: int
    connected: int  # connections open when the steady part began
    seconds: float
    requests: int
    requests_per_second: float
    cpu_us: float  # processor time a request, user and system, steady part
    user_us: float  # of it in user space, to the kernel's 10 ms
    busy: float  # share of its core that the client used, steady part
    whole_cpu_us: float  # the same over the whole run, from start to end


def tree_of(pid: int) -> list[int]:
    """The process and all its descendants, as far as they live."""
    found = [pid]
    for parent in found:
        # Any of these can end between two readings.
        with suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                with suppress(OSError):
                    children = (thread / "children").read_text()
                    found += [int(child) for child in children.split()]
    return found


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Processor time of all that lives of a tree: in all, and in user space."""
    total = user = 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    for process in tree_of(pid):
        folder = Path(f"/proc/{process}")
        with suppress(OSError):
            for thread in (folder / "task").iterdir():
                on_core = (thread / "schedstat").read_text().split()[0]
                total += int(on_core) * 1e-9
            after_name = (folder / "stat").read_text().rsplit(")", 1)[1]
            user += int(after_name.split()[11]) / ticks
    return total, user


def moment(server: Counting, pid: int) -> Moment:
    requests, _ = server.status()
    cpu, user = cpu_seconds(pid)
    return Moment(time.monotonic(), requests, cpu, user)


class Client:
    """A client that runs, pinned to a core. Ended, at the latest, with its
    context."""

    def __init__(self, command: Command, core: int, seconds: float) -> None:
        self._command = command
        self._core = core
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the client)
        self._deadline = time.monotonic() + seconds + 30
        self._ended = False
        self.started = time.monotonic()
        self.pid = self._start()

    def _start(self) -> int:
        process = subprocess.Popen(
            ["taskset", "-c", str(self._core), *self._command.arguments],
            env={**os.environ, **self._command.environment},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        process.returncode = (
            0  # waited for below, by wait4, which Popen does not offer
        )
        return process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._ended:
            for process in reversed(tree_of(self.pid)):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            os.wait4(self.pid, 0)
        self._output.close()

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def signal(self, number: int) -> None:
        for process in tree_of(self.pid):
            os.kill(process, number)

    def poll(self) -> resource.struct_rusage | None:
        """What it used, once it has ended."""
        pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        if pid == 0:
            if time.monotonic() > self._deadline:
                raise RunFailed("it did not end in time")
            return None
        self._ended = True
        if status:
            code = os.waitstatus_to_exitcode(status)
            raise RunFailed(f"it ended with {code}: {self.said()[-600:]}")
        return usage

    def wait(self) -> resource.struct_rusage:
        while (usage := self.poll()) is None:
            time.sleep(0.02)
        return usage

    def sleep_until(self, then: float) -> None:
        while (left := then - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
            if self.poll() is not None:
                raise RunFailed(f"it ended early: {self.said()[-600:]}")


def wait_for_load(
    server: Counting, client: Client, before: int, connections: int
) -> int:
    """Until all connections are open and used, as far as a slow client uses
    them in time; returns how many are open. Raises RunFailed where they are too
    few: what comes then is not this load yet."""
    bound = load_seconds(connections)
    until = client.started + bound
    while True:
        client.sleep_until(time.monotonic() + 0.05)
        requests, connected = server.status()
        late = time.monotonic() > until
        if connected < connections:
            if late:
                raise RunFailed(
                    f"{connected} of {connections} connections were open after"
                    f" {bound:.1f} s"
                )
        elif requests > before + (0 if late else 2 * connections):
            return connected


def check_said(contender: Contender, client: Client) -> None:
    said = client.said()
    if contender.must_say not in said or any(
        bad in said for bad in contender.must_not_say
    ):
        raise RunFailed(f"its own report is not as it should be: {said[-600:]}")


def seconds_to_ask(connections: int, seconds: int) -> int:
    """How long a client has to run for so many to be measured."""
    return math.ceil(seconds + load_seconds(connections) + END_SECONDS)


def steady_part(
    server: Counting, client: Client, pid: int, seconds: int, asked: int
) -> Moment:
    """What the process with this pid spends from now on, under the load of a
    client that was asked for so many seconds. Raises RunFailed."""
    start = moment(server, pid)
    # wrk and the floor count their time from their start: what is measured
    # ends before it.
    last = client.started + asked - 0.3
    client.sleep_until(min(start.at + seconds, last))
    steady = moment(server, pid).since(start)
    if steady.requests <= 0 or steady.at < seconds / 2:
        raise RunFailed(
            f"{steady.requests} requests in {steady.at:.1f} s are too few"
        )
    return steady


def run(
    server: Server,
    contender: Contender,
    connections: int,
    seconds: int,
    core: int,
) -> Figures:
    """Measures one run. Raises RunFailed."""
    asked = seconds_to_ask(connections, seconds)
    before, _ = server.status()
    with Client(
        contender.command(server.port, connections, asked), core, asked
    ) as client:
        connected = wait_for_load(server, client, before, connections)
        steady = steady_part(server, client, client.pid, seconds, asked)
        usage = client.wait()
        check_said(contender, client)
    after, _ = server.status()
    return Figures(
        contender=contender.name,
        connections=connections,
        connected=connected,
        seconds=steady.at,
        requests=steady.requests,
        requests_per_second=steady.requests / steady.at,
        cpu_us=steady.cpu / steady.requests * 1e6,
        user_us=steady.user / steady.requests * 1e6,
        busy=steady.cpu / steady.at,
        whole_cpu_us=(usage.ru_utime + usage.ru_stime) / (after - before) * 1e6,
    )


def settle(server: Counting) -> None:
    """Until the server has let go of the last client's connections."""
    for _ in range(500):
        if server.status()[1] <= 0:
            return
        time.sleep(0.02)
