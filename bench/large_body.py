"""One large body: received in pieces of which nothing is kept, or sent. Says
how long that took."""

import os
import resource
import time

from molotov import scenario

URL = os.environ["TARGET_URL"]
BYTES = int(os.environ["LARGE_BYTES"])
FILE = os.environ["LARGE_FILE"]
HOW = os.environ["LARGE_HOW"]
PIECE = bytes(64 * 1024)


async def receive(session, pieces_of):
    received = 0
    async with session.get(f"{URL}bytes/{BYTES}") as r:
        async for piece in pieces_of(r.content):
            received += len(piece)
    assert received == BYTES


async def send(session, data):
    async with session.post(f"{URL}json", data=data) as r:
        assert r.status == 200


async def pieces():
    for at in range(0, BYTES, len(PIECE)):
        yield PIECE[: BYTES - at]


async def move(session):
    match HOW:
        case "iter_chunked":
            await receive(session, lambda body: body.iter_chunked(64 * 1024))
        case "iter_any":
            await receive(session, lambda body: body.iter_any())
        case "file":
            with open(FILE, "rb") as file:
                await send(session, file)
        case "generator":
            await send(session, pieces())


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@scenario()
async def large(session):
    cpu, began = cpu_seconds(), time.monotonic()
    await move(session)
    took = time.monotonic() - began
    print(f"took {took} s, {cpu_seconds() - cpu} s of a processor")
