"""The board by the layout in src/metrics/board.h, so that no test needs the
engine to read or to write it."""

from __future__ import annotations

import struct

MAGIC = 0x6472616F624C4D33
LAYOUT = 4  # the version of the board that this knows
PHASES = ["starting", "preparing", "running", "ending", "finished"]

# One process' part, in cells of 8 bytes.
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
    "requests",
    "http_errors",
    "bytes_sent",
    "bytes_received",
    "unstamped",
]
ERRORS = [
    "dns",
    "refused",
    "unreachable",
    "connect",
    "tls",
    "reset",
    "disconnected",
    "truncated",
    "malformed",
    "timeout",
    "cancelled",
    "other",
]
OF_LOAD = [
    "warmup_succeeded",
    "warmup_failed",
    "warmup_cancelled",
    "warmup_requests",
    "measure_from_ns",
    "starts",
    "late_starts",
    "cap_reached",
    "starts_missed",
    "at_start_line",
    "start_delay_sum_ns",
]
AFTER_COUNTERS = len(COUNTERS)
AFTER_ERRORS = AFTER_COUNTERS + len(ERRORS)
AFTER_PHASES = AFTER_ERRORS + 3 + len(PHASES)
CELLS = {
    **{name: cell for cell, name in enumerate(COUNTERS)},
    **{name: AFTER_COUNTERS + cell for cell, name in enumerate(ERRORS)},
    "exited": AFTER_ERRORS,
    "wait_status": AFTER_ERRORS + 1,
    "ends_at_ns": AFTER_ERRORS + 2,
    **{
        f"{name}_since_ns": AFTER_ERRORS + 3 + cell
        for cell, name in enumerate(PHASES)
    },
    **{name: AFTER_PHASES + cell for cell, name in enumerate(OF_LOAD)},
}

SHARED_AT = 32
SCRIPT_EXIT_AT = SHARED_AT + 8
FAILURES_AT = SHARED_AT + 16
FAILURE_BYTES = 24 + 160
FAILURE_KINDS = 512
PAGE_BYTES = 4096
# The head is padded to whole pages.
HEAD_BYTES = FAILURES_AT + FAILURE_KINDS * FAILURE_BYTES + 8
PARTS_AT = -(-HEAD_BYTES // PAGE_BYTES) * PAGE_BYTES


class Board:
    """Over the memory, or a copy of it, which need not have what is behind the
    processes' parts."""

    # A bytearray or a mmap; what they have in common has no name before 3.12.
    def __init__(self, memory) -> None:
        self._memory = memory
        magic, version, self._part_bytes, self.processes = struct.unpack_from(
            "=QIIQ", memory
        )
        assert (magic, version) == (MAGIC, LAYOUT)

    def _at(self, name: str, index: int) -> int:
        return PARTS_AT + index * self._part_bytes + 8 * CELLS[name]

    def get(self, name: str, index: int) -> int:
        at = self._at(name, index)
        return int(struct.unpack_from("=Q", self._memory, at)[0])

    def set(self, name: str, value: int, index: int = 0) -> None:
        struct.pack_into("=Q", self._memory, self._at(name, index), value)

    def total(self, name: str) -> int:
        """Of all processes."""
        return sum(self.get(name, index) for index in range(self.processes))

    @property
    def stop(self) -> int:
        return int(struct.unpack_from("=I", self._memory, SHARED_AT)[0])

    @stop.setter
    def stop(self, level: int) -> None:
        struct.pack_into("=I", self._memory, SHARED_AT, level)

    def script_exit(self, code: int) -> None:
        struct.pack_into("=I", self._memory, SCRIPT_EXIT_AT, 1 + code)

    def failures(self, place: int, text: bytes, count: int) -> None:
        at = FAILURES_AT + place * FAILURE_BYTES
        struct.pack_into("=QQQ", self._memory, at, 7, count, len(text))
        self._memory[at + 24 : at + 24 + len(text)] = text
