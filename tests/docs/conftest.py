"""The targets of these tests; and makes their own modules importable."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))

from doc_target import ROOT, Target, running_target
from recording_proxy import RecordingProxy


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    yield from running_target()


@pytest.fixture(scope="session")
def example_com() -> Iterator[Target]:
    """Answers as example.com does, with a certificate for that name."""
    yield from running_target("--tls", "--name", "example.com")


@pytest.fixture(scope="session")
def proxy(example_com: Target) -> Iterator[str]:
    """The host and port of an HTTP proxy that leads to example.com."""
    with RecordingProxy() as made:
        made.ports[443] = int(example_com.port)
        yield f"127.0.0.1:{made.port}"


@pytest.fixture(scope="session")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of a Unix socket that is listened on."""
    path = tmp_path_factory.mktemp("socket") / "app.sock"
    with subprocess.Popen(
        [ROOT / "venv/bin/molotarget", "--unix", path],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield str(path)
        server.terminate()
