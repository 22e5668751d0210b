"""Forks the processes that make load, and waits for them.

Nothing may have been made before that a fork does not survive: no epoll
descriptor, no DNS channel, no thread, no asyncio loop.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from molotov.supervised import LOOK_EVERY, Supervised

_PR_SET_PDEATHSIG = 1


def dying_with_parent(number: int) -> Callable[[], object]:
    """A function for a new process to call: it gets that signal when the one
    that runs now dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before that
            os._exit(1)

    return arrange


def fork_all(supervised: Supervised, load: Callable[[int], int]) -> list[int]:
    """Forks a process for each part of the board, which exits with what
    ``load(index)`` returns. Returns their pids."""
    arrange = dying_with_parent(signal.SIGKILL)
    flush()
    pids = []
    for index in range(supervised.processes):
        pid = os.fork()
        if pid == 0:
            arrange()
            _be_child(supervised, index, load)
        pids.append(pid)
    return pids


def _be_child(
    supervised: Supervised, index: int, load: Callable[[int], int]
) -> NoReturn:
    status = 1
    try:
        supervised.take_output(index)
        supervised.close_output()
        status = load(index)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    leave_at_once(status)


def wait_for_all(
    pids: list[int],
    on_exit: Callable[[int, int], None],
    look: Callable[[], None] | None = None,
) -> int:
    """Waits, and tells as soon as one has ended: ``on_exit(index, status)``,
    the status as os.waitpid gives it. Meanwhile ``look()`` is called often.

    Returns 1 when one said that a fixture had failed, otherwise 0. Only our own
    processes are waited for: a script may have its own.
    """
    status = 0
    poll = select.poll()
    waiting = {}
    for index, pid in enumerate(pids):
        pidfd = os.pidfd_open(pid)
        waiting[pidfd] = index
        poll.register(pidfd, select.POLLIN)
    while waiting:
        for pidfd, _ in poll.poll(None if look is None else LOOK_EVERY * 1000):
            index = waiting.pop(pidfd)
            poll.unregister(pidfd)
            os.close(pidfd)
            _, wait_status = os.waitpid(pids[index], 0)
            on_exit(index, wait_status)
            if wait_status == 1 << 8:
                status = 1
        if look is not None:
            look()
    return status


def flush() -> None:
    """Writes out what Python has buffered."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def leave_at_once(status: int) -> NoReturn:
    """Ends this process without waiting for its threads."""
    flush()
    os._exit(status)
