"""The event ``current_workers``, of the process that watches over workers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from molotov.listeners import EventSender

if TYPE_CHECKING:
    from molotov._engine import Board

PERIOD = 1.0  # seconds


@contextmanager
def workers_told(
    loop: asyncio.AbstractEventLoop, events: EventSender, board: "Board"
) -> Iterator[None]:
    """Tells listeners at once that nobody works yet, and from then on, about
    once a second while the loop runs, how many do."""
    if not events:
        yield
        return
    telling = loop.create_task(_tell_workers(events, board))
    try:
        loop.call_soon(loop.stop)  # after the task's first step
        loop.run_forever()
        yield
    finally:
        if telling.done() and not telling.cancelled():
            telling.exception()  # has left the loop already
        telling.cancel()


async def _tell_workers(events: EventSender, board: "Board") -> None:
    workers = 0
    while True:
        await events.send_event("current_workers", workers=workers)
        await asyncio.sleep(PERIOD)
        workers = board.workers_running
