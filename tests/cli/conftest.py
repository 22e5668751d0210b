"""The command, with a player in Python's place (player.py)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent / "shared"
TIMEOUT = 60.0


def find_molotov() -> Path:
    """In $MOLOTOV_PROGRAMS, or beside the interpreter of these tests."""
    folder = os.environ.get("MOLOTOV_PROGRAMS", Path(sys.executable).parent)
    return Path(folder, "molotov").resolve()


class Command:
    """The binary in a directory of its own, with a script as its Python."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.program = directory / "molotov"
        self.program.symlink_to(find_molotov())
        self._started: list[subprocess.Popen[str]] = []

    def plays(self, *pieces: str) -> None:
        """What the process does; `seat` is there."""
        python = self.directory / "python3"
        python.write_text(
            f"#!{sys.executable}\n"
            f"import sys; sys.path[:0] = [{str(HERE)!r}, {str(SHARED)!r}]\n"
            "from player import *\n"
            "seat = Seat()\n"
            + "\n".join(textwrap.dedent(piece) for piece in pieces)
        )
        python.chmod(0o755)

    def start(self, *arguments: str, **how: object) -> subprocess.Popen[str]:
        settings: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "cwd": self.directory,
        }
        process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]
            [str(self.program), *arguments], **(settings | how)
        )
        self._started.append(process)
        return process

    def run(
        self, *arguments: str, **how: object
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **how)
        out, err = process.communicate(timeout=TIMEOUT)
        return subprocess.CompletedProcess(
            process.args, process.returncode, out, err
        )

    def path(self, name: str) -> Path:
        return self.directory / name

    def wait_for(self, name: str) -> str:
        """Waits until the player has written this file; returns its text."""
        self.wait_until(lambda: self.path(name).exists())
        return self.path(name).read_text()

    @staticmethod
    def wait_until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.005)

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


def next_line(process: subprocess.Popen[str]) -> str:
    """The next one of its output, which must come."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"it ended: {process.stderr and process.stderr.read()}"
    return line


@pytest.fixture
def command(tmp_path: Path):
    if not find_molotov().exists():
        pytest.fail(f"no {find_molotov()}; $MOLOTOV_PROGRAMS names its folder")
    the_command = Command(tmp_path)
    yield the_command
    the_command.end()
