"""The installed command, run on scripts."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

# Where the programs of the environment under test are.
PROGRAMS = Path(os.environ.get("MOLOTOV_PROGRAMS", Path(sys.executable).parent))
BANNER = "**** Molotov v3.0. Happy breaking! ****"
BYE = "*** Bye ***"
PATIENCE = 60  # seconds; only a hang takes them


@dataclass
class Result:
    """How a command ended, and what it had printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


def default_signals() -> None:
    """A command started from a test answers to Ctrl+C as in a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(folder: Path, *command: str | Path) -> Result:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        preexec_fn=default_signals,
    )
    return Result(done.returncode, done.stdout, done.stderr)


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
