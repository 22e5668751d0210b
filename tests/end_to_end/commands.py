"""The installed command, run on scripts."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from results_table import split_results

# Where the programs of the environment under test are.
PROGRAMS = Path(os.environ.get("MOLOTOV_PROGRAMS", Path(sys.executable).parent))
BANNER = "**** Molotov v3.0. Happy breaking! ****"
BYE = "*** Bye ***"
PATIENCE = 120  # seconds; only a hang takes them
# In the environment of a command, and so of all that it starts.
MARK = "MOLOTOV_TEST_MARK"


@dataclass
class Result:
    """How a command ended, and what it had printed; its table of results by
    itself."""

    status: int
    stdout: str
    stderr: str
    table: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


def default_signals() -> None:
    """A command started from a test answers to Ctrl+C as in a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def marked_pids(mark: str) -> list[int]:
    """The processes that have MARK with this value."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if (
                folder.name.isdigit()
                and wanted in (folder / "environ").read_bytes()
            ):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def run(folder: Path, *command: str | Path, typed: str = "") -> Result:
    """Runs a command to its end; after that nothing may be left behind."""
    mark = uuid.uuid4().hex
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | {MARK: mark},
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        preexec_fn=default_signals,
    )
    wait_until(lambda: not marked_pids(mark))
    stdout, table = split_results(done.stdout)
    return Result(done.returncode, stdout, done.stderr, table)


@contextmanager
def tls_target(*arguments: str) -> Iterator[tuple[str, Path]]:
    """A molotarget's URL, and the file of the authority that it has made."""
    with subprocess.Popen(
        [PROGRAMS / "molotarget", "--port", "0", "--tls", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        authority = server.stdout.readline().strip()
        url = server.stdout.readline().strip().rstrip("/")
        try:
            yield url, Path(authority.removeprefix("authority: "))
        finally:
            server.terminate()


class Molotov:
    """The command, in a folder with a script."""

    def __init__(self, folder: Path, target: str) -> None:
        self.folder = folder
        self._target = target

    def write(self, script: str) -> Path:
        """Writes loadtest.py; in it, URL is the target's."""
        path = self.folder / "loadtest.py"
        body = textwrap.dedent(script)
        header = (
            "import asyncio, os, signal, sys, time\n"
            "import molotov\n"
            "from molotov import *\n"
            f"URL = {self._target!r}\n"
        )
        path.write_text(header + body, encoding="utf-8")
        return path

    def __call__(self, script: str, *arguments: str) -> Result:
        """Runs the command on that script."""
        self.write(script)
        return run(self.folder, PROGRAMS / "molotov", *arguments)

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """As calling it, without waiting for its end."""
        self.write(script)
        return subprocess.Popen(
            [PROGRAMS / "molotov", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=default_signals,
        )
