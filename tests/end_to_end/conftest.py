"""The targets of these tests; and makes their own modules importable."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))

from beside_aiohttp import answers
from commands import PROGRAMS, Molotov, tls_target


@pytest.fixture(scope="session")
def target() -> Iterator[str]:
    """The URL of a running molotarget, without a slash at its end."""
    with subprocess.Popen(
        [PROGRAMS / "molotarget", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip().rstrip("/")
        server.terminate()


@pytest.fixture(scope="session")
def tls() -> Iterator[tuple[str, Path]]:
    """The URL of one that speaks TLS, and the file of its authority."""
    with tls_target("--name", "example.com") as made:
        yield made


@pytest.fixture
def molotov(tmp_path: Path, target: str) -> Molotov:
    return Molotov(tmp_path, target)


@pytest.fixture(scope="module")
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    target: str,
) -> dict[str, tuple[str, str]]:
    """What ours and aiohttp's gave for each of the module's SAME: see
    beside_aiohttp.answers()."""
    module = request.module
    at_hand = getattr(module, "AT_HAND", "")
    return answers(
        tmp_path_factory.mktemp("both"), target, module.SAME, at_hand
    )
