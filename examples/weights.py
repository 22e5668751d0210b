"""Three scenarios: of five runs, one is the first, one the second, three the
third."""

import asyncio
import os

from molotov import scenario
from molotov.session import ClientSession

URL = os.environ.get("TARGET_URL", "https://example.com")


@scenario(weight=20)
async def _test(session: ClientSession) -> None:
    async with session.get(URL) as resp:
        assert resp.status == 200, resp.status


@scenario(weight=20)
async def _test2(session: ClientSession) -> None:
    resp = await session.get(URL)
    text = await resp.text()
    assert text, "an empty page"


@scenario(weight=60)
async def _test3(session: ClientSession) -> None:
    async with session.get(URL) as resp:
        assert resp.status == 200, resp.status
    await asyncio.sleep(0.01)  # a user reads
