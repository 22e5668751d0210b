"""A payload of a file that is read by more than one writer."""

import asyncio
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from molotov.client.payload import Collected, FilePayload, get_payload

PATIENCE = 60  # seconds; only a hang takes them
LARGE = bytes(range(251)) * 4000


class Held(io.FileIO):
    """Its first reader waits until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if not self.entered.is_set():
            self.entered.set()
            assert self.let_go.wait(PATIENCE)
        return super().read(-1 if size is None else size)


def test_a_thread_that_still_reads_takes_nothing_away(tmp_path: Path) -> None:
    """That of a writer which was cut short."""
    (tmp_path / "file").write_bytes(LARGE)

    async def play() -> bytes:
        payload = get_payload(file)
        cut_short = asyncio.create_task(payload.write(Collected()))
        await asyncio.to_thread(file.entered.wait, PATIENCE)
        cut_short.cancel()
        again = asyncio.create_task(payload.as_bytes())
        for _ in range(5):  # so that it begins
            await asyncio.sleep(0)
        file.let_go.set()
        whole: bytes = await again
        return whole

    with Held(tmp_path / "file") as file:
        file.seek(3)
        assert asyncio.run(play()) == LARGE[3:]


class InTurn(Collected):
    """Writers of which each waits after each piece until another has had
    one."""

    def __init__(self, turn: asyncio.Condition) -> None:
        super().__init__()
        self.turn = turn
        self.others: list[InTurn] = []

    async def write(self, chunk: bytes, /) -> None:
        await super().write(chunk)
        async with self.turn:
            self.turn.notify_all()
            await self.turn.wait_for(
                lambda: all(
                    len(other.content) >= len(self.content)
                    for other in self.others
                )
            )


def opened_to_be_read(path: Path) -> IO[Any]:
    return path.open("rb")


def opened_for_update(path: Path) -> IO[Any]:
    return path.open("r+b")


def opened_as_text(path: Path) -> IO[Any]:
    return path.open("r", encoding="utf-8", newline="")


def in_memory(path: Path) -> IO[Any]:
    return io.BytesIO(path.read_bytes())


@pytest.mark.parametrize(
    "opened", [opened_to_be_read, opened_for_update, opened_as_text, in_memory]
)
def test_writers_take_nothing_from_each_other(
    tmp_path: Path, opened: Callable[[Path], IO[Any]]
) -> None:
    content = ("é" * 700_000).encode()
    (tmp_path / "file").write_bytes(content)

    async def play() -> list[bytearray]:
        payload = get_payload(file)
        turn = asyncio.Condition()
        writers = [InTurn(turn), InTurn(turn)]
        for writer in writers:
            writer.others = writers
        await asyncio.wait_for(
            asyncio.gather(*(payload.write(writer) for writer in writers)),
            PATIENCE,
        )
        return [writer.content for writer in writers]

    with opened(tmp_path / "file") as file:
        assert asyncio.run(play()) == [content, content]


def test_what_cannot_be_rewound_is_read_once() -> None:
    out, into = os.pipe()
    os.write(into, b"content")
    os.close(into)

    async def play() -> tuple[bytes, bytes]:
        payload = FilePayload(file)
        assert not payload.rewinds()
        return await payload.as_bytes(), await payload.as_bytes()

    with open(out, "rb") as file:
        assert asyncio.run(play()) == (b"content", b"")
