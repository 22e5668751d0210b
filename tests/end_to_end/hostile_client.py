"""A script that meets a hostile server's ways thousands of times, and writes
down what came of it: a scenario, configured by HOSTILE in the environment."""

import asyncio
import collections
import ctypes
import gc
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import molotov
from molotov.client import WSMsgType

AT_ONCE = 50
TRIES = 3
PATIENCE = 30.0  # for what is still to be closed

Once = Callable[[], Awaitable[str]]


class AllocatorState(ctypes.Structure):
    """glibc's struct mallinfo2."""

    _fields_ = [
        ("arena", ctypes.c_size_t),
        ("ordblks", ctypes.c_size_t),
        ("smblks", ctypes.c_size_t),
        ("hblks", ctypes.c_size_t),
        ("hblkhd", ctypes.c_size_t),  # bytes that were mapped by themselves
        ("usmblks", ctypes.c_size_t),
        ("fsmblks", ctypes.c_size_t),
        ("uordblks", ctypes.c_size_t),  # bytes in use, of all others
        ("fordblks", ctypes.c_size_t),
        ("keepcost", ctypes.c_size_t),
    ]


def allocated_bytes() -> int:
    """By all of the process, but for what was freed."""
    state_of = ctypes.CDLL(None).mallinfo2
    state_of.restype = AllocatorState
    state = state_of()
    return int(state.uordblks + state.hblkhd)


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def settled(descriptors: int) -> tuple[int, int]:
    """What is allocated, and open, once no more than that is open."""
    end = time.monotonic() + PATIENCE
    while open_descriptors() > descriptors and time.monotonic() < end:
        await asyncio.sleep(0.01)
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    return allocated_bytes(), open_descriptors()


async def repeat(times: int, once: Once, seen: dict[str, int]) -> None:
    left = iter(range(times))

    async def go() -> None:
        for _ in left:
            seen[await once()] += 1

    await asyncio.gather(*(go() for _ in range(AT_ONCE)))


async def measure(
    once: Once, first: int, more: int, bound: int
) -> dict[str, Any]:
    """What came of it, and what is more after more repetitions than after the
    first ones. Some memory is taken late, once; what leaks does so each time:
    where the bound is reached, there is another try."""
    seen: dict[str, int] = collections.Counter()
    descriptors = open_descriptors()
    await repeat(first, once, seen)
    grown = []
    before, _ = await settled(descriptors)
    while not grown or (grown[-1] >= bound and len(grown) < TRIES):
        await repeat(more, once, seen)
        after, still_open = await settled(descriptors)
        grown.append(after - before)
        before = after
    return {
        "seen": seen,
        "bytes": grown,
        "descriptors": still_open - descriptors,
    }


def told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def asking(session: Any, url: str, options: dict[str, Any]) -> Once:
    async def once() -> str:
        try:
            async with session.get(url, **options) as response:
                return f"{response.status} {len(await response.read())} bytes"
        except Exception as error:
            return told(error)

    return once


def receiving(session: Any, url: str, options: dict[str, Any]) -> Once:
    within = options.pop("timeout", None)

    async def once() -> str:
        try:
            async with (
                asyncio.timeout(within),
                session.ws_connect(url, **options) as websocket,
            ):
                message = await websocket.receive()
        except Exception as error:
            return told(error)
        if message.type is WSMsgType.ERROR:
            return f"{told(message.data)} {websocket.close_code}"
        return f"{message.type.name} {message.data} {websocket.close_code}"

    return once


KINDS = {"ask": asking, "receive": receiving}


def in_turn(all_of_them: list[Once]) -> Once:
    calls = iter(range(1 << 60))

    async def once() -> str:
        return await all_of_them[next(calls) % len(all_of_them)]()

    return once


@molotov.scenario()
async def one(session: Any) -> None:
    config = json.loads(os.environ["HOSTILE"])
    results = {}
    for name, ways in config["rows"].items():
        once = in_turn(
            [KINDS[kind](session, url, opts) for kind, url, opts in ways]
        )
        results[name] = await measure(
            once, config["first"], config["more"], config["bound"]
        )
    Path(config["results"]).write_text(json.dumps(results))
