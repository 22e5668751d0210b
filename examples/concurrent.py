"""A scenario that asks for several things at once, as a browser does."""

import asyncio
import os

from molotov import scenario
from molotov.session import ClientSession

URL = os.environ.get("TARGET_URL", "https://example.com")


@scenario()
async def _page_with_its_parts(session: ClientSession) -> None:
    async def get() -> int:
        async with session.get(URL) as resp:
            assert resp.status == 200, resp.status
            return len(await resp.read())

    async with asyncio.timeout(10):
        sizes = await asyncio.gather(*(get() for _ in range(4)))
    assert min(sizes) == max(sizes), sizes
