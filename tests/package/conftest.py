"""What the tests of the package share. They need no engine."""

from collections.abc import Iterator

import pytest

from molotov import api


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    """Each test begins, and leaves, with no scenario and no fixture."""
    api.clear()
    yield
    api.clear()
