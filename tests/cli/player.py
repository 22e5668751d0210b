"""A process that plays Python's part under the supervisor.

The tests of the command put a script named `python3` beside the binary; it
begins with `from player import *`. What it does with the board goes by the
layout in src/metrics/board.h, so that nothing here needs the engine.
"""

from __future__ import annotations

import json
import mmap
import os
import select
import signal
import struct
import sys
import time
from pathlib import Path

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
PHASES = ["starting", "preparing", "running", "ending", "finished"]
COUNTERS = [
    "pid",
    "phase",
    "workers_started",
    "workers_running",
    "workers_died",
    "runs_succeeded",
    "runs_failed",
    "runs_cancelled",
    "setups_failed",
    "session_setups_failed",
    "teardowns_failed",
]
EXITED_FROM_END = 16  # the part's last two counters: exited, wait_status
MAGIC = 0x6472616F624C4D33
LAYOUT = 1  # the version of the board that this knows
SHARED_AT = 24
FAILURES_AT = SHARED_AT + 16
FAILURE_BYTES = 24 + 160


class Seat:
    """What the supervisor gave us."""

    def __init__(self) -> None:
        given = json.loads(os.environ["MOLOTOV_SUPERVISED"])
        self.options = given["options"]
        self.wake = given["wake"]
        self.stdout = given["stdout"]
        self.stderr = given["stderr"]
        self.processes = given["processes"]
        self._memory = mmap.mmap(given["board"], 0)
        magic, version, self._part_bytes, processes = struct.unpack_from(
            "=QIIQ", self._memory
        )
        assert (magic, version) == (MAGIC, LAYOUT)
        assert processes == self.processes

    def _at(self, name: str, index: int) -> int:
        parts = len(self._memory) - self.processes * self._part_bytes
        part = parts + index * self._part_bytes
        return part + 8 * COUNTERS.index(name)

    def set(self, name: str, value: int, index: int = 0) -> None:
        struct.pack_into("=Q", self._memory, self._at(name, index), value)

    def phase(self, name: str, index: int = 0) -> None:
        self.set("phase", PHASES.index(name), index)

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

    @property
    def stop(self) -> int:
        return int(struct.unpack_from("=I", self._memory, SHARED_AT)[0])

    @stop.setter
    def stop(self, level: int) -> None:
        struct.pack_into("=I", self._memory, SHARED_AT, level)

    def script_exit(self, code: int) -> None:
        struct.pack_into("=I", self._memory, SHARED_AT + 8, 1 + code)

    def failures(self, place: int, text: bytes, count: int) -> None:
        at = FAILURES_AT + place * FAILURE_BYTES
        struct.pack_into("=QQQ", self._memory, at, 7, count, len(text))
        self._memory[at + 24 : at + 24 + len(text)] = text

    def report_exit(self, index: int, wait_status: int) -> None:
        """As the parent of forked processes does; EXITED_AT is tested there."""
        at = self._exited_at(index)
        struct.pack_into("=QQ", self._memory, at, 0, wait_status)
        struct.pack_into("=Q", self._memory, at, 1)

    def _exited_at(self, index: int) -> int:
        # latency lies between: Histogram of 4 + 4096 cells, after 17 counters
        # and 12 kinds of errors.
        counters_before = 16 + 12 + 4 + 4096
        return self._at("pid", index) + 8 * counters_before

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
