"""Bodies out of files, as they are written."""

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest

from molotov.client.payload import Collected, get_payload

CONTENT = bytes(range(256)) * 4096  # of several pieces


class Held(io.BufferedRandom):
    """A file that is read only when it may be."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "r+"))
        self.may_be = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        assert self.may_be.wait(60)
        return super().read(size)


@pytest.mark.parametrize("given_up", [True, False])
def test_a_file_is_written_whole_while_another_still_writes_it(
    tmp_path: Path, given_up: bool
) -> None:
    """For a request that was answered before all of its body was read."""
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    held = Held(path)
    first, second = Collected(), Collected()

    async def write() -> None:
        payload: Any = get_payload(held)
        before = asyncio.create_task(payload.write(first))
        await asyncio.sleep(0)  # its thread reads now
        if given_up:
            before.cancel()
        again = asyncio.create_task(payload.write(second))
        await asyncio.sleep(0)
        held.may_be.set()
        await again
        await asyncio.wait([before])

    with held:
        asyncio.run(write())
    assert bytes(second.content) == CONTENT
    assert bytes(first.content) == (b"" if given_up else CONTENT)


def test_the_end_of_a_file_is_not_looked_for(tmp_path: Path) -> None:
    """The answer to all of it may be there sooner, and the file closed."""
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    counts: list[int] = []

    class Counting(io.BufferedRandom):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(size)
            counts.append(len(found))
            return found

    with Counting(io.FileIO(path, "r+")) as file:
        collected = Collected()
        payload: Any = get_payload(file)
        asyncio.run(payload.write(collected))
    assert bytes(collected.content) == CONTENT
    assert 0 not in counts
