"""Starts the built-in target as a user does, and stops it again."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Where the programs of the environment under test are.
PROGRAMS = Path(os.environ.get("MOLOTOV_PROGRAMS", Path(sys.executable).parent))
MOLOTARGET = PROGRAMS / "molotarget"
PATIENCE = 60  # seconds; only a hang takes them


class Target:
    """A running molotarget."""

    def __init__(self, *options: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [str(MOLOTARGET), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        assert self.process.stdout is not None
        self.authority: Path | None = None
        line = self.process.stdout.readline()
        if line.startswith("authority: "):
            self.authority = Path(line.removeprefix("authority: ").rstrip())
            line = self.process.stdout.readline()
        self.url = line.rstrip("\n")

    @property
    def port(self) -> int:
        return int(self.url.rstrip("/").rpartition(":")[2])

    def end(self, signal_number: int) -> int:
        """Sends it a signal; returns its exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._path))


@pytest.fixture
def start() -> Iterator[Callable[..., Target]]:
    """Starts a target with options; it ends with the test at the latest."""
    started: list[Target] = []

    def start_one(*options: str, **environment: str) -> Target:
        started.append(Target(*options, **environment))
        return started[-1]

    yield start_one
    for target in started:
        target.stop()


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture
def fetch() -> Callable[[http.client.HTTPConnection, str], tuple[int, bytes]]:
    return get


@pytest.fixture
def unix_connection() -> type[UnixConnection]:
    return UnixConnection


@pytest.fixture
def molotarget() -> Path:
    return MOLOTARGET
