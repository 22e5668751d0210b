"""A process that plays Python's part under the supervisor.

The tests of the command put a script named `python3` beside the binary; it
begins with `from player import *`. Nothing here needs the engine.
"""

from __future__ import annotations

import json
import mmap
import os
import select
import signal
import sys
import time
from pathlib import Path

from board import PHASES, Board

__all__ = [
    "CANCEL",
    "GRACEFUL",
    "Path",
    "Seat",
    "json",
    "os",
    "select",
    "signal",
    "sys",
    "time",
]

GRACEFUL, CANCEL = 1, 2


class Seat(Board):
    """What the supervisor gave us."""

    def __init__(self) -> None:
        given = json.loads(os.environ["MOLOTOV_SUPERVISED"])
        super().__init__(mmap.mmap(given["board"], 0))
        self.options = given["options"]
        self.wake = given["wake"]
        self.stdout = given["stdout"]
        self.stderr = given["stderr"]
        assert self.processes == given["processes"]

    def phase(self, name: str, index: int = 0) -> None:
        self.set("phase", PHASES.index(name), index)
        self.set(f"{name}_since_ns", time.monotonic_ns(), index)

    def begin(self, index: int = 0, workers: int = 1) -> None:
        """At its load."""
        self.set("pid", os.getpid(), index)
        self.set("workers_started", workers, index)
        self.phase("running", index)

    def play(self, succeeded: int = 0, failed: int = 0, index: int = 0) -> None:
        """A whole load."""
        self.begin(index)
        self.set("runs_succeeded", succeeded, index)
        self.set("runs_failed", failed, index)
        self.phase("finished", index)

    def report_exit(self, index: int, wait_status: int) -> None:
        """As the parent of forked processes does."""
        self.set("wait_status", wait_status, index)
        self.set("exited", 1, index)

    def wait_for_stop(self, level: int, index: int = 0) -> None:
        """As the engine does: woken, not polling."""
        while self.stop < level:
            select.select([self.wake[index]], [], [], 60)
            os.eventfd_read(self.wake[index])

    def fork(self, index: int) -> int:
        """A load process of several; 0 in the child, on its own pipes."""
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.dup2(self.stdout[index], 1)
            os.dup2(self.stderr[index], 2)
            self.close_output()
        return pid

    def close_output(self) -> None:
        for fd in self.stdout + self.stderr:
            os.close(fd)
