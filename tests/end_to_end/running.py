"""A command while it runs: what it printed so far, and its processes."""

import contextlib
import fcntl
import os
import pty
import re
import selectors
import signal
import subprocess
import termios
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from commands import (
    MARK,
    PATIENCE,
    PROGRAMS,
    Molotov,
    Result,
    default_signals,
    marked_pids,
    wait_until,
)
from results_table import split_results

# Far more than a busy machine takes to end, far less than what is waited for.
SOON = 20.0


def takes_less(limit: float, measure: Callable[[], float]) -> None:
    """One of ten tries has to take less than that many seconds: a busy machine
    makes some of them slow, a fault makes all of them."""
    seen = []
    while not seen or seen[-1] >= limit:
        assert len(seen) < 10, f"at least {limit} s each time: {seen}"
        seen.append(measure())


class Running:
    """A started command. It and all that it started carry a mark, so that what
    is left behind is found."""

    def __init__(
        self,
        folder: Path,
        arguments: tuple[str, ...],
        *,
        terminal: bool = False,
        environment: dict[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self._mark = uuid.uuid4().hex
        self._reading = selectors.DefaultSelector()
        self._texts = [bytearray(), bytearray()]
        ours = theirs = subprocess.PIPE
        if terminal:
            ours, theirs = pty.openpty()
            be_silent(theirs)

        def prepare() -> None:
            default_signals()
            if terminal:
                fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            if before is not None:
                before()

        self.process = subprocess.Popen(
            [PROGRAMS / "molotov", *arguments],
            cwd=folder,
            env=os.environ | (environment or {}) | {MARK: self._mark},
            stdin=theirs if terminal else subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            start_new_session=terminal,
            preexec_fn=prepare,
            bufsize=0,
        )
        if terminal:
            os.close(theirs)
            self._fds = [ours]
        else:
            assert self.process.stdout is not None
            assert self.process.stderr is not None
            self._fds = [
                self.process.stdout.fileno(),
                self.process.stderr.fileno(),
            ]
        for index, fd in enumerate(self._fds):
            self._reading.register(fd, selectors.EVENT_READ, index)
        self.terminal = ours if terminal else None

    @property
    def stdout(self) -> str:
        return self._texts[0].decode("utf-8")

    @property
    def stderr(self) -> str:
        return self._texts[1].decode("utf-8")

    def wait_for(self, text: str, times: int = 1) -> None:
        """Reads until that was printed so many times on stdout."""
        self._read(lambda: self.stdout.count(text) >= times)

    def wait_for_error(self, text: str) -> None:
        """Reads until that was printed on stderr."""
        self._read(lambda: text in self.stderr)

    def find(self, pattern: str) -> list[str]:
        return re.findall(pattern, self.stdout, re.M)

    def _read(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            left = deadline - time.monotonic()
            assert left > 0, self.shown()
            assert self._reading.get_map(), self.shown()
            for key, _ in self._reading.select(left):
                self._read_piece(key.fd, key.data)

    def _read_piece(self, fd: int, index: int) -> None:
        try:
            piece = os.read(fd, 1 << 16)
        except OSError:  # a terminal whose other end is closed
            piece = b""
        if not piece:
            self._reading.unregister(fd)
        self._texts[index] += piece

    def shown(self) -> str:
        return f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"

    def stop_reading(self) -> None:
        """As a reader that goes away does."""
        assert self.process.stdout is not None
        self._reading.unregister(self._fds[0])
        self.process.stdout.close()

    def send(self, number: signal.Signals) -> None:
        """Sends it, until it is taken: of two that wait, one would be lost."""
        os.kill(self.process.pid, number)
        wait_until(lambda: not still_waits(self.process.pid, number))

    def others(self) -> list[int]:
        """All processes that the command has started and that still run."""
        return [p for p in self.all_pids() if p != self.process.pid]

    def all_pids(self) -> list[int]:
        return marked_pids(self._mark)

    def finish(self) -> Result:
        """Reads all; after that nothing may be left behind."""
        self._read(lambda: not self._reading.get_map())
        status = self.process.wait(PATIENCE)
        wait_until(lambda: not self.all_pids())
        stdout, table = split_results(self.stdout)
        return Result(status, stdout, self.stderr, table)

    def finish_within(self, seconds: float) -> Result:
        begin = time.monotonic()
        result = self.finish()
        assert time.monotonic() - begin < seconds, self.shown()
        return result

    def expect_no_end(self, seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
            raise AssertionError(f"it has ended\n{self.shown()}")

    def end(self) -> None:
        """Ends what a failed test has left."""
        for pid in self.all_pids():
            os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        if self.terminal is not None:
            os.close(self.terminal)


def still_waits(pid: int, number: signal.Signals) -> bool:
    """Whether that signal has been sent to the process and not taken yet."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    pending = int(fields["ShdPnd"], 16) >> (number - 1) & 1
    return bool(pending) and not fields["State"].startswith(("Z", "X"))


def be_silent(terminal: int) -> None:
    """Keys are not shown, and lines end as they are printed."""
    modes = termios.tcgetattr(terminal)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, modes)


@contextmanager
def running(
    molotov: Molotov, script: str, *arguments: str, **how: object
) -> Iterator[Running]:
    """The command, started on that script."""
    molotov.write(script)
    command = Running(molotov.folder, arguments, **how)  # type: ignore[arg-type]
    try:
        yield command
    finally:
        command.end()
