"""What the supervisor gave its load process: descriptors, and options.

The protocol is in docs/architecture.md, "The supervisor and the processes under
it".
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Levels of Board.request_stop().
STOP_GRACEFULLY = 1
STOP_AND_CANCEL = 2

# Seconds between two looks at the board, of whoever passes on a stop.
LOOK_EVERY = 0.05
# And those that pass at most before what was printed counts as read: somebody
# whom a script has left behind may go on printing for ever.
READ_WITHIN = 5.0

# Every option by its dest, so that scripts find each of them on `args`.
OPTION_DEFAULTS = {
    "scenario": "loadtest.py",
    "single_run": False,
    "single_mode": None,
    "config": None,
    "version": False,
    "debug": False,
    "verbose": 0,
    "workers": 1,
    "ramp_up": 0.0,
    "sizing": False,
    "sizing_tolerance": 5.0,
    "delay": 0.0,
    "console_update": 0.2,
    "processes": 1,
    "duration": 86400,
    "max_runs": None,
    "quiet": False,
    "exception": False,
    "fail": None,
    "console": False,
    "statsd": False,
    "statsd_address": "udp://localhost:8125",
    "uvloop": False,
    "use_extension": None,
    "force_shutdown": False,
    "connect_to": [],
    "cacert": None,
    "insecure": False,
    "dry_run": False,
    "fail_on_any": False,
    "grace": None,
    "summary": False,
    "report": None,
    "show_secrets": False,
    "rate": None,
    "arrival": "constant",
    "stages": None,
    "warmup": 0.0,
    "seed": None,
    "threshold": [],
    "abort_on_threshold": None,
}

NETWORK_OPTIONS = ("connect_to", "cacert", "insecure")


def network_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options that concern connections, as the engine takes them."""
    return {name: getattr(args, name) for name in NETWORK_OPTIONS}


@dataclass(frozen=True)
class Supervised:
    """The parsed protocol. The descriptors stay open until they are closed."""

    board: int
    wake: list[int]
    """An eventfd for each process that makes load."""
    stdout: list[int]
    """The pipe's writing end for each of them."""
    stderr: list[int]
    processes: int
    args: argparse.Namespace
    cacert_source: str = "argument --cacert"
    """Where its value comes from, as messages have it."""

    def wake_all(self) -> None:
        """Makes every process look at the board."""
        for fd in self.wake:
            with contextlib.suppress(BlockingIOError):  # woken already
                os.eventfd_write(fd, 1)

    def take_output(self, index: int) -> None:
        """Makes the pipes of a process this one's stdout and stderr."""
        os.dup2(self.stdout[index], 1)
        os.dup2(self.stderr[index], 2)

    def wait_until_read(self) -> None:
        """Until the supervisor has read what other processes have printed: what
        this one prints then comes after it. They have pipes of their own, which
        are read in no order."""
        end = time.monotonic() + READ_WITHIN
        while any(map(_has_unread, self._pipes())) and time.monotonic() < end:
            time.sleep(0.001)

    def close_output(self) -> None:
        """Closes all pipes but those on descriptors 1 and 2."""
        for fd in self._pipes():
            os.close(fd)

    def _pipes(self) -> set[int]:
        return {*self.stdout, *self.stderr} - {1, 2}


def _has_unread(pipe: int) -> bool:
    from fcntl import ioctl
    from termios import FIONREAD

    return int.from_bytes(ioctl(pipe, FIONREAD, bytes(4)), sys.byteorder) > 0


def read_protocol(text: str) -> Supervised:
    """Raises ValueError where the text is not what a supervisor writes."""
    try:
        given = json.loads(text)
        supervised = Supervised(
            board=given["board"],
            wake=given["wake"],
            stdout=given["stdout"],
            stderr=given["stderr"],
            processes=given["processes"],
            args=argparse.Namespace(**OPTION_DEFAULTS | given["options"]),
            cacert_source=given.get("cacert_source", "argument --cacert"),
        )
        lists = (supervised.wake, supervised.stdout, supervised.stderr)
        if any(len(fds) != supervised.processes for fds in lists):
            raise ValueError("not one descriptor for each process")
        _keep_from_programs(supervised)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(f"unusable supervisor protocol: {error!r}") from error
    return supervised


def _keep_from_programs(supervised: Supervised) -> None:
    """What a script starts does not inherit our descriptors."""
    fds: Iterable[int] = {
        supervised.board,
        *supervised.wake,
        *supervised.stdout,
        *supervised.stderr,
    }
    for fd in fds:
        if fd > 2:
            os.set_inheritable(fd, False)
