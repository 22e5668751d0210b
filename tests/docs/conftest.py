"""The targets of these tests; and makes their own modules importable."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from doc_target import Target, running_target


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    yield from running_target()


@pytest.fixture(scope="session")
def example_com() -> Iterator[Target]:
    """Answers as example.com does, with a certificate for that name."""
    yield from running_target("--tls", "--name", "example.com")
