"""Large bodies, received in pieces and sent: whole, and without more memory."""

import pytest
from commands import Molotov
from scripts import run_well, scenario

MIB = 1 << 20
RECEIVED = {
    "iter_chunked": "body.iter_chunked(65536)",
    "iter_chunked, small": "body.iter_chunked(1000)",
    "iter_chunked, large": "body.iter_chunked(1000000)",
    "iter_any": "body.iter_any()",
    "iter_chunks": "(piece async for piece, _ in body.iter_chunks())",
    "readany": "until_empty(body.readany)",
    "read": "until_empty(lambda: body.read(100000))",
}
AT_HAND = """
import asyncio, random

async def until_empty(read):
    while piece := await read():
        yield piece

async def pieces(count):
    for _ in range(count):
        yield bytes(65536)

def peak_kib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmHWM"))
"""


@pytest.mark.parametrize("how", RECEIVED)
def test_is_received_whole(how: str, molotov: Molotov) -> None:
    """By a worker, and by a task beside it."""
    script = AT_HAND + scenario(f"""
        sent = random.Random(1).randbytes(3_000_001)

        async def echoed():
            async with session.post(URL + "/echo", data=sent) as r:
                body = r.content
                received = b"".join([piece async for piece in {RECEIVED[how]}])
                return received == sent and body.total_bytes == len(sent)

        print(await echoed(), await asyncio.create_task(echoed()))
    """)
    assert run_well(molotov, script) == ["True True"]


def test_a_scenario_may_leave_in_its_midst(molotov: Molotov) -> None:
    script = scenario(f"""
        for _ in range(3):
            async with session.get(URL + "/bytes/{100 * MIB}") as r:
                async for piece in r.content.iter_any():
                    break
            async with session.get(URL) as r:
                print(len(piece) > 0, r.status)
    """)
    assert run_well(molotov, script) == ["True 200"] * 3


def test_memory_is_flat(molotov: Molotov) -> None:
    """However it is received, or sent from a generator or a file."""
    script = AT_HAND + scenario(f"""
        async def receive(count, pieces_of):
            received = 0
            async with session.get(f"{{URL}}/bytes/{{count * 65536}}") as r:
                async for piece in pieces_of(r.content):
                    received += len(piece)
            assert received == count * 65536

        async def send(data):
            async with session.post(URL + "/json", data=data) as r:
                assert r.status == 200

        async def move(count):
            await receive(count, lambda body: body.iter_chunked(65536))
            await receive(count, lambda body: body.iter_any())
            await receive(count, lambda body: until_empty(body.readany))
            await send(pieces(count))
            with open("large", "wb") as file:
                file.truncate(count * 65536)
            with open("large", "rb") as file:
                await send(file)

        await move(16)
        before = peak_kib()
        await move({256 * MIB} // 65536)
        print(peak_kib() - before < 8 * 1024)
    """)
    assert run_well(molotov, script) == ["True"]
