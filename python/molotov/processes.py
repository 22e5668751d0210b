"""Forks the processes that make load, and waits for them.

Nothing may have been made before that a fork does not survive: no epoll
descriptor, no DNS channel, no thread, no asyncio loop.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from molotov.current_workers import workers_told
from molotov.listeners import EventSender
from molotov.load_process import call_often, end_the_rest
from molotov.supervised import STOP_AND_CANCEL, Supervised

if TYPE_CHECKING:
    from molotov._engine import Board

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


class Children:
    """The forked processes, of which the board has a part each.

    Only our own processes are waited for: a script may have its own.
    """

    def __init__(
        self,
        pids: list[int],
        board: "Board",
        on_exit: Callable[[int, int], None],
        look: Callable[[], None] | None = None,
    ) -> None:
        """``on_exit(index, status)`` is told as soon as one has ended, the
        status as os.waitpid gives it; meanwhile ``look()`` is called often."""
        self._pids = list(pids)
        self._board = board
        self._on_exit = on_exit
        self._running = {os.pidfd_open(pid): i for i, pid in enumerate(pids)}
        self._fixture_failed = False
        # Not made the current one: that is the script's, in global_teardown.
        self._loop = asyncio.new_event_loop()
        for pidfd in self._running:
            self._loop.add_reader(pidfd, self._on_end, pidfd)
        if look is not None:
            call_often(self._loop, look)

    def wait(self, events: EventSender) -> int:
        """Waits for all to end, and tells listeners how many workers they have.

        Returns 1 when one said that a fixture had failed, otherwise 0.
        SystemExit of a listener passes through, also before they have ended.
        """
        with workers_told(self._loop, events, self._board):
            while self._running:  # a listener may stop the loop
                self._loop.run_forever()
        if self._board.stop_level() < STOP_AND_CANCEL:
            self._loop.run_until_complete(end_the_rest(self._loop))
        return int(self._fixture_failed)

    def _on_end(self, pidfd: int) -> None:
        self._loop.remove_reader(pidfd)
        os.close(pidfd)
        index = self._running.pop(pidfd)
        _, wait_status = os.waitpid(self._pids[index], 0)
        self._on_exit(index, wait_status)
        if wait_status == 1 << 8:
            self._fixture_failed = True
        if not self._running:
            self._loop.stop()


def flush() -> None:
    """Writes out what Python has buffered."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def leave_at_once(status: int) -> NoReturn:
    """Ends this process without waiting for its threads."""
    flush()
    os._exit(status)
